package portstest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/calibration"
	"github.com/journey-os/journey-api/core/irt"
	"github.com/journey-os/journey-api/core/mastery"
)

// RunEventsSuite tests what happens to a run in each status at each event. open is as for CalibrationSuite.
func RunEventsSuite(t *testing.T, open func(t *testing.T) CalibrationStore) {
	const queued, running, completed, failed, cancelled = calibration.StatusQueued, calibration.StatusRunning,
		calibration.StatusCompleted, calibration.StatusFailed, calibration.StatusCancelled
	// after is the status once the event is over, and end that after another copy has taken up what there was left.
	type outcome struct{ after, end calibration.Status }
	table := map[string]map[calibration.Status]outcome{
		"cancel": {
			queued: {cancelled, cancelled}, running: {cancelled, cancelled},
			completed: {completed, completed}, failed: {failed, failed}, cancelled: {cancelled, cancelled},
		},
		"kill": {
			queued: {queued, completed}, running: {running, completed},
			completed: {completed, completed}, failed: {failed, failed}, cancelled: {cancelled, cancelled},
		},
		"SIGTERM": {
			queued: {queued, completed}, running: {queued, completed},
			completed: {completed, completed}, failed: {failed, failed}, cancelled: {cancelled, cancelled},
		},
		"database away": {
			queued: {queued, completed}, running: {completed, completed},
			completed: {completed, completed}, failed: {failed, failed}, cancelled: {cancelled, cancelled},
		},
		"second start": {
			queued: {queued, completed}, running: {running, completed},
			completed: {completed, completed}, failed: {failed, failed}, cancelled: {cancelled, cancelled},
		},
	}
	for event, row := range table {
		for status, want := range row {
			t.Run(event+", "+string(status), func(t *testing.T) {
				t.Parallel()
				w := newRunFixture(t, open(t))
				w.bringTo(t, status)
				w.trigger(t, event, status)
				if after := w.status(t); after != want.after {
					t.Errorf("after the event the run is %s, want %s", after, want.after)
				}
				other := w.copy(false)
				must(t, other.Compute(t.Context(), w.run.ID))
				if end := w.status(t); end != want.end {
					t.Errorf("in the end the run is %s, want %s", end, want.end)
				}
				w.resumeKilled()
				w.checkConsistent(t, want.end)
			})
		}
	}
}

// runFixture is a run on a store with answers, and the copy that computes it.
type runFixture struct {
	store *flakyStore
	now   time.Time
	ids   atomic.Int64
	first *calibration.Service
	run   calibration.Run

	// kill ends the first copy at once, stop as SIGTERM does.
	stop    context.CancelFunc
	working sync.WaitGroup
	worked  error
}

func newRunFixture(t *testing.T, store CalibrationStore) *runFixture {
	t.Helper()
	w := &runFixture{store: newFlakyStore(store), now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), stop: func() {}}
	answerSome(t, store, "s", 24)
	w.first = w.copy(true)
	t.Cleanup(w.resumeKilled)
	return w
}

// answerSome has students answer six items.
func answerSome(t *testing.T, store CalibrationStore, prefix string, students int) {
	t.Helper()
	for s := range students {
		record := core.Record{StudentID: fmt.Sprint(prefix, s), InstitutionID: fmt.Sprint("inst-", s%2)}
		change := mastery.Change{Student: &record}
		for i := range 6 {
			at := time.Date(2025, 11, 3, 9, i, 0, 0, time.UTC)
			change.Attempts = append(change.Attempts, mastery.Attempt{
				ID: fmt.Sprintf("0198c5a4-6f2e-7c3b-9d1c-%06d%06d", s, i), StudentID: record.StudentID, ConceptID: "renal",
				GradedBy: mastery.GradedByCaller, RecordedBy: record.StudentID, RecordedAt: at, Shown: mastery.Shown{Trend: "stable", Sync: mastery.SyncOff},
				Position: mastery.Position{At: at, ItemID: fmt.Sprint("i", i), Correct: (s*7+i*11)%(3+i) > 0},
			})
		}
		must(t, store.Revise(t.Context(), mastery.Revision{StudentID: record.StudentID}, func(mastery.StudentData) (mastery.Change, error) {
			return change, nil
		}))
	}
}

// copy is one copy of the service. The answers that a slow one reads come when the gate opens.
func (w *runFixture) copy(slow bool) *calibration.Service {
	store := &flakyStore{CalibrationStore: w.store.CalibrationStore, away: w.store.away, reading: make(chan struct{}), gate: make(chan struct{}), missed: make(chan struct{})}
	if slow {
		w.store = store
	} else {
		store.open()
	}
	return calibration.New(calibration.Config{
		Now:     func() time.Time { return w.now },
		NewID:   func() string { return fmt.Sprintf("0198c5a4-6f2e-7c3b-9d1d-%012d", w.ids.Add(1)) },
		Memory:  512 << 20,
		Workers: 1,
		Archive: func(calibration.Archived) ([]byte, error) { return []byte("report"), nil },
	}, calibration.Stores{
		Runs: store, Queue: store, Ends: store, Results: store, Scale: store, Responses: store, Records: store,
		Jobs: idleQueue{}, InForce: calibration.NewInForce(store, time.Now),
	})
}

// settings are those of a run for which the fixture's answers are enough.
func (w *runFixture) settings(minimum int) calibration.Settings {
	settings := calibration.DefaultSettings()
	settings.Model, settings.MinResponses = irt.Model2PL, minimum
	return settings
}

// bringTo gives the run a status.
func (w *runFixture) bringTo(t *testing.T, status calibration.Status) {
	t.Helper()
	minimum := 20
	if status == calibration.StatusFailed {
		minimum = 1000
	}
	var err error
	w.run, err = w.first.Start(t.Context(), w.settings(minimum), "sam")
	must(t, err)
	switch status {
	case calibration.StatusRunning:
		w.compute(t)
		<-w.store.reading
	case calibration.StatusCompleted, calibration.StatusFailed:
		must(t, w.copy(false).Compute(t.Context(), w.run.ID))
	case calibration.StatusCancelled:
		_, err = w.first.Cancel(t.Context(), w.run.ID)
		must(t, err)
	}
	if got := w.status(t); got != status {
		t.Fatalf("the run is %s, not %s", got, status)
	}
}

// compute makes the first copy begin the run.
func (w *runFixture) compute(t *testing.T) {
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	w.stop = stop
	w.working.Go(func() { w.worked = w.first.Compute(ctx, w.run.ID) })
}

func (w *runFixture) status(t *testing.T) calibration.Status {
	t.Helper()
	run, err := w.store.Run(t.Context(), w.run.ID)
	must(t, err)
	return run.Status
}

// trigger makes the event happen to the run.
func (w *runFixture) trigger(t *testing.T, event string, status calibration.Status) {
	t.Helper()
	switch event {
	case "cancel":
		cancelled, err := w.first.Cancel(t.Context(), w.run.ID)
		refused := status == calibration.StatusCompleted || status == calibration.StatusFailed
		if refused && core.CodeOf(err) != core.CodeConflict || !refused && (err != nil || cancelled.Status != calibration.StatusCancelled) {
			t.Errorf("cancelling gave %+v, %v", cancelled, err)
		}
		// The copy that computes finds out by itself.
		w.working.Wait()
		if w.worked != nil {
			t.Errorf("its computation ended with %v", w.worked)
		}
	case "kill": // the first copy says nothing any more, whatever it was doing
	case "SIGTERM":
		w.stop()
		w.working.Wait()
		if status == calibration.StatusRunning && !errors.Is(w.worked, context.Canceled) {
			t.Errorf("its computation ended with %v", w.worked)
		}
	case "database away":
		w.databaseAway(t, status)
	case "second start":
		second, err := w.copy(false).Start(t.Context(), w.settings(20), "kim")
		switch {
		case !status.Ended() && (core.CodeOf(err) != core.CodeCalibrationInProgress || core.AsError(err).Details["run_id"] != w.run.ID):
			t.Errorf("the second start gave %+v, %v", second, err)
		case status.Ended():
			must(t, err)
		}
	}
}

// databaseAway makes the database fail for a moment.
func (w *runFixture) databaseAway(t *testing.T, status calibration.Status) {
	t.Helper()
	w.store.away.Store(true)
	if status == calibration.StatusRunning {
		w.store.open() // it computes on, and can't keep the result
		<-w.store.missed
		w.store.away.Store(false)
		w.working.Wait()
		must(t, w.worked)
		return
	}
	if err := w.copy(false).Compute(t.Context(), w.run.ID); core.CodeOf(err) != core.CodeUnavailable {
		t.Errorf("without a database the computation gave %v", err)
	}
	w.store.away.Store(false)
}

// resumeKilled lets a killed copy continue, as one that only hung would.
func (w *runFixture) resumeKilled() {
	w.store.open()
	w.working.Wait()
	w.stop()
}

// checkConsistent reports what is inconsistent with the end of the run: only a completed run has parameters, and they
// are in force.
func (w *runFixture) checkConsistent(t *testing.T, end calibration.Status) {
	t.Helper()
	if got := w.status(t); got != end {
		t.Errorf("the copy that was gone made it %s, not %s", got, end)
	}
	items, _, err := w.store.RunItems(t.Context(), bank.Everywhere(), w.run.ID)
	must(t, err)
	scale, err := w.store.Scale(t.Context())
	must(t, err)
	want := 0
	if end == calibration.StatusCompleted {
		want = 5 // one is always right
	}
	if len(items) != want || len(scale.Items) != want {
		t.Errorf("there are parameters of %d items, %d in force; want %d", len(items), len(scale.Items), want)
	}
}
