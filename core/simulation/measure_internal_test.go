package simulation

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/core/irt"
)

func isNear(got, want float64) bool { return math.Abs(got-want) <= 1e-9*max(1, math.Abs(want)) }

func TestIntervalsAreThoseWorkedOutByHand(t *testing.T) {
	// mean 2.5, variance 5/3, standard error .645497
	if got := mean([]float64{1, 2, 3, 4}); !isNear(got.Value, 2.5) || !isNear(got.High-got.Value, 1.959963984540054*math.Sqrt(5./12)) {
		t.Errorf("mean: %+v", got)
	}
	// squares 9, 16: mean 12.5, variance 24.5, standard error of the mean 3.5, of the root 3.5/(2·3.535534)
	if got := rootMeanSquare([]float64{3, -4}); !isNear(got.Value, math.Sqrt(12.5)) || !isNear(got.High-got.Value, 1.959963984540054*3.5/(2*math.Sqrt(12.5))) {
		t.Errorf("root mean square: %+v", got)
	}
	// Wilson's interval of 1 in 10 (Newcombe 1998 has .0179 to .4042)
	if got := share(1, 10); math.Abs(got.Low-.0179) > 5e-5 || math.Abs(got.High-.4042) > 5e-5 {
		t.Errorf("share: %+v", got)
	}
}

func TestItemsNeverGivenAreCountedAndTheirErrorIsThatOfLeavingOut(t *testing.T) {
	var bank Bank
	for i := range 12 {
		bank.Items = append(bank.Items, adaptive.Item{ID: fmt.Sprint(i)})
	}
	random := rand.New(rand.NewPCG(3, 1))
	sessions := make([]session, 6)
	for i := range sessions {
		for range 3 {
			sessions[i].given = append(sessions[i].given, fmt.Sprint(random.IntN(12)))
		}
	}
	absent := func(sessions []session) float64 {
		n := 0.
		for _, item := range bank.Items {
			if !slices.ContainsFunc(sessions, func(s session) bool { return slices.Contains(s.given, item.ID) }) {
				n++
			}
		}
		return n
	}
	var leftOut []float64
	for i := range sessions {
		leftOut = append(leftOut, absent(slices.Delete(slices.Clone(sessions), i, i+1)))
	}
	average, squares := 0., 0.
	for _, n := range leftOut {
		average += n / 6
	}
	for _, n := range leftOut {
		squares += (n - average) * (n - average)
	}
	count, standardError := exposureOf(bank, sessions).never()
	if count != absent(sessions) || !isNear(standardError, math.Sqrt(squares*5/6)) {
		t.Errorf("%v ± %v, want %v ± %v", count, standardError, absent(sessions), math.Sqrt(squares*5/6))
	}
}

func TestADifferenceOfRootsIsThatOfTheRoots(t *testing.T) {
	a := []session{{abilityError: []float64{1}}, {abilityError: []float64{2}}, {abilityError: []float64{-1}}}
	b := []session{{abilityError: []float64{.5}}, {abilityError: []float64{1}}, {abilityError: []float64{3}}}
	if got := rootDifference(a, b, 0); !isNear(got.Value, math.Sqrt(6./3)-math.Sqrt(10.25/3)) {
		t.Errorf("got %+v", got)
	}
}

func TestFoundationsComeFirstAndCyclesAreBroken(t *testing.T) {
	// 0 needs 1, 1 needs 2; 3 and 4 need each other, 5 needs 4.
	got := foundationsFirst([][]int{{1}, {2}, nil, {4}, {3}, {4}})
	if !slices.Equal(got, []int{2, 1, 0, 3, 4, 5}) {
		t.Errorf("got %v", got)
	}
}

func TestAnswersFollowTheCurveAndLearningItsChance(t *testing.T) {
	bank := Bank{
		Concepts: []adaptive.Concept{{ID: "base"}, {ID: "top"}},
		Edges:    []adaptive.Edge{{Prerequisite: "base", Concept: "top"}},
	}
	facts := newTruth(bank, FoundationsMatter)
	item := adaptive.Item{ID: "i", Concept: "top", Params: irt.Params{A: 1, B: .5, C: .2}}
	const tries = 20_000
	right, learned := 0, 0
	for id := range tries {
		l := facts.newLearner(9, id)
		l.ability, l.mastered = .3, []bool{false, false}
		if l.answer(item, 0) {
			right++
		}
		if l.mastered[1] {
			learned++
		}
	}
	p := .2 + .8/(1+math.Exp(-(.3-.5)))
	for name, test := range map[string]struct {
		count int
		want  float64
	}{"right": {right, p}, "learned": {learned, .2 * .25}} {
		if got := float64(test.count) / tries; math.Abs(got-test.want) > 4*math.Sqrt(test.want*(1-test.want)/tries) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func TestTheSentencesSayWhatTheIntervalsSay(t *testing.T) {
	world := WorldResult{Comparisons: []Comparison{
		{Random, MeasureRMSE, Estimate{-.1, -.2, -.01}, true},
		{Random, MeasureMastered, Estimate{-.1, -.2, -.01}, false},
		{Random, MeasureCovered, Estimate{.1, -.2, .3}, false},
	}}
	want := "Against random the pick is better in error of ability (RMSE); worse in concepts mastered; no difference shows in concepts practised."
	if got := world.Sentences()[0]; got != want {
		t.Errorf("got %s", got)
	}
	if got := world.Sentences()[1]; !strings.Contains(got, "better in nothing") {
		t.Errorf("got %s", got)
	}
}
