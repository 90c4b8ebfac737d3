package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	routes "github.com/journey-os/journey-api/adapters/httpapi/mastery"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/mastery"
)

// masteryEngine records answers and tells what students know.
func masteryEngine(r Resources) Engine {
	service := mastery.New(mastery.Config{
		Mastered: r.Settings.Mastery.Mastered,
		OpenBank: r.Settings.Mastery.OpenBank,
		Now:      time.Now,
		NewID:    newID,
		StudentMoved: func(ctx context.Context, studentID, from, to string) {
			r.Log.InfoContext(ctx, "student moved", "correlation_id", string(core.CorrelationIDFrom(ctx)),
				"student_id", studentID, "from_institution_id", from, "to_institution_id", to)
		},
	}, mastery.Stores{Recorder: r.Store, Reader: r.Store})
	return Engine{Name: "mastery", Routes: routes.Routes(service, r.Store)}
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }
