package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/adapters/httpapi"
	routes "github.com/journey-os/journey-api/adapters/httpapi/mastery"
	practiceroutes "github.com/journey-os/journey-api/adapters/httpapi/practice"
	"github.com/journey-os/journey-api/adapters/metrics"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/jobs"
	"github.com/journey-os/journey-api/core/mastery"
)

// masteryEngine records answers and shows students' mastery. An answer may belong to a practice session.
func masteryEngine(r Resources, practising *practising) Engine {
	service := Mastery(r)
	engine := Engine{Name: "mastery", Jobs: []jobs.Kind{service.RecomputeKind()}, Routes: func(registry *httpapi.Registry) {
		practiceroutes.Failures()(registry)
		routes.Routes(service, practising.service, r.Store, practiceroutes.Codes()...)(registry)
	}}
	engine.Figures = func() []metrics.Figure {
		figures := r.answers.figures()
		if r.commits != nil {
			figures = append(figures, r.commits().figures()...)
		}
		if r.graph != nil {
			figures = append(figures, r.graph.figures()...)
		}
		return figures
	}
	if graph := r.graph; graph != nil {
		engine.Jobs = append(engine.Jobs, graph.Kind())
		engine.Tasks = append(engine.Tasks, Task{Name: "graph", Run: graph.Run}, Task{Name: "lag of the graph", Run: graph.measure})
		engine.Notes = graph.notes
	}
	return engine
}

// Mastery returns the use case on a store.
func Mastery(r Resources) *mastery.Service {
	var changed func() // without it, as in commands, the graph follows within a minute
	if r.graph != nil {
		changed = r.graph.Wake
	}
	var answered func(mastery.Recorded)
	if r.answers != nil {
		answered = r.answers.add
	}
	return mastery.New(mastery.Config{
		Jobs: r.Jobs, StatesComputed: func(ctx context.Context, conceptID string, done, left int) {
			r.Log.InfoContext(ctx, "states computed again", "concept_id", conceptID, "states", done, "left", left)
		},
		Answered:  answered,
		SyncGraph: r.Settings.Mastery.Graph == config.GraphNeo4j, Changed: changed,
		Mastered:     r.Settings.Mastery.Mastered,
		OpenBank:     r.Settings.Mastery.OpenBank,
		Now:          time.Now,
		NewID:        newID,
		StudentMoved: r.studentMoved,
		ParametersReplaced: func(ctx context.Context, conceptID string, from, to int) {
			r.Log.InfoContext(ctx, "parameters replaced", "correlation_id", string(core.CorrelationIDFrom(ctx)),
				"concept_id", conceptID, "from_version", from, "to_version", to)
		},
		StatesOutdated: func(ctx context.Context, conceptID string, cause error) {
			r.Log.WarnContext(ctx, "states are of older parameters", "correlation_id", string(core.CorrelationIDFrom(ctx)),
				"concept_id", conceptID, "cause", cause.Error())
		},
	}, mastery.Stores{Recorder: r.Store, Reader: r.Store, Parameters: r.Store, Answers: r.Store})
}

// studentMoved logs that a student's own token names another institution than before.
func (r Resources) studentMoved(ctx context.Context, studentID, from, to string) {
	r.Log.InfoContext(ctx, "student moved", "correlation_id", string(core.CorrelationIDFrom(ctx)),
		"student_id", studentID, "from_institution_id", from, "to_institution_id", to)
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }
