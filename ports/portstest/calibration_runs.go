package portstest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/calibration"
	"github.com/journey-os/journey-api/core/irt"
)

func runComesBack(t *testing.T, l *calibrationFixture) {
	asked := calibration.Run{
		ID: "0198c5a4-6f2e-7c3b-9d1a-00000000000a", Status: calibration.StatusQueued, AskedBy: "sam", AskedAt: l.at,
		Settings: calibration.Settings{Items: []string{"b", "a~1"}, Model: irt.Model2PL, MinResponses: 7, MaxIterations: 3, Threshold: .25},
	}
	must(t, l.AddRun(t.Context(), asked, time.Time{}))
	found, err := l.Run(t.Context(), asked.ID)
	must(t, err)
	same(t, "the run", found, &asked)
	if _, err = l.EndRun(t.Context(), calibration.RunEnd{RunID: asked.ID, Status: calibration.StatusCancelled, At: l.at}); err != nil {
		t.Fatal(err)
	}
	newer := l.ask(t)
	runs, total, err := l.Runs(t.Context(), bank.Page{Limit: 1})
	must(t, err)
	same(t, "the newest", runs, []calibration.Run{newer})
	if older, _, err := l.Runs(t.Context(), bank.Page{Limit: 5, Offset: 1}); err != nil || len(older) != 1 || older[0].ID != asked.ID || total != 2 {
		t.Errorf("the other is %+v of %d, %v", older, total, err)
	}
	for _, id := range []string{"", "none", "0198c5a4-6f2e-7c3b-9d1a-000000000fff"} {
		if none, err := l.Run(t.Context(), id); none != nil || err != nil {
			t.Errorf("run %q is %+v, %v", id, none, err)
		}
	}
}

func oneActiveRun(t *testing.T, l *calibrationFixture) {
	var (
		wait    sync.WaitGroup
		mu      sync.Mutex
		added   string
		refused []*core.Error
	)
	for i := range 8 {
		wait.Go(func() {
			id := fmt.Sprintf("0198c5a4-6f2e-7c3b-9d1b-%012d", i)
			err := l.AddRun(t.Context(), calibration.Run{ID: id, Settings: calibration.DefaultSettings(), AskedAt: l.at}, time.Time{})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				added += id
				return
			}
			refused = append(refused, core.AsError(err))
		})
	}
	wait.Wait()
	if len(refused) != 7 {
		t.Errorf("%d were refused", len(refused))
	}
	for _, err := range refused {
		if err.Code != core.CodeCalibrationInProgress || err.Details["run_id"] != added {
			t.Errorf("refused by %+v, the run is %s", err, added)
		}
	}
}

func scheduleAsksOnce(t *testing.T, l *calibrationFixture) {
	ask := func(id string, at, unlessSince time.Time) error {
		return l.AddRun(t.Context(), calibration.Run{ID: id, Settings: calibration.DefaultSettings(), AskedAt: at}, unlessSince)
	}
	must(t, ask("first", l.at, l.at.Add(-time.Hour)))
	pulse, err := l.RunQueueState(t.Context())
	must(t, err)
	same(t, "the pulse", pulse, calibration.QueueState{
		Active: "first", Status: calibration.StatusQueued, AskedAt: l.at, Scheduled: l.at,
	})
	if ended, err := l.EndRun(t.Context(), calibration.RunEnd{RunID: "first", Status: calibration.StatusCancelled, At: l.at}); !ended || err != nil {
		t.Fatal(ended, err)
	}
	if err := ask("second", l.at.Add(time.Second), l.at.Add(-time.Hour)); !errors.Is(err, calibration.ErrNotDue) {
		t.Errorf("asked again within the hour: %v", err)
	}
	must(t, ask("second", l.at.Add(2*time.Hour), l.at.Add(time.Hour)))
}

func claimed(t *testing.T, l *calibrationFixture) {
	if none := l.claim(t, "none", "w"); none != nil {
		t.Fatalf("claimed %+v", none)
	}
	run := l.ask(t)
	found := l.claim(t, run.ID, "w")
	run.Status, run.StartedAt, run.Starts = calibration.StatusRunning, l.at, 1
	same(t, "the claimed run", found, &run)
	progress := irt.Progress{Stage: irt.StageDensity, Iteration: 12, MaxChange: .01, LogLikelihood: -1234.5}
	if held, err := l.HeartbeatRun(t.Context(), run.ID, "w", progress); !held || err != nil {
		t.Error(held, err)
	}
	if held, err := l.HeartbeatRun(t.Context(), run.ID, "somebody", irt.Progress{}); held || err != nil {
		t.Error("somebody else's beat counts", err)
	}
	run.Progress = progress
	found, err := l.Run(t.Context(), run.ID)
	must(t, err)
	same(t, "the run", found, &run)
}

func takenUpAgain(t *testing.T, l *calibrationFixture) {
	run := l.ask(t)
	l.claim(t, run.ID, "gone")
	again := l.claim(t, run.ID, "w")
	if again == nil || again.Starts != 2 {
		t.Fatalf("taken up again: %+v", again)
	}
	if held, err := l.HeartbeatRun(t.Context(), run.ID, "gone", irt.Progress{}); held || err != nil {
		t.Error("the one who was gone holds it still", err)
	}
	if ended, err := l.EndRun(t.Context(), calibration.RunEnd{RunID: run.ID, Worker: "gone", Status: calibration.StatusFailed, At: l.at}); ended || err != nil {
		t.Error("the one who was gone ended it", err)
	}
	err := l.CompleteRun(t.Context(), calibration.Completion{RunID: run.ID, Worker: "gone", At: l.at})
	if !errors.Is(err, calibration.ErrLost) {
		t.Errorf("the one who was gone completes it: %v", err)
	}
}

func cancelledIsNobodys(t *testing.T, l *calibrationFixture) {
	run := l.ask(t)
	l.claim(t, run.ID, "w")
	end := calibration.RunEnd{RunID: run.ID, Status: calibration.StatusCancelled, At: l.at}
	if ended, err := l.EndRun(t.Context(), end); !ended || err != nil {
		t.Fatal(ended, err)
	}
	if ended, err := l.EndRun(t.Context(), end); ended || err != nil {
		t.Error("it ended twice", err)
	}
	if held, err := l.HeartbeatRun(t.Context(), run.ID, "w", irt.Progress{}); held || err != nil {
		t.Error("its worker holds it still", err)
	}
	if err := l.CompleteRun(t.Context(), calibration.Completion{RunID: run.ID, Worker: "w", At: l.at}); !errors.Is(err, calibration.ErrLost) {
		t.Errorf("its worker completes it: %v", err)
	}
	found, err := l.Run(t.Context(), run.ID)
	must(t, err)
	if found.Status != calibration.StatusCancelled || !found.EndedAt.Equal(l.at) || found.Failure != nil {
		t.Errorf("the run is %+v", found)
	}
	if again := l.claim(t, run.ID, "other"); again != nil {
		t.Errorf("it was claimed again: %+v", again)
	}
	l.ask(t)
}

func failedSaysWhy(t *testing.T, l *calibrationFixture) {
	run := l.ask(t)
	l.claim(t, run.ID, "w")
	why := calibration.Failure{Code: core.CodeInsufficientData, Message: "No item has enough"}
	if ended, err := l.EndRun(t.Context(), calibration.RunEnd{RunID: run.ID, Worker: "w", Status: calibration.StatusFailed, Failure: &why, At: l.at}); !ended || err != nil {
		t.Fatal(ended, err)
	}
	found, err := l.Run(t.Context(), run.ID)
	must(t, err)
	if found.Status != calibration.StatusFailed || found.Failure == nil || *found.Failure != why {
		t.Errorf("the run is %+v", found)
	}
}

func handedBack(t *testing.T, l *calibrationFixture) {
	run := l.ask(t)
	l.claim(t, run.ID, "w")
	if ended, err := l.EndRun(t.Context(), calibration.RunEnd{RunID: run.ID, Worker: "w", Status: calibration.StatusQueued, At: l.at}); !ended || err != nil {
		t.Fatal(ended, err)
	}
	found, err := l.Run(t.Context(), run.ID)
	must(t, err)
	same(t, "the run", *found, run)
	if again := l.claim(t, run.ID, "other"); again == nil || again.Starts != 1 {
		t.Errorf("taken up again: %+v", again)
	}
}
