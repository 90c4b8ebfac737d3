package irt

import "math"

const (
	// An estimated distribution is kept if the log-likelihood rises by more than leastGain and the distribution
	// functions differ by more than leastDistance. With many items, the abilities of normally distributed people are
	// nearly known and the likelihood rises as much by chance, so it does not decide alone.
	leastGain     = 15
	leastDistance = .06
	// patience is how many iterations may pass without that gain.
	patience = 15
)

// tryDensity continues from the optimum under the normal distribution with an estimated one. It returns to that optimum
// if the data do not support the estimate.
func (x *estimation) tryDensity() (DensityTrial, error) {
	normal, curves := x.e.grid, append([]curve(nil), x.curves...)
	var (
		trial DensityTrial
		base  float64
	)
	x.converged = false
	for step := 0; ; step++ {
		if err := x.e.run(x.curves, nil); err != nil {
			return trial, err
		}
		if step == 0 {
			base = x.e.marginal()
		}
		trial.Gain = x.e.marginal() - base
		trial.CutOff = !x.converged && len(x.history) == x.options.MaxIterations
		if x.converged || trial.CutOff || step == patience && trial.Gain <= leastGain {
			break
		}
		if err := x.iterateDensity(); err != nil {
			return trial, err
		}
		trial.Iterations++
	}
	trial.Distance = normal.distance(x.e.grid)
	if !trial.kept() {
		x.e.setGrid(normal)
		x.curves, x.converged = curves, true
	}
	return trial, nil
}

// kept reports whether the estimated distribution is the better one.
func (t DensityTrial) kept() bool { return t.Gain > leastGain && t.Distance > leastDistance }

// iterateDensity is one iteration under an estimated distribution, after its E-step. The average of the posteriors,
// standardised, is the next distribution, and the items follow its scale.
func (x *estimation) iterateDensity() error {
	before, weights := append([]curve(nil), x.curves...), x.e.grid.weight
	if err := x.m.run(x.e, x.curves); err != nil {
		return err
	}
	next, mean, sd := newGrid(x.e.grid.theta, append([]float64(nil), x.e.total...)).standardised()
	rescale(x.curves, mean, sd)
	x.e.setGrid(next)
	change := largestChange(before, x.curves)
	for q := range weights {
		change = max(change, math.Abs(weights[q]-next.weight[q]))
	}
	x.finish(StageDensity, change)
	return nil
}

// standardised returns the distribution of (θ - mean)/sd, which has mean 0 and standard deviation 1. Between nodes the
// density is taken to be linear, which moves both a little: mean and sd are those that come out right.
func (g grid) standardised() (standard grid, mean, sd float64) {
	mean, sd = g.moments()
	for range 30 {
		standard = g.seen(mean, sd)
		off, spread := standard.moments()
		if math.Abs(off) < 1e-12 && math.Abs(spread-1) < 1e-12 {
			break
		}
		mean, sd = mean+sd*off, sd*spread
	}
	return standard, mean, sd
}

// seen returns the distribution of (θ - mean)/sd by linear interpolation of the density.
func (g grid) seen(mean, sd float64) grid {
	weight := make([]float64, g.nodes())
	for q, t := range g.theta {
		place := (mean + sd*t - g.theta[0]) / g.step()
		left := math.Floor(place)
		if k := int(left); k >= 0 && k+1 < g.nodes() {
			weight[q] = g.weight[k] + (place-left)*(g.weight[k+1]-g.weight[k])
		}
	}
	return newGrid(g.theta, weight)
}
