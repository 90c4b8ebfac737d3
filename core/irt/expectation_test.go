package irt_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/journey-os/journey-api/core/irt"
)

const missing = -1

// Posteriors are held for a part of the people at a time, each on a few nodes: here are more people than that, whose
// abilities lie far apart.
func TestTheExpectedAnswersAreTheSumsOfAllPosteriors(t *testing.T) {
	const people, items = 5000, 30
	for name, share := range map[string]float64{"complete data": 0, "missing answers": .1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(3, 4))
			bank, scores := make([]irt.Params, items), make([][]int, people)
			for j := range bank {
				bank[j] = irt.Params{A: 1 + r.Float64(), B: 3 * (float64(j)/items - .5), C: .1}
			}
			var builder irt.Builder
			for i := range scores {
				scores[i] = make([]int, items)
				for j, p := range bank {
					if r.Float64() < share {
						scores[i][j] = missing
						continue
					}
					if r.Float64() < p.Probability([]float64{-3, 3, 0}[i%3]) {
						scores[i][j] = 1
					}
					builder.Add(fmt.Sprintf("p%04d", i), fmt.Sprintf("i%02d", j), scores[i][j] == 1)
				}
			}
			nodes, got, err := irt.ExpectedAnswers(t.Context(), build(t, &builder), bank)
			if err != nil {
				t.Fatal(err)
			}
			for j, want := range sumsOfPosteriors(nodes, bank, scores) {
				for score, row := range want {
					for q, count := range row {
						if math.Abs(got[j][score][q]-count) > 1e-9 {
							t.Fatalf("item %d, score %d, θ = %g: %g are expected, want %g", j, score, nodes[q], got[j][score][q], count)
						}
					}
				}
			}
		})
	}
}

// sumsOfPosteriors adds the posterior of each person, under N(0, 1), to the answers that the person gave.
func sumsOfPosteriors(nodes []float64, bank []irt.Params, scores [][]int) [][2][]float64 {
	sums := make([][2][]float64, len(bank))
	for j := range sums {
		sums[j] = [2][]float64{make([]float64, len(nodes)), make([]float64, len(nodes))}
	}
	for _, given := range scores {
		posterior, total := make([]float64, len(nodes)), 0.0
		for q, theta := range nodes {
			posterior[q] = math.Exp(-theta * theta / 2)
			for j, score := range given {
				if p := bank[j].Probability(theta); score == 1 {
					posterior[q] *= p
				} else if score == 0 {
					posterior[q] *= 1 - p
				}
			}
			total += posterior[q]
		}
		for j, score := range given {
			for q := 0; score != missing && q < len(nodes); q++ {
				sums[j][score][q] += posterior[q] / total
			}
		}
	}
	return sums
}
