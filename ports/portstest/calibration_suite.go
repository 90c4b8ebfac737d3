package portstest

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/calibration"
	"github.com/journey-os/journey-api/core/irt"
	"github.com/journey-os/journey-api/ports"
)

// CalibrationStore is what a store of calibrations implements.
type CalibrationStore interface {
	ports.RunStore
	ports.RunQueue
	ports.RunFinisher
	ports.ResultStore
	ports.ScaleStore
	ports.ResponseReader
	ports.BankWriter
	ports.Recorder
	ports.RecordReader
}

// CalibrationSuite tests a store against the contracts of calibration. open returns an empty store of its own; what it
// opened is closed with t.
func CalibrationSuite(t *testing.T, open func(t *testing.T) CalibrationStore) {
	tests := map[string]func(*testing.T, *calibrationFixture){
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
			run(t, &calibrationFixture{CalibrationStore: open(t), at: time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)})
		})
	}
}

// calibrationFixture is a store with a clock that moves by hand.
type calibrationFixture struct {
	CalibrationStore
	at   time.Time
	runs int
}

// ask queues a run.
func (l *calibrationFixture) ask(t *testing.T) calibration.Run {
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
func (l *calibrationFixture) claim(t *testing.T, runID, worker string) *calibration.Run {
	t.Helper()
	l.at = l.at.Add(time.Second)
	run, err := l.ClaimRun(t.Context(), runID, worker, l.at)
	must(t, err)
	return run
}

// complete completes a run of worker w with these items, on the scale that is in force.
func (l *calibrationFixture) complete(t *testing.T, runID string, applied, coversAll bool, items ...irt.Item) calibration.Completion {
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
func (l *calibrationFixture) calibrate(t *testing.T, b float64, applied, coversAll bool, ids ...string) string {
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
func (l *calibrationFixture) difficulties(t *testing.T) map[string]float64 {
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
