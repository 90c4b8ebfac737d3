package irt

import (
	"math"
	"slices"
)

const (
	// gridLimit bounds the nodes of ability to [-6, 6].
	gridLimit   = 6.0
	coarsest    = 61
	finest      = 241
	leastWeight = 1e-100 // of a node, so that its logarithm is finite
)

// grid is a distribution of ability on equally spaced nodes.
type grid struct {
	theta, weight, logWeight []float64
}

// normalGrid returns N(0, 1): the density at the nodes over its sum.
func normalGrid(nodes int) grid {
	theta, weight := make([]float64, nodes), make([]float64, nodes)
	for q := range theta {
		theta[q] = -gridLimit + 2*gridLimit*float64(q)/float64(nodes-1)
		weight[q] = math.Exp(-theta[q] * theta[q] / 2)
	}
	return newGrid(theta, weight)
}

// newGrid returns the grid with weights in proportion to the given ones, which it takes over.
func newGrid(theta, weight []float64) grid {
	total := 0.0
	for _, w := range weight {
		total += w
	}
	logWeight := make([]float64, len(weight))
	for q := range weight {
		weight[q] = max(weight[q]/total, leastWeight)
		logWeight[q] = math.Log(weight[q])
	}
	return grid{theta: theta, weight: weight, logWeight: logWeight}
}

func (g grid) nodes() int    { return len(g.theta) }
func (g grid) step() float64 { return g.theta[1] - g.theta[0] }

// moments returns the mean and the standard deviation.
func (g grid) moments() (mean, sd float64) {
	square := 0.0
	for q, w := range g.weight {
		mean += w * g.theta[q]
		square += w * g.theta[q] * g.theta[q]
	}
	return mean, math.Sqrt(max(0, square-mean*mean))
}

// tooCoarse reports whether the step is above half the median of the people's posterior standard deviations, and there
// is a finer grid.
func (g grid) tooCoarse(sds []float64) bool {
	if g.nodes() >= finest {
		return false
	}
	sorted := slices.Clone(sds)
	slices.Sort(sorted)
	return g.step() > sorted[len(sorted)/2]/2
}

// distance returns the largest difference of the distribution functions of two grids with the same nodes.
func (g grid) distance(other grid) float64 {
	difference, largest := 0.0, 0.0
	for q, w := range g.weight {
		difference += w - other.weight[q]
		largest = max(largest, math.Abs(difference))
	}
	return largest
}
