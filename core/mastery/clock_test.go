package mastery_test

import (
	"testing"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/ports/portstest"
)

// TestAClockThatJumpsChangesNoStateAndLosesNothing sets the service's clock forth and back between answers: their own times
// decide.
func TestAClockThatJumpsChangesNoStateAndLosesNothing(t *testing.T) {
	states := map[string]mastery.State{}
	for name, jumps := range map[string][]time.Duration{
		"a clock that stands still": {0, 0, 0, 0}, "one that jumps": {0, 3 * time.Hour, -72 * time.Hour, time.Minute},
	} {
		store := portstest.NewMemory()
		if err := store.Put(t.Context(), bank.Rows{Concepts: []bank.Concept{{ID: "renal"}}, Items: []bank.Item{{ID: "r1", ConceptID: "renal"}}}); err != nil {
			t.Fatal(err)
		}
		clock, ids := now, 0
		service := mastery.New(mastery.Config{
			Mastered: .95, Now: func() time.Time { return clock }, NewID: func() string { ids++; return string(rune('a' + ids)) },
		}, mastery.Stores{Recorder: store, Reader: store, Parameters: store, Answers: store})
		for i, jump := range jumps {
			clock = clock.Add(jump)
			answer := right()
			answer.At, answer.Correct = now.Add(time.Duration(i-100)*time.Hour), new(i != 1)
			for try := range 2 {
				got, err := service.Record(t.Context(), by(core.RoleStudent, "ana", "inst-1"), answer)
				if err != nil || got.Late || got.Replayed != (try > 0) {
					t.Errorf("%s: answer %d, try %d: %+v, %v", name, i, try, got, err)
				}
			}
		}
		page, err := store.States(t.Context(), core.Record{StudentID: "ana", InstitutionID: "inst-1"}, mastery.StateQuery{Max: 1, Limit: 1})
		if err != nil || len(page.States) != 1 {
			t.Fatal(page, err)
		}
		states[name] = page.States[0]
	}
	still, jumped := states["a clock that stands still"], states["one that jumps"]
	if still.State != jumped.State || still.Version != jumped.Version || jumped.Evidence != 4 {
		t.Errorf("got %+v, want %+v", jumped, still)
	}
}
