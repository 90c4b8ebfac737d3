package app_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/journey-os/journey-api/adapters/sqlitedb"
	"github.com/journey-os/journey-api/bootstrap/app"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/bkt"
	"github.com/journey-os/journey-api/core/calibration"
	"github.com/journey-os/journey-api/core/irt"
	"github.com/journey-os/journey-api/core/jobs"
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/internal/testkit/apitest"
	"github.com/journey-os/journey-api/internal/testkit/environment"
)

// resources are what the engines of the matrix work with: the embedded store, which has what each engine needs, with the
// records that apitest asks about.
func resources(t *testing.T) app.Resources {
	t.Helper()
	store, err := sqlitedb.Open(t.Context(), sqlitedb.Config{Path: filepath.Join(t.TempDir(), "journey.db"), Serve: true, Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	err = store.Put(t.Context(), bank.Rows{
		Concepts: []bank.Concept{{ID: "anion-gap", Name: "Anion gap", Weight: 1}},
		Items:    []bank.Item{{ID: "anion-gap-01", ConceptID: "anion-gap", Key: "B", Options: []bank.Option{{Key: "A"}, {Key: "B"}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	addRecords(t, store)
	addCalibrated(t, store)
	return app.Resources{
		Settings: environment.Load(t, nil).Settings, Log: slog.New(slog.DiscardHandler), Store: store,
		InForce: calibration.NewInForce(store, time.Now),
	}
}

// addRecords adds the records that apitest asks about, those that are not there.
func addRecords(t *testing.T, store app.Store) {
	t.Helper()
	for _, record := range []core.Record{apitest.OwnRecord, apitest.NeighbourRecord, apitest.StrangerRecord} {
		err := store.Revise(t.Context(), mastery.Revision{StudentID: record.StudentID}, func(held mastery.StudentData) (mastery.Change, error) {
			if held.Student != nil {
				return mastery.Change{}, nil
			}
			return mastery.Change{Student: &record, Attempts: twoAnswers(record.StudentID)}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// completedRun is a calibration that is in force.
const completedRun = "0198c5a4-6f2e-7c3b-9d1a-000000000001"

// addCalibrated adds a calibration, and answers enough for another one.
func addCalibrated(t *testing.T, store *sqlitedb.Store) {
	t.Helper()
	run := calibration.Run{ID: completedRun, Settings: calibration.DefaultSettings(), AskedBy: "sam", AskedAt: time.Now()}
	err := store.AddRun(t.Context(), run, time.Time{})
	if err == nil {
		_, err = store.ClaimRun(t.Context(), run.ID, "w", time.Now())
	}
	if err == nil {
		err = store.CompleteRun(t.Context(), calibration.Completion{
			RunID: run.ID, Worker: "w", At: time.Now(), Report: []byte("none"), Items: []irt.Item{{ID: "anion-gap-01", Params: irt.Params{A: 1}}},
			Outcome: calibration.Outcome{Calibrated: 1, Density: irt.DensityNormal, Decision: calibration.Decision{Applied: true, CoversAll: true}},
		})
	}
	for student := range 60 {
		record := core.Record{StudentID: fmt.Sprintf("s%d", student), InstitutionID: "other"}
		attempts := twoAnswers(record.StudentID)[:1]
		attempts[0].Correct = student%3 > 0
		if err == nil {
			err = store.Revise(t.Context(), mastery.Revision{StudentID: record.StudentID}, func(mastery.StudentData) (mastery.Change, error) {
				return mastery.Change{Student: &record, Attempts: attempts}, nil
			})
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// atOnce is a queue that does each job when it comes.
type atOnce map[string]jobs.Kind

func (a atOnce) Enqueue(ctx context.Context, kind, key string) (bool, error) {
	return true, a[kind].Run(context.WithoutCancel(ctx), jobs.Job{Key: key, Attempt: 1})
}

func (atOnce) Cancel(context.Context, string, string) error { return nil }

// twoAnswers are enough of each student for a fit.
func twoAnswers(studentID string) []mastery.Attempt {
	attempts := make([]mastery.Attempt, 2)
	for i := range attempts {
		attempts[i] = mastery.Attempt{
			ID: fmt.Sprint(studentID, "-", i), StudentID: studentID, ConceptID: "anion-gap",
			GradedBy: mastery.GradedByService, RecordedBy: studentID, Shown: mastery.Shown{Trend: bkt.TrendStable, Sync: mastery.SyncOff},
			Position: mastery.Position{At: time.Date(2025, 11, i+1, 0, 0, 0, 0, time.UTC), ItemID: "anion-gap-01", Correct: i > 0},
		}
	}
	return attempts
}

// The role matrix of the service: every route of every engine in the one list, for every kind of caller. Those that are
// for anyone are in the matrix of httpapi. A person reads
// the golden file; nobody computes it.
func TestRoleMatrix(t *testing.T) {
	t.Parallel()
	parts, queue := resources(t), atOnce{}
	parts.Jobs = queue
	sessions := &sessionsOf{t: t, store: parts.Store, ids: map[core.Record]string{}}
	api := apitest.Start(t, func(o *apitest.Options) {
		for _, engine := range app.Engines(parts) {
			for _, kind := range engine.Jobs {
				queue[kind.Name] = kind
			}
			if engine.Routes != nil {
				o.Engines = append(o.Engines, engine.Routes)
			}
		}
	})
	apitest.Golden(t, "role_matrix.golden", api.RoleMatrix(apitest.RoleMatrix{
		Under: "/api/", Reset: func() { addRecords(t, parts.Store) }, Parameters: func(record core.Record) map[string]string {
			values := sessions.parameters(record)
			values["run_id"] = completedRun
			return values
		},
	}))
}
