package irt_test

import (
	"math"
	"testing"

	"github.com/journey-os/journey-api/core/irt"
)

type jsonItem struct{ A, B, C float64 }

func (i jsonItem) params() irt.Params { return irt.Params(i) }

func TestAbilityIsThatOfTheReference(t *testing.T) {
	var reference struct {
		Cases []struct {
			Name      string
			Items     []jsonItem
			Responses []*int
			Theta     float64 `json:"theta_61"`
			SD        float64 `json:"sd_61"`
		}
	}
	readJSON(t, "eap.json", &reference)
	if len(reference.Cases) < 10 {
		t.Fatalf("only %d cases", len(reference.Cases))
	}
	for _, c := range reference.Cases {
		var responses []irt.Response
		for k, r := range c.Responses {
			if r != nil {
				responses = append(responses, irt.Response{Params: c.Items[k].params(), Correct: *r == 1})
			}
		}
		got := irt.EstimateAbility(responses, 0)
		near(t, c.Name+": theta", got.Theta, c.Theta, 1e-12)
		near(t, c.Name+": sd", got.SD, c.SD, 1e-12)
	}
}

func TestAbilityOfASymmetricPosteriorIsExactlyZero(t *testing.T) {
	p := irt.NewPosterior()
	for range 2 {
		if got := p.Ability(); got.Theta != 0 {
			t.Errorf("theta is %g, want 0", got.Theta)
		}
		p.Spread(irt.MaxDrift / 2)
	}
}

func TestExpectedVarianceIsThatOfTheReference(t *testing.T) {
	var reference struct {
		Cases []struct {
			Name     string
			Answered []struct {
				jsonItem
				Score int
			}
			Candidates []struct {
				jsonItem
				Variance float64 `json:"expected_posterior_variance"`
			}
		}
	}
	readJSON(t, "mepv.json", &reference)
	for _, c := range reference.Cases {
		p := irt.NewPosterior()
		for _, answer := range c.Answered {
			p.Observe(answer.params(), answer.Score == 1)
		}
		for _, candidate := range c.Candidates {
			near(t, c.Name, p.ExpectedVariance(candidate.params()), candidate.Variance, 1e-12)
		}
	}
}

func TestDriftWidensTheDistributionByItself(t *testing.T) {
	p := irt.NewPosterior()
	for range 20 {
		p.Observe(irt.Params{A: 2, C: .1}, true)
		p.Observe(irt.Params{A: 2, C: .1}, false)
	}
	before := p.Ability()
	p.Spread(.005)
	after := p.Ability()
	near(t, "the mean after drift", after.Theta, before.Theta, 1e-9)
	near(t, "the variance after drift", after.SD*after.SD, before.SD*before.SD+.005, 1e-9)
	unmoved := p
	p.Spread(0)
	if p != unmoved {
		t.Error("a drift of 0 changes the distribution")
	}
}

func TestDriftComesBeforeEachAnswerButTheFirst(t *testing.T) {
	item, q := irt.Params{A: 1.2, B: .3, C: .2}, .005
	want := irt.NewPosterior()
	want.Observe(item, true)
	want.Spread(q)
	want.Observe(item, false)
	got := irt.EstimateAbility([]irt.Response{{Params: item, Correct: true}, {Params: item}}, q)
	if got != want.Ability() {
		t.Errorf("the ability is %+v, want %+v", got, want.Ability())
	}
}

func TestAbilityIsFiniteWhateverTheAnswers(t *testing.T) {
	for name, item := range map[string]irt.Params{
		"an impossible item":      {A: 3, B: 300},
		"an item nobody misses":   {A: 3, B: -300},
		"an absurdly steep item":  {A: 1e6, B: .05},
		"a flat item":             {A: 1e-9, B: 0, C: .3},
		"an item beyond all bear": {A: 1e300, B: 1e300},
	} {
		for _, correct := range []bool{false, true} {
			for _, drift := range []float64{0, .005, irt.MaxDrift} {
				responses := make([]irt.Response, 200)
				for k := range responses {
					responses[k] = irt.Response{Params: item, Correct: correct}
				}
				responses[100].Correct = !correct
				a := irt.EstimateAbility(responses, drift)
				if !(math.Abs(a.Theta) <= 6 && a.SD >= 0 && a.SD < 6) {
					t.Errorf("%s, right: %v, drift %v: %+v", name, correct, drift, a)
				}
			}
		}
	}
}

func TestAbilityAllocatesNothing(t *testing.T) {
	responses := make([]irt.Response, 200)
	for k := range responses {
		responses[k] = irt.Response{Params: irt.Params{A: 1, B: float64(k%7) - 3, C: .2}, Correct: k%3 > 0}
	}
	if n := testing.AllocsPerRun(10, func() { irt.EstimateAbility(responses, .005) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkAbilityFrom200Responses(b *testing.B) {
	responses := make([]irt.Response, 200)
	for k := range responses {
		responses[k] = irt.Response{Params: irt.Params{A: .5 + float64(k%5)/2, B: float64(k%7) - 3, C: .2}, Correct: k%3 > 0}
	}
	b.ReportAllocs()
	for b.Loop() {
		irt.EstimateAbility(responses, .005)
	}
}
