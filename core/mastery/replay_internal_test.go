package mastery

import (
	"fmt"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core/bkt"
)

// TestALateAnswerAfterARefitKeepsEachSnapshotOnce puts a late answer into a state that was computed with older
// parameters: both compute again, and no place may get two snapshots.
func TestALateAnswerAfterARefitKeepsEachSnapshotOnce(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var past []Position
	for i := range 3 * snapshotEvery {
		past = append(past, Position{At: start.Add(time.Duration(i) * time.Minute), ItemID: "r1", Correct: i%3 > 0})
	}
	fitted := Model{Params: bkt.Params{L0: .3, T: .1, G: .2, S: .15}, Version: 2}
	held := StudentData{
		States: map[string]State{"renal": {
			StudentID: "ana", ConceptID: "renal", Last: past[len(past)-1], ParametersVersion: 1,
			State: bkt.Defaults().Next(bkt.Defaults().Start(), true), // whatever it was
		}},
		Models:     map[string]Model{"renal": fitted},
		ReplayTail: func(string, Position) (ReplayTail, error) { return ReplayTail{Attempts: past}, nil },
	}
	r, err := newReplay(held, "ana", "renal", start, SyncOff)
	if err != nil {
		t.Fatal(err)
	}
	late := Position{At: past[2*snapshotEvery].At.Add(time.Second), ItemID: "r1", Correct: true}
	if isLate, err := r.insert(late); err != nil || !isLate {
		t.Fatalf("late: %v, %v", isLate, err)
	}

	var change Change
	r.addTo(&change)
	want := fitted.Start()
	expected := map[Position]bkt.State{}
	for _, at := range merged(past, []Position{late}) {
		if want = fitted.Next(want, at.Correct); want.Evidence%snapshotEvery == 0 {
			expected[at] = want
		}
	}
	if got := change.States[0].State; got != want {
		t.Errorf("state %+v, want %+v", got, want)
	}
	seen := map[Position]bool{}
	for _, one := range change.Snapshots {
		if seen[one.At] {
			t.Errorf("two snapshots at %s", one.At.At)
		}
		seen[one.At] = true
		if one.State != expected[one.At] || one.ParametersVersion != fitted.Version {
			t.Errorf("snapshot %s, want %+v", fmt.Sprint(one), expected[one.At])
		}
	}
	if len(seen) != len(expected) {
		t.Errorf("%d snapshots, want %d", len(seen), len(expected))
	}
}
