package app

import (
	"context"
	"runtime"
	"time"

	routes "github.com/journey-os/journey-api/adapters/httpapi/calibration"
	"github.com/journey-os/journey-api/adapters/metrics"
	"github.com/journey-os/journey-api/adapters/report"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/calibration"
	"github.com/journey-os/journey-api/core/jobs"
)

// calibrationAttempts is how often the job of a run is tried; the run itself fails if it was begun too often.
const calibrationAttempts = 10

// calibrationEngine calibrates items, and shows their parameters and students' abilities.
func calibrationEngine(r Resources) Engine {
	service := Calibration(r)
	return Engine{
		Name: "calibration", Routes: routes.Routes(service),
		Jobs: []jobs.Kind{
			{
				Name: calibration.JobRun, Timeout: calibration.RunTimeout, Attempts: calibrationAttempts, EnqueueOnly: !r.Settings.Calibration.Enabled,
				Run: func(ctx context.Context, job jobs.Job) error { return service.Compute(ctx, job.Key) },
			},
			{
				Name: calibration.JobCheck, Timeout: calibration.CheckEvery, Every: calibration.CheckEvery, Attempts: 1,
				Run: func(ctx context.Context, _ jobs.Job) error { return service.Check(ctx) },
			},
		},
		Figures: func() []metrics.Figure { return calibrationFigures(service, r.InForce) },
		Notes:   func() []string { return calibrationNotes(r.Settings.Calibration.Enabled) },
	}
}

// Calibration returns the use case on a store.
func Calibration(r Resources) *calibration.Service {
	settings := r.Settings.Calibration
	return calibration.New(calibration.Config{
		Now: time.Now, NewID: newID, Every: settings.Every, Memory: settings.Memory,
		Workers: max(1, runtime.GOMAXPROCS(0)/2), // requests have the other half
		Drift:   r.Settings.Practice.Drift,
		Archive: func(a calibration.Archived) ([]byte, error) {
			return report.Calibration{
				Source: "run " + a.RunID, At: a.At, Elapsed: a.Elapsed,
				People: a.People, Items: a.Items, Responses: a.Responses, Settings: a.Settings, Result: a.Result,
			}.Archive()
		},
		Began: func(ctx context.Context, run calibration.Run) {
			r.Log.InfoContext(ctx, "calibration began", "run_id", run.ID, "start", run.Starts)
		},
		Ended: func(ctx context.Context, runID string, how calibration.Ending, cause error) {
			pairs := []any{"correlation_id", string(core.CorrelationIDFrom(ctx)), "run_id", runID, "how", string(how)}
			if cause != nil {
				r.Log.ErrorContext(ctx, "calibration ended", append(pairs, "error", cause.Error())...)
				return
			}
			r.Log.InfoContext(ctx, "calibration ended", pairs...)
		},
		Restored: func(ctx context.Context, runID string) {
			r.Log.InfoContext(ctx, "calibration restored", "correlation_id", string(core.CorrelationIDFrom(ctx)), "run_id", runID)
		},
	}, calibration.Stores{
		Runs: r.Store, Queue: r.Store, Ends: r.Store, Results: r.Store, Scale: r.Store, Responses: r.Store, Records: r.Store,
		Jobs: r.Jobs, InForce: r.InForce,
	})
}

func calibrationFigures(service *calibration.Service, inForce *calibration.InForce) []metrics.Figure {
	var figures []metrics.Figure
	for _, how := range calibration.Endings() {
		figures = append(figures, metrics.Figure{
			Name: "calibration_runs_total", Help: "Calibrations that this copy worked on or cancelled, by how that ended.", IsCounter: true,
			Labels: map[string]string{"end": string(how)}, Value: float64(service.EndingCount(how)),
		})
	}
	items := 0
	if scale := inForce.Cached(); scale != nil {
		items = len(scale.Items)
	}
	return append(figures, metrics.Figure{
		Name: "calibration_items_in_force", Help: "Items with parameters in force, when this copy looked last.", Value: float64(items),
	}, metrics.Figure{
		Name: "calibration_last_seconds", Help: "How long the last calibration that this copy completed took; 0 before the first.",
		Value: service.LastRunDuration().Seconds(),
	})
}

// calibrationNotes returns a note if this copy computes no run.
func calibrationNotes(enabled bool) []string {
	if enabled {
		return nil
	}
	return []string{"CALIBRATION is off: this copy queues the calibrations that it is asked for, and leaves them to others."}
}
