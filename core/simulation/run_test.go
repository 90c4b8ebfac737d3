package simulation_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/core/irt"
	"github.com/journey-os/journey-api/core/simulation"
)

// chains is a bank of concepts in chains of four, each with some items.
func chains(concepts, items int) simulation.Bank {
	var bank simulation.Bank
	for c := range concepts {
		id := fmt.Sprintf("c%02d", c)
		bank.Concepts = append(bank.Concepts, adaptive.Concept{ID: id, Weight: 1, L0: .1})
		if c%4 > 0 {
			bank.Edges = append(bank.Edges, adaptive.Edge{Prerequisite: fmt.Sprintf("c%02d", c-1), Concept: id})
		}
		for i := range items {
			bank.Items = append(bank.Items, adaptive.Item{
				ID: fmt.Sprintf("%s-%02d", id, i), Concept: id, Calibrated: true,
				Params: irt.Params{A: 1.2, B: float64(i%5)/2 - 1, C: .2},
			})
		}
	}
	return bank
}

func options(students, length int) simulation.Options {
	o := simulation.DefaultOptions()
	o.Students, o.Length = students, length
	return o
}

func run(t *testing.T, bank simulation.Bank, o simulation.Options) simulation.Result {
	t.Helper()
	result, err := simulation.Run(t.Context(), bank, o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestTheSameSeedGivesTheSameResultWithAnyNumberOfWorkers(t *testing.T) {
	bank := chains(8, 10)
	one := run(t, bank, options(20, 40))
	many := options(20, 40)
	many.Workers = 5
	again := run(t, bank, many)
	again.Options.Workers = one.Options.Workers
	if diff := cmp.Diff(one, again); diff != "" {
		t.Error(diff)
	}
	other := options(20, 40)
	other.Seed = 2
	if cmp.Equal(one.Worlds, run(t, bank, other).Worlds) {
		t.Error("another seed gives the same result")
	}
}

func TestWithoutPrerequisitesBothWorldsAreOne(t *testing.T) {
	bank := chains(8, 10)
	bank.Edges = nil
	result := run(t, bank, options(20, 40))
	if diff := cmp.Diff(result.Worlds[0].Outcomes, result.Worlds[1].Outcomes); diff != "" {
		t.Error(diff)
	}
}

func TestThePickIsWorthItIfFoundationsMatter(t *testing.T) {
	result := run(t, chains(12, 12), options(120, 60))
	for _, c := range result.Worlds[0].Comparisons {
		if c.Measure == simulation.MeasureMastered && !c.PickIsBetter() {
			t.Errorf("against %s: %+v", c.Rival, c.Difference)
		}
	}
	random, information := result.Worlds[0].Outcomes[1], result.Worlds[0].Outcomes[3]
	if random.MostGiven.Value >= information.MostGiven.Value || random.NeverGiven.Value > information.NeverGiven.Value {
		t.Errorf("random items are exposed more than telling ones: %+v, %+v", random.MostGiven, information.MostGiven)
	}
	for _, outcome := range result.Worlds[0].Outcomes {
		first, last := outcome.After[0], outcome.After[len(outcome.After)-1]
		if !(first.RMSE.Value > last.RMSE.Value) || !(first.Mastered.Value < last.Mastered.Value) || !(first.Covered.Value < last.Covered.Value) {
			t.Errorf("%s: after one answer %+v, after all %+v", outcome.Strategy, first, last)
		}
	}
}

func TestABankThatRunsOutEndsTheSession(t *testing.T) {
	result := run(t, chains(2, 3), options(5, 30))
	for _, outcome := range result.Worlds[0].Outcomes {
		if len(outcome.After) != 30 || outcome.After[6].Mastered != outcome.After[29].Mastered {
			t.Errorf("%s: %+v", outcome.Strategy, outcome.After)
		}
		if outcome.MostGiven.Value != 1 || outcome.NeverGiven.Value != 0 {
			t.Errorf("%s: most given %v, never given %v", outcome.Strategy, outcome.MostGiven, outcome.NeverGiven)
		}
	}
}

func TestProgressCountsEverySession(t *testing.T) {
	o := options(6, 5)
	o.Workers = 3
	var calls, most atomic.Int64
	_, err := simulation.Run(t.Context(), chains(4, 10), o, func(done int) {
		calls.Add(1)
		most.Store(max(most.Load(), int64(done)))
	})
	if err != nil || int(calls.Load()) != simulation.Sessions(o) || int(calls.Load()) != 6*4*2 {
		t.Errorf("%d calls for %d sessions, %v", calls.Load(), simulation.Sessions(o), err)
	}
}

func TestRunRefuses(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := simulation.Run(cancelled, chains(4, 10), options(5, 5), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	wrong := chains(4, 10)
	wrong.Items[0].Concept = "nowhere"
	bad := options(5, 5)
	bad.Settings.Hops = 9
	for name, test := range map[string]struct {
		bank    simulation.Bank
		options simulation.Options
	}{
		"one student":       {chains(4, 10), options(1, 5)},
		"no answer":         {chains(4, 10), options(5, 0)},
		"settings":          {chains(4, 10), bad},
		"a bank of nothing": {simulation.Bank{}, options(5, 5)},
		"a broken bank":     {wrong, options(5, 5)},
	} {
		if _, err := simulation.Run(t.Context(), test.bank, test.options, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
