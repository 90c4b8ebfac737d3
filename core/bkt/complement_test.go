package bkt_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/journey-os/journey-api/core/bkt"
)

// exact is the model in 256 bits: the probabilities of mastery and of its absence, neither as a difference.
type exact struct{ known, unknown *big.Float }

func number(value float64) *big.Float { return new(big.Float).SetPrec(256).SetFloat64(value) }

func times(a, b *big.Float) *big.Float { return new(big.Float).Mul(a, b) }

// rest is 1 − value.
func rest(value float64) *big.Float { return new(big.Float).Sub(number(1), number(value)) }

func (e exact) next(p bkt.Params, correct bool) exact {
	ifKnown, ifUnknown := number(p.S), rest(p.G)
	if correct {
		ifKnown, ifUnknown = rest(p.S), number(p.G)
	}
	known, unknown := times(e.known, ifKnown), times(e.unknown, ifUnknown)
	after := exact{
		known:   new(big.Float).Add(times(known, rest(p.F)), times(unknown, number(p.T))),
		unknown: new(big.Float).Add(times(unknown, rest(p.T)), times(known, number(p.F))),
	}
	sum := new(big.Float).Add(after.known, after.unknown)
	return exact{known: after.known.Quo(after.known, sum), unknown: after.unknown.Quo(after.unknown, sum)}
}

func (e exact) logUnknown() float64 {
	mantissa := new(big.Float)
	exponent := e.unknown.MantExp(mantissa)
	value, _ := mantissa.Float64()
	return math.Log(value) + float64(exponent)*math.Ln2
}

// TestWrongAnswersCountAfterAnyNumberOfRightOnes follows mastery to where a float64 has no more room beside 1, and back.
func TestWrongAnswersCountAfterAnyNumberOfRightOnes(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	inBox := func(forgetting float64) bkt.Params {
		return bkt.Params{
			L0: 1e-4 + .99*rng.Float64(), T: 1e-4 + .5*rng.Float64(), G: 1e-4 + .4*rng.Float64(), S: 1e-4 + .2*rng.Float64(), F: forgetting,
		}
	}
	for _, test := range []struct {
		name         string
		params       bkt.Params
		right, wrong int
	}{
		{"thirty-five with the defaults", bkt.Defaults(), 35, 40},
		{"a thousand with the defaults", bkt.Defaults(), 1000, 1000},
		{"ten thousand with the defaults", bkt.Defaults(), 10_000, 10_000},
		{"a thousand, any parameters", inBox(0), 1000, 1000},
		{"a thousand, others", inBox(0), 1000, 1000},
		{"a thousand, with forgetting", inBox(.05), 1000, 1000},
		{"a thousand, with the least forgetting", inBox(1e-12), 1000, 1000},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := test.params
			state, want, lowest := p.Start(), exact{number(p.L0), rest(p.L0)}, 1.
			for i := range test.right + test.wrong {
				correct := i < test.right
				state, want = p.Next(state, correct), want.next(p, correct)
				mastery, _ := want.known.Float64()
				logUnknown := want.logUnknown()
				if !near(state.Mastery, mastery, 1e-9) || !near(state.LogUnmastered, logUnknown, 1e-9*max(1, -logUnknown)) {
					t.Fatalf("answer %d: mastery %v, ln(1 - mastery) %v, want %v, %v", i+1, state.Mastery, state.LogUnmastered, mastery, logUnknown)
				}
				lowest = state.Mastery
			}
			if p == bkt.Defaults() && lowest > .95 {
				t.Errorf("mastery %v after %d wrong answers", lowest, test.wrong)
			}
		})
	}
}

// TestTheComplementChangesNoBitOfTheTable: each value of the table is to the last bit what the
// formula gives with 1 − mastery by subtraction.
func TestTheComplementChangesNoBitOfTheTable(t *testing.T) {
	for _, row := range readTable(t) {
		state := bkt.State{Mastery: row.before, LogUnmastered: math.Log1p(-row.before)}
		if got, want := row.params.Next(state, row.correct).Mastery, row.params.Update(row.before, row.correct).Mastery; got != want {
			t.Errorf("%s: %v, want %v", row.name, got, want)
		}
	}
}
