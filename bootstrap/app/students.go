package app

import (
	"context"

	"github.com/journey-os/journey-api/adapters/config"
	routes "github.com/journey-os/journey-api/adapters/httpapi/students"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/students"
)

// studentsEngine exports and deletes records.
func studentsEngine(r Resources) Engine {
	service := students.New(r.Store, students.Config{
		SyncGraph: r.Settings.Mastery.Graph == config.GraphNeo4j,
		Deleted: func(ctx context.Context, record core.Record) {
			caller, _ := core.CallerFrom(ctx)
			r.Log.InfoContext(ctx, "record deleted", "correlation_id", string(core.CorrelationIDFrom(ctx)),
				"student_id", record.StudentID, "institution_id", record.InstitutionID, "by", caller.Subject)
			if r.graph != nil {
				r.graph.Wake()
			}
		},
	})
	return Engine{Name: "students", Routes: routes.Routes(service)}
}
