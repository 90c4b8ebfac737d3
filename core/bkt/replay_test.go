package bkt_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/journey-os/journey-api/core/bkt"
)

// masteryByPaths is P(mastery after the answers | the answers) by its definition: the sum over every sequence of hidden
// states, mastered or not before each answer and after the last, of its joint probability with the answers.
func masteryByPaths(p bkt.Params, answers []bool) float64 {
	var mastered, all float64
	steps := len(answers)
	for path := range 1 << (steps + 1) {
		known := func(step int) bool { return path>>step&1 == 1 }
		joint := pick(known(0), p.L0, 1-p.L0)
		for step, correct := range answers {
			right := pick(known(step), 1-p.S, p.G)
			joint *= pick(correct, right, 1-right)
			learn := pick(known(step), 1-p.F, p.T)
			joint *= pick(known(step+1), learn, 1-learn)
		}
		all += joint
		if known(steps) {
			mastered += joint
		}
	}
	return mastered / all
}

func pick(yes bool, a, b float64) float64 {
	if yes {
		return a
	}
	return b
}

func randomParams(rng *rand.Rand) bkt.Params {
	return bkt.Params{
		L0: .01 + .98*rng.Float64(), T: .01 + .9*rng.Float64(), G: .01 + .48*rng.Float64(), S: .01 + .48*rng.Float64(),
		F: pick(rng.IntN(2) == 0, 0, .3*rng.Float64()),
	}
}

func randomAnswers(rng *rand.Rand, n int) []bool {
	answers := make([]bool, n)
	for i := range answers {
		answers[i] = rng.IntN(2) == 0
	}
	return answers
}

func TestReplayIsTheSumOverAllHiddenPaths(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		params, answers := randomParams(rng), randomAnswers(rng, rng.IntN(11))
		got, want := params.Replay(params.Start(), answers), masteryByPaths(params, answers)
		if !near(got.Mastery, want, 1e-12) || got.Evidence != len(answers) {
			t.Fatalf("%+v after %v: got %+v, want mastery %v", params, answers, got, want)
		}
	}
}

func TestReplayFromASnapshotIsTheWholeReplayToTheLastBit(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	for range 300 {
		params, answers := randomParams(rng), randomAnswers(rng, 1+rng.IntN(60))
		whole := params.Replay(params.Start(), answers)
		cut := rng.IntN(len(answers) + 1)
		if got := params.Replay(params.Replay(params.Start(), answers[:cut]), answers[cut:]); got != whole {
			t.Fatalf("cut at %d of %d: got %+v, want %+v", cut, len(answers), got, whole)
		}
	}
}

func TestMasteryNeverLeavesTheUnitInterval(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	edges := []float64{0, 1e-300, 1e-16, .5, 1 - 1e-16, 1}
	edge := func() float64 { return edges[rng.IntN(len(edges))] }
	for range 20_000 {
		params := bkt.Params{L0: edge(), T: edge(), G: edge(), S: edge(), F: edge()}
		state := params.Replay(params.Start(), randomAnswers(rng, 6))
		if !(state.Mastery >= 0 && state.Mastery <= 1) {
			t.Fatalf("%+v: mastery %v", params, state.Mastery)
		}
	}
}

func TestTheHandComputedExample(t *testing.T) {
	want := []float64{.428571, .783784, .460674, .803681, .949166, .988273}
	params := bkt.Defaults()
	state := params.Start()
	for i, correct := range []bool{true, true, false, true, true, true} {
		if state = params.Next(state, correct); !near(state.Mastery, want[i], 5e-7) {
			t.Errorf("after answer %d: mastery %v, want %v", i+1, state.Mastery, want[i])
		}
	}
}

func TestAnImpossibleAnswerLeavesMasteryAndIsCounted(t *testing.T) {
	params := bkt.Params{L0: 0, T: .5, G: 0, S: .1}
	got := params.Replay(params.Start(), []bool{true})
	want := bkt.State{Mastery: 0, Previous: 0, Evidence: 1, Impossible: 1}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestTrend(t *testing.T) {
	for _, test := range []struct {
		name    string
		answers []bool
		want    bkt.Trend
	}{
		{"no answer is stable", nil, bkt.TrendStable},
		{"two right answers are too few", []bool{true, true}, bkt.TrendStable},
		{"three right answers improve", []bool{true, true, true}, bkt.TrendImproving},
		{"a wrong answer between two right ones is stable", []bool{true, false, true}, bkt.TrendStable},
		{"wrong answers after right ones decline", []bool{true, true, true, false, false}, bkt.TrendDeclining},
		{"the first of the last three decides with them", []bool{true, true, true, false}, bkt.TrendStable},
	} {
		t.Run(test.name, func(t *testing.T) {
			params := bkt.Defaults()
			if got := params.Replay(params.Start(), test.answers).Trend(); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestValidate(t *testing.T) {
	for _, test := range []struct {
		name   string
		params bkt.Params
		ok     bool
	}{
		{"the defaults", bkt.Defaults(), true},
		{"every value on its bound", bkt.Params{L0: 1, T: 0, G: 0, S: 1, F: 1}, true},
		{"answers that carry nothing", bkt.Params{L0: .3, T: .1, G: .5, S: .5}, true},
		{"a right answer that lowers mastery", bkt.Params{L0: .3, T: .1, G: .6, S: .5}, false},
		{"a negative value", bkt.Params{L0: -.1}, false},
		{"a value above one", bkt.Params{T: 1.1}, false},
		{"no number", bkt.Params{G: math.NaN()}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := test.params.Validate(); (err == nil) != test.ok {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestUpdateAllocatesNothing(t *testing.T) {
	params, state := bkt.Defaults(), bkt.Defaults().Start()
	if n := testing.AllocsPerRun(100, func() { state = params.Next(state, true) }); n != 0 {
		t.Errorf("%v allocations an answer", n)
	}
}

func BenchmarkUpdate(b *testing.B) {
	params := bkt.Defaults()
	state := params.Start()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		state = params.Next(state, i%3 != 0)
	}
}
