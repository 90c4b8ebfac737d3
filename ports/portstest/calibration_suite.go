package portstest

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/calibration"
	"github.com/journey-os/journey-api/core/irt"
	"github.com/journey-os/journey-api/ports"
)

// CalibrationStore is what a store of calibrations implements.
type CalibrationStore interface {
	ports.RunStore
	ports.RunQueue
	ports.RunEnds
	ports.ResultStore
	ports.ScaleStore
	ports.ResponseReader
	ports.BankWriter
	ports.Recorder
	ports.RecordReader
}

// CalibrationSuite holds a store to the contracts of calibration. open returns a store that nobody else uses, with
// nothing in it; what it opened is closed with t.
func CalibrationSuite(t *testing.T, open func(t *testing.T) CalibrationStore) {
	tests := map[string]func(*testing.T, *laboratory){
		"a run comes back as it was asked for, the newest first":       runComesBack,
		"one run is active at a time, however many ask at once":        oneActiveRun,
		"the schedule asks once":                                       scheduleAsksOnce,
		"a run is claimed as it was asked for, and keeps its progress": claimed,
		"a run that is taken up again is lost to who had it":           takenUpAgain,
		"a run that was cancelled is nobody's":                         cancelledIsNobodys,
		"a run that failed says why":                                   failedSaysWhy,
		"a run that is handed back waits, and the start counts not":    handedBack,
		"what a run found appears with its completion, as it was":      completionAppears,
		"the parameters of an item are those of the newest run":        newestRunCounts,
		"a run that is not applied changes nothing in force":           notAppliedChangesNothing,
		"a decision on another scale than the one in force is refused": otherScaleRefused,
		"a restore goes back to the moment when the run came":          restoreGoesBack,
		"parameters are seen where their item is":                      parametersWithinScope,
	}
	for name, run := range tests {
		t.Run(name, func(t *testing.T) {
			run(t, &laboratory{CalibrationStore: open(t), at: time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)})
		})
	}
}

// laboratory is a store with a clock that moves by hand.
type laboratory struct {
	CalibrationStore
	at   time.Time
	runs int
}

// ask queues a run.
func (l *laboratory) ask(t *testing.T) calibration.Run {
	t.Helper()
	l.runs++
	l.at = l.at.Add(time.Second)
	run := calibration.Run{
		ID: fmt.Sprintf("0198c5a4-6f2e-7c3b-9d1a-%012d", l.runs), Status: calibration.StatusQueued, Settings: calibration.DefaultSettings(),
		AskedBy: "sam", AskedAt: l.at,
	}
	must(t, l.AddRun(t.Context(), run, time.Time{}))
	return run
}

// claim begins a run.
func (l *laboratory) claim(t *testing.T, runID, worker string) *calibration.Run {
	t.Helper()
	l.at = l.at.Add(time.Second)
	run, err := l.ClaimRun(t.Context(), runID, worker, l.at)
	must(t, err)
	return run
}

// complete completes a run of worker w with these items, on the scale that is in force.
func (l *laboratory) complete(t *testing.T, runID string, applied, coversAll bool, items ...irt.Item) calibration.Completion {
	t.Helper()
	version, err := l.ScaleVersion(t.Context())
	must(t, err)
	l.at = l.at.Add(time.Second)
	completion := calibration.Completion{
		RunID: runID, Worker: "w", At: l.at, ScaleVersion: version, Items: items,
		Outcome: calibration.Outcome{Calibrated: len(items), Density: irt.DensityNormal, Decision: calibration.Decision{Applied: applied, CoversAll: coversAll}},
		Report:  []byte("a report of " + runID),
	}
	if !applied {
		completion.Outcome.NotApplied = "it shares too little"
	}
	must(t, l.CompleteRun(t.Context(), completion))
	return completion
}

// calibrate is a run from beginning to end; its items have the difficulty b.
func (l *laboratory) calibrate(t *testing.T, b float64, applied, coversAll bool, ids ...string) string {
	t.Helper()
	run := l.ask(t)
	l.claim(t, run.ID, "w")
	items := make([]irt.Item, len(ids))
	for i, id := range ids {
		items[i] = irt.Item{ID: id, Params: irt.Params{A: 1, B: b, C: .2}}
	}
	l.complete(t, run.ID, applied, coversAll, items...)
	return run.ID
}

// difficulties are those in force, by item.
func (l *laboratory) difficulties(t *testing.T) map[string]float64 {
	t.Helper()
	scale, err := l.Scale(t.Context())
	must(t, err)
	found := map[string]float64{}
	for id, item := range scale.Items {
		found[id] = item.B
		one, err := l.ItemInForce(t.Context(), bank.Everywhere(), id)
		must(t, err)
		if one == nil || one.B != item.B || one.RunID != item.RunID {
			t.Errorf("item %s by itself is %+v, in the scale %+v", id, one, item)
		}
	}
	return found
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got\n%s\nwant\n%s", what, inWords(got), inWords(want))
	}
}

// inWords shows what pointers lead to.
func inWords(value any) string {
	if v := reflect.ValueOf(value); v.Kind() == reflect.Pointer && !v.IsNil() {
		value = v.Elem().Interface()
	}
	return fmt.Sprintf("%+v", value)
}

func runComesBack(t *testing.T, l *laboratory) {
	asked := calibration.Run{
		ID: "0198c5a4-6f2e-7c3b-9d1a-00000000000a", Status: calibration.StatusQueued, AskedBy: "sam", AskedAt: l.at,
		Settings: calibration.Settings{Items: []string{"b", "a~1"}, Model: irt.Model2PL, MinResponses: 7, MaxIterations: 3, Threshold: .25},
	}
	must(t, l.AddRun(t.Context(), asked, time.Time{}))
	found, err := l.Run(t.Context(), asked.ID)
	must(t, err)
	same(t, "the run", found, &asked)
	if _, err = l.EndRun(t.Context(), calibration.End{RunID: asked.ID, Status: calibration.StatusCancelled, At: l.at}); err != nil {
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

func oneActiveRun(t *testing.T, l *laboratory) {
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

func scheduleAsksOnce(t *testing.T, l *laboratory) {
	ask := func(id string, at, unlessSince time.Time) error {
		return l.AddRun(t.Context(), calibration.Run{ID: id, Settings: calibration.DefaultSettings(), AskedAt: at}, unlessSince)
	}
	must(t, ask("first", l.at, l.at.Add(-time.Hour)))
	pulse, err := l.Pulse(t.Context())
	must(t, err)
	same(t, "the pulse", pulse, calibration.Pulse{
		Active: "first", Status: calibration.StatusQueued, AskedAt: l.at, Scheduled: l.at,
	})
	if ended, err := l.EndRun(t.Context(), calibration.End{RunID: "first", Status: calibration.StatusCancelled, At: l.at}); !ended || err != nil {
		t.Fatal(ended, err)
	}
	if err := ask("second", l.at.Add(time.Second), l.at.Add(-time.Hour)); !errors.Is(err, calibration.ErrNotDue) {
		t.Errorf("asked again within the hour: %v", err)
	}
	must(t, ask("second", l.at.Add(2*time.Hour), l.at.Add(time.Hour)))
}

func claimed(t *testing.T, l *laboratory) {
	if none := l.claim(t, "none", "w"); none != nil {
		t.Fatalf("claimed %+v", none)
	}
	run := l.ask(t)
	found := l.claim(t, run.ID, "w")
	run.Status, run.StartedAt, run.Starts = calibration.StatusRunning, l.at, 1
	same(t, "the claimed run", found, &run)
	progress := irt.Progress{Stage: irt.StageDensity, Iteration: 12, MaxChange: .01, LogLikelihood: -1234.5}
	if held, err := l.BeatRun(t.Context(), run.ID, "w", progress); !held || err != nil {
		t.Error(held, err)
	}
	if held, err := l.BeatRun(t.Context(), run.ID, "somebody", irt.Progress{}); held || err != nil {
		t.Error("somebody else's beat counts", err)
	}
	run.Progress = progress
	found, err := l.Run(t.Context(), run.ID)
	must(t, err)
	same(t, "the run", found, &run)
}

func takenUpAgain(t *testing.T, l *laboratory) {
	run := l.ask(t)
	l.claim(t, run.ID, "gone")
	again := l.claim(t, run.ID, "w")
	if again == nil || again.Starts != 2 {
		t.Fatalf("taken up again: %+v", again)
	}
	if held, err := l.BeatRun(t.Context(), run.ID, "gone", irt.Progress{}); held || err != nil {
		t.Error("the one who was gone holds it still", err)
	}
	if ended, err := l.EndRun(t.Context(), calibration.End{RunID: run.ID, Worker: "gone", Status: calibration.StatusFailed, At: l.at}); ended || err != nil {
		t.Error("the one who was gone ended it", err)
	}
	err := l.CompleteRun(t.Context(), calibration.Completion{RunID: run.ID, Worker: "gone", At: l.at})
	if !errors.Is(err, calibration.ErrLost) {
		t.Errorf("the one who was gone completes it: %v", err)
	}
}

func cancelledIsNobodys(t *testing.T, l *laboratory) {
	run := l.ask(t)
	l.claim(t, run.ID, "w")
	end := calibration.End{RunID: run.ID, Status: calibration.StatusCancelled, At: l.at}
	if ended, err := l.EndRun(t.Context(), end); !ended || err != nil {
		t.Fatal(ended, err)
	}
	if ended, err := l.EndRun(t.Context(), end); ended || err != nil {
		t.Error("it ended twice", err)
	}
	if held, err := l.BeatRun(t.Context(), run.ID, "w", irt.Progress{}); held || err != nil {
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

func failedSaysWhy(t *testing.T, l *laboratory) {
	run := l.ask(t)
	l.claim(t, run.ID, "w")
	why := calibration.Failure{Code: core.CodeInsufficientData, Message: "No item has enough"}
	if ended, err := l.EndRun(t.Context(), calibration.End{RunID: run.ID, Worker: "w", Status: calibration.StatusFailed, Failure: &why, At: l.at}); !ended || err != nil {
		t.Fatal(ended, err)
	}
	found, err := l.Run(t.Context(), run.ID)
	must(t, err)
	if found.Status != calibration.StatusFailed || found.Failure == nil || *found.Failure != why {
		t.Errorf("the run is %+v", found)
	}
}

func handedBack(t *testing.T, l *laboratory) {
	run := l.ask(t)
	l.claim(t, run.ID, "w")
	if ended, err := l.EndRun(t.Context(), calibration.End{RunID: run.ID, Worker: "w", Status: calibration.StatusQueued, At: l.at}); !ended || err != nil {
		t.Fatal(ended, err)
	}
	found, err := l.Run(t.Context(), run.ID)
	must(t, err)
	same(t, "the run", *found, run)
	if again := l.claim(t, run.ID, "other"); again == nil || again.Starts != 1 {
		t.Errorf("taken up again: %+v", again)
	}
}

func completionAppears(t *testing.T, l *laboratory) {
	run := l.ask(t)
	l.claim(t, run.ID, "w")
	items := []irt.Item{
		{
			ID: "full", Params: irt.Params{A: 1.0000000001, B: -2.5, C: .35}, Responses: 900, Correct: 450,
			SE:    irt.StandardErrors{A: irt.Some(.1), B: irt.Some(0)},
			Fit:   irt.Fit{Infit: .9, Outfit: 1.4, RMSD: .02, ItemRest: irt.Some(-.1), SX2: irt.SX2{Known: true, Statistic: 12.5, DF: 7, P: irt.Some(.001), RMSEA: irt.Some(.06)}},
			Flags: []irt.Flag{irt.FlagMeanSquare, irt.FlagSX2},
		},
		{ID: "sparse", Params: irt.Params{A: .2, B: 4}, Responses: 3},
	}
	skipped := []irt.Skipped{{ID: "easy", Reason: irt.SkipNoVariance, Responses: 120}}
	completion := calibration.Completion{
		RunID: run.ID, Worker: "w", At: l.at.Add(time.Second), Items: items, Skipped: skipped, Report: []byte{0, 1, 2, 255},
		Outcome: calibration.Outcome{
			People: 10, Responses: 903, Calibrated: 2, Flagged: 1, Skipped: 1, Iterations: 14, Converged: true, LogLikelihood: -510.25,
			Density: irt.DensityEstimated,
			Decision: calibration.Decision{
				Linking: &irt.Linking{Items: 7, Slope: .9, Intercept: -.1, Drifted: []string{"full"}}, Applied: true, CoversAll: true,
			},
		},
	}
	must(t, l.CompleteRun(t.Context(), completion))
	found, err := l.Run(t.Context(), run.ID)
	must(t, err)
	want := completion.Outcome
	want.InForce = true
	if found.Status != calibration.StatusCompleted || !found.EndedAt.Equal(completion.At) {
		t.Errorf("the run is %+v", found)
	}
	same(t, "the outcome", found.Outcome, &want)
	gotItems, gotSkipped, err := l.RunItems(t.Context(), bank.Everywhere(), run.ID)
	must(t, err)
	var wantItems []calibration.ItemParameters
	for _, item := range items {
		wantItems = append(wantItems, calibration.ItemParameters{Item: item, RunID: run.ID, CalibratedAt: completion.At})
	}
	same(t, "the items", gotItems, wantItems)
	same(t, "the skipped", gotSkipped, skipped)
	report, err := l.RunReport(t.Context(), run.ID)
	must(t, err)
	same(t, "the report", report, completion.Report)
	if report, err := l.RunReport(t.Context(), "none"); report != nil || err != nil {
		t.Error(report, err)
	}
	if pulse, err := l.Pulse(t.Context()); err != nil || pulse.Active != "" {
		t.Errorf("%+v is active, %v", pulse, err)
	}
}

func newestRunCounts(t *testing.T, l *laboratory) {
	empty, err := l.Scale(t.Context())
	must(t, err)
	if empty.RunID != "" || len(empty.Items) != 0 || !empty.Since.IsZero() {
		t.Errorf("before any run: %+v", empty)
	}
	l.calibrate(t, 1, true, true, "i1", "i2", "i3")
	second := l.calibrate(t, 2, true, false, "i2")
	same(t, "two runs", l.difficulties(t), map[string]float64{"i1": 1, "i2": 2, "i3": 1})
	scale, err := l.Scale(t.Context())
	must(t, err)
	version, err := l.ScaleVersion(t.Context())
	must(t, err)
	if scale.RunID != second || scale.Version != version || version == empty.Version || !scale.Since.Equal(l.at) {
		t.Errorf("the scale is %+v, its version %d", scale, version)
	}
	l.calibrate(t, 3, true, true, "i1", "i2", "i3", "i4")
	l.calibrate(t, 4, true, false, "i4")
	same(t, "four runs", l.difficulties(t), map[string]float64{"i1": 3, "i2": 3, "i3": 3, "i4": 4})
}

func notAppliedChangesNothing(t *testing.T, l *laboratory) {
	l.calibrate(t, 1, true, true, "i1", "i2")
	before, err := l.Scale(t.Context())
	must(t, err)
	refused := l.calibrate(t, 9, false, false, "i1", "new")
	after, err := l.Scale(t.Context())
	must(t, err)
	same(t, "the scale", after, before)
	found, err := l.Run(t.Context(), refused)
	must(t, err)
	if found.Outcome.InForce || found.Outcome.NotApplied != "it shares too little" {
		t.Errorf("its outcome is %+v", found.Outcome)
	}
	if restored, err := l.RestoreRun(t.Context(), refused, l.at); restored || err != nil {
		t.Error("a run that never came in force was restored", err)
	}
}

func otherScaleRefused(t *testing.T, l *laboratory) {
	l.calibrate(t, 1, true, true, "i1")
	run := l.ask(t)
	l.claim(t, run.ID, "w")
	err := l.CompleteRun(t.Context(), calibration.Completion{RunID: run.ID, Worker: "w", At: l.at, ScaleVersion: 17, Items: []irt.Item{{ID: "i1"}}})
	if !errors.Is(err, calibration.ErrScaleChanged) {
		t.Fatal(err)
	}
	found, err := l.Run(t.Context(), run.ID)
	must(t, err)
	if items, _, err := l.RunItems(t.Context(), bank.Everywhere(), run.ID); len(items) > 0 || err != nil || found.Status != calibration.StatusRunning {
		t.Errorf("something was kept: %+v, %+v, %v", items, found, err)
	}
}

func restoreGoesBack(t *testing.T, l *laboratory) {
	first := l.calibrate(t, 1, true, true, "i1", "i2")
	second := l.calibrate(t, 2, true, false, "i2", "i3")
	third := l.calibrate(t, 3, true, false, "i3")
	inForce := func(want ...string) {
		t.Helper()
		runs, _, err := l.Runs(t.Context(), bank.Page{Limit: 10})
		must(t, err)
		var got []string
		for _, run := range runs {
			if run.Outcome.InForce {
				got = append(got, run.ID)
			}
		}
		same(t, "the runs in force", got, want)
	}
	restore := func(id string) {
		t.Helper()
		l.at = l.at.Add(time.Second)
		before, err := l.ScaleVersion(t.Context())
		must(t, err)
		if found, err := l.RestoreRun(t.Context(), id, l.at); !found || err != nil {
			t.Fatal(found, err)
		}
		if scale, err := l.Scale(t.Context()); err != nil || scale.Version != before+1 || scale.RunID != id || !scale.Since.Equal(l.at) {
			t.Errorf("the scale is %+v, %v", scale, err)
		}
	}
	restore(first)
	inForce(first)
	same(t, "back to the first", l.difficulties(t), map[string]float64{"i1": 1, "i2": 1})
	restore(third)
	inForce(third, second, first)
	same(t, "and to the third", l.difficulties(t), map[string]float64{"i1": 1, "i2": 2, "i3": 3})
	restore(first)
	fourth := l.calibrate(t, 4, true, false, "i1")
	inForce(fourth, first)
	restore(second)
	inForce(second, first)
	same(t, "to the second", l.difficulties(t), map[string]float64{"i1": 1, "i2": 2, "i3": 2})
	before, err := l.Scale(t.Context())
	must(t, err)
	if found, err := l.RestoreRun(t.Context(), second, l.at.Add(time.Hour)); !found || err != nil {
		t.Error(found, err)
	}
	after, err := l.Scale(t.Context())
	must(t, err)
	same(t, "the newest again", after, before)
	if found, err := l.RestoreRun(t.Context(), "none", l.at); found || err != nil {
		t.Error("a run that is none was restored", err)
	}
}

func parametersWithinScope(t *testing.T, l *laboratory) {
	must(t, l.Put(t.Context(), bank.Rows{
		Concepts: []bank.Concept{{ID: "renal", Weight: 1}},
		Items:    []bank.Item{{ID: "shared", ConceptID: "renal"}, {ID: "theirs", ConceptID: "renal", InstitutionID: "inst-2"}},
	}))
	run := l.calibrate(t, 1, true, true, "shared", "theirs", "unknown")
	for _, test := range []struct {
		scope bank.Scope
		want  []string
	}{
		{bank.Everywhere(), []string{"shared", "theirs", "unknown"}}, {bank.Within("inst-2"), []string{"shared", "theirs", "unknown"}},
		{bank.Within("inst-1"), []string{"shared", "unknown"}},
	} {
		items, _, err := l.RunItems(t.Context(), test.scope, run)
		must(t, err)
		var got []string
		for _, item := range items {
			got = append(got, item.ID)
		}
		same(t, "the run's items", got, test.want)
		one, err := l.ItemInForce(t.Context(), test.scope, "theirs")
		must(t, err)
		if (one != nil) != (len(test.want) == 3) {
			t.Errorf("the item is %+v in %+v", one, test.scope)
		}
	}
}
