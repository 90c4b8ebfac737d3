package mastery_test

import (
	"testing"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/bkt"
	"github.com/journey-os/journey-api/core/mastery"
)

// TestALateAnswerAfterARefitKeepsEachSnapshotOnce puts a late answer into a state that was computed with older
// parameters: both compute again, and no place may get two snapshots.
func TestALateAnswerAfterARefitKeepsEachSnapshotOnce(t *testing.T) {
	const every = 64 // attempts from one snapshot to the next
	start := now.Add(-24 * time.Hour)
	var past []mastery.Position
	for i := range 3 * every {
		past = append(past, mastery.Position{At: start.Add(time.Duration(i) * time.Minute), ItemID: "r1", Correct: i%3 > 0})
	}
	late := mastery.Position{At: past[2*every].At.Add(time.Second), ItemID: "r1", Correct: true}
	fitted := mastery.Model{Params: bkt.Params{L0: .3, T: .1, G: .2, S: .15}, Version: 2}
	change, recorded := decided(t, late, mastery.StudentData{
		States: map[string]mastery.State{"renal": {
			StudentID: "ana", ConceptID: "renal", Last: past[len(past)-1], ParametersVersion: 1,
			State: bkt.Defaults().Next(bkt.Defaults().Start(), true), // whatever it was
		}},
		Models: map[string]mastery.Model{"renal": fitted},
		ReplayTail: func(string, mastery.Position) (mastery.ReplayTail, error) {
			return mastery.ReplayTail{Attempts: past}, nil
		},
	})
	if !recorded.Late {
		t.Error("the answer is not late")
	}

	want := fitted.Start()
	expected := map[mastery.Position]bkt.State{}
	step := func(at mastery.Position) {
		if want = fitted.Next(want, at.Correct); want.Evidence%every == 0 {
			expected[at] = want
		}
	}
	for i, at := range past {
		if step(at); i == 2*every {
			step(late)
		}
	}
	if got := change.States[0].State; got != want {
		t.Errorf("state %+v, want %+v", got, want)
	}
	seen := map[mastery.Position]bool{}
	for _, one := range change.Snapshots {
		if seen[one.At] {
			t.Errorf("two snapshots at %s", one.At.At)
		}
		seen[one.At] = true
		if one.State != expected[one.At] || one.ParametersVersion != fitted.Version {
			t.Errorf("snapshot %+v, want %+v", one, expected[one.At])
		}
	}
	if len(seen) != len(expected) {
		t.Errorf("%d snapshots, want %d", len(seen), len(expected))
	}
}

// decided returns what ana's answer to an item of renal changes, given what the store has of her.
func decided(t *testing.T, at mastery.Position, held mastery.StudentData) (mastery.Change, mastery.Recorded) {
	t.Helper()
	access := core.NewRecordAccess(core.RecordAnswer, core.AuthTokenPayload{Subject: "ana", Role: core.RoleStudent, InstitutionID: "inst-1"})
	decision, err := newService(t).Decision(access, mastery.Answer{StudentID: "ana", ConceptID: "renal", ItemID: at.ItemID, Correct: &at.Correct, At: at.At})
	if err != nil {
		t.Fatal(err)
	}
	change, err := decision.Decide(mastery.AnswerData{
		StudentData: held, Concept: &bank.Concept{ID: "renal"}, Item: &bank.Item{ID: at.ItemID, ConceptID: "renal"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return change, decision.Recorded()
}
