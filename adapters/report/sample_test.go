package report_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/journey-os/journey-api/adapters/report"
	"github.com/journey-os/journey-api/core/irt"
)

// sample is a calibration as it could have come out: so many items, some flagged in every way, some skipped.
func sample(items, people int) report.Calibration {
	random := rand.New(rand.NewPCG(1, 2))
	result := irt.Result{
		Converged: true, Iterations: 14, LogLikelihood: -12345.678, Density: irt.DensityEstimated,
		DensityTrial: irt.DensityTrial{Iterations: 5, Gain: 31.4, Distance: .083},
		Skipped: []irt.Skipped{
			{ID: "<script>alert(1)</script>", Reason: irt.SkipNoVariance, Responses: people},
			{ID: "too-few", Reason: irt.SkipInsufficientResponses, Responses: 40},
			{ID: "unseen", Reason: irt.SkipNoVariance},
		},
	}
	total := 0.0
	for k := range 121 {
		theta := -6 + .1*float64(k)
		weight := math.Exp(-theta*theta/2) * (1 + .5*math.Tanh(theta))
		result.Nodes = append(result.Nodes, irt.Node{Theta: theta, Weight: weight})
		total += weight
	}
	for k := range result.Nodes {
		result.Nodes[k].Weight /= total
	}
	for k := range people {
		result.People = append(result.People, irt.Person{ID: fmt.Sprintf("P%05d", k), Theta: .9 * random.NormFloat64(), SD: .3, Responses: items})
	}
	for k := range items {
		result.Items = append(result.Items, sampleItem(random, k, people, result.Nodes))
	}
	for k := range result.Iterations {
		stage := irt.StageItems
		if k >= 9 {
			stage = irt.StageDensity
		}
		result.History = append(result.History, irt.Progress{
			Stage: stage, Iteration: k + 1, MaxChange: math.Exp(-.7 * float64(k)), LogLikelihood: result.LogLikelihood - 2000*math.Exp(-1.1*float64(k)),
		})
	}
	return report.Calibration{
		Source: "responses.csv", Version: "1.2.3", At: time.Date(2026, 3, 1, 12, 30, 0, 0, time.UTC), Elapsed: 1234 * time.Millisecond,
		People: people, Items: items + 3, Responses: people * items, Result: result,
		Settings: irt.Options{Model: irt.Model3PL, MinResponses: 100, MaxIterations: 100, Threshold: 1e-3, Density: irt.DensityAuto, Prior: irt.PriorDefault},
	}
}

func sampleItem(random *rand.Rand, k, people int, nodes []irt.Node) irt.Item {
	item := irt.Item{
		ID:        fmt.Sprintf("I%04d", k+1),
		Params:    irt.Params{A: .5 + 2*random.Float64(), B: random.NormFloat64(), C: .05 + .25*random.Float64()},
		SE:        irt.StandardErrors{A: irt.Some(.15), B: irt.Some(.1), C: irt.Some(.04)},
		Responses: people, Correct: people * 6 / 10,
		Fit: irt.Fit{
			Infit: .9 + .2*random.Float64(), Outfit: .9 + .2*random.Float64(), RMSD: .01 + .03*random.Float64(), ItemRest: irt.Some(.4),
			SX2: irt.SX2{Known: true, Statistic: 31.2, DF: 28, P: irt.Some(.31), RMSEA: irt.Some(.01)},
		},
	}
	switch k {
	case 1:
		item.Fit.Outfit, item.Flags = 1.42, []irt.Flag{irt.FlagMeanSquare}
	case 3:
		item.A, item.SE.A, item.Fit.ItemRest = .2, irt.Optional{}, irt.Some(-.21)
		item.Flags = []irt.Flag{irt.FlagNegativeDiscrimination, irt.FlagAAtLowerBound}
	case 5:
		item.Fit.RMSD, item.Flags = .091, []irt.Flag{irt.FlagRMSD}
	case 7:
		item.Fit.SX2 = irt.SX2{Known: true, Statistic: 88.8, DF: 28, P: irt.Some(.00001), RMSEA: irt.Some(.071)}
		item.Flags = []irt.Flag{irt.FlagSX2}
	}
	for _, node := range nodes {
		n := float64(people) * node.Weight
		p := item.Probability(node.Theta) + .02*random.NormFloat64()
		item.Counts = append(item.Counts, irt.Count{Responses: n, Correct: n * max(0, min(1, p))})
	}
	return item
}
