package irt_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/journey-os/journey-api/core/irt"
)

type answer struct {
	person, item string
	correct      bool
}

// answersOf draws answers of people who answer some or all of the items.
func answersOf(people, items int, missing float64) []answer {
	r := rand.New(rand.NewPCG(7, 7))
	var all []answer
	for i := range people {
		theta := skewedAbility(r)
		for j := range items {
			p := irt.Params{A: 1.5, B: float64(j%9)/3 - 1.3, C: .2}
			if r.Float64() >= missing {
				all = append(all, answer{fmt.Sprint("p", i), fmt.Sprint("i", j), r.Float64() < p.Probability(theta)})
			}
		}
	}
	return all
}

func dataOf(t testing.TB, answers []answer) *irt.Data {
	t.Helper()
	var b irt.Builder
	for _, a := range answers {
		b.Add(a.person, a.item, a.correct)
	}
	return build(t, &b)
}

func TestTheResultIsTheSameToTheLastBit(t *testing.T) {
	for name, missing := range map[string]float64{"complete data": 0, "missing answers": .4} {
		for _, model := range []irt.Model{irt.Model3PL, irt.Model1PL} {
			t.Run(fmt.Sprint(name, " ", model), func(t *testing.T) {
				t.Parallel()
				if testing.Short() && model == irt.Model1PL {
					t.Skip("the full run has both models")
				}
				answers := answersOf(250, 16, missing)
				options := irt.Options{Model: model, MaxIterations: 30, Workers: 1}
				want, err := irt.Calibrate(t.Context(), dataOf(t, answers), options)
				if err != nil {
					t.Fatal(err)
				}
				r := rand.New(rand.NewPCG(1, 2))
				for _, workers := range []int{2, 3, 16} {
					r.Shuffle(len(answers), func(x, y int) { answers[x], answers[y] = answers[y], answers[x] })
					options.Workers = workers
					got, err := irt.Calibrate(t.Context(), dataOf(t, answers), options)
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(want, got); diff != "" {
						t.Fatalf("shuffled, %d workers: %s", workers, diff)
					}
				}
			})
		}
	}
}
