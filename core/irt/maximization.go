package irt

import "math"

const (
	fisherSteps = 4
	longestStep = 2.0
	mostHalves  = 20
)

// maximization is the M-step: each item's parameters, given the answers that it is expected to have had.
type maximization struct {
	*workers
	rules
	// tolerance is the step length below which an item has converged.
	tolerance float64
	// slopes are the derivatives of the items' expected log-likelihoods by log a at their new parameters, without the
	// prior. The scale step needs those of items at a bound.
	slopes []float64

	common *commonSlope // of the 1PL
}

func newMaximization(w *workers, r rules, threshold float64, items int) *maximization {
	m := &maximization{workers: w, rules: r, tolerance: .05 * threshold, slopes: make([]float64, items)}
	if r.model == Model1PL {
		m.common = newCommonSlope(items)
	}
	return m
}

// run moves the curves towards the maximum of the expected log-posterior and never away from it.
func (m *maximization) run(e *expectation, curves []curve) error {
	if m.model == Model1PL {
		return m.runCommon(e, curves)
	}
	about := centreOf(curves)
	return m.overItems(len(curves), func(_, j int) {
		curves[j], m.slopes[j] = m.item(curves[j], e.grid.theta, e.countsOf(j), about)
	})
}

func (e *expectation) countsOf(j int) answers {
	return answers{wrong: e.row(e.counts, j, 0), right: e.row(e.counts, j, 1)}
}

// item takes up to four Fisher steps for one item.
func (m *maximization) item(k curve, theta []float64, of answers, about centre) (best curve, slope float64) {
	from, to := of.seen()
	t := itemTask{rules: m.rules, theta: theta[from:to], of: answers{of.wrong[from:to], of.right[from:to]}, about: about}
	now := t.derivatives(k)
	for range fisherSteps {
		step := shortened(now.information.solve(now.gradient, m.fixed(k, now.gradient)))
		next, then, moved := k, now, false
		for range mostHalves {
			next = m.moved(k, step)
			then = t.derivatives(next)
			if moved = t.rises(step, k, next, now, then); moved {
				break
			}
			step = scaled(step, .5)
		}
		if !moved {
			break
		}
		k, now = next, then
		if longest(step) < m.tolerance {
			break
		}
	}
	slope = now.gradient[varLogA]
	if m.prior {
		slope += precisionLogA * (math.Log(k.a) - about.logA)
	}
	return k, slope
}

// itemTask is the objective of one item.
type itemTask struct {
	rules
	theta []float64
	of    answers
	about centre
}

func (t *itemTask) derivatives(k curve) derivatives {
	d := k.derivatives(t.theta, t.of, t.slopeC(k.c))
	t.addPrior(&d, k, t.about)
	return d
}

func (t *itemTask) value(k curve) float64 { return k.expected(t.theta, t.of) + t.logPrior(k, t.about) }

// rises reports whether the objective does not fall with a step. Along a short step it is nearly a parabola, which has
// not fallen if the slope at the end is no steeper downwards than it was upwards at the start. The test uses half of
// that, for the higher-order terms. If it fails, the objective is computed.
func (t *itemTask) rises(step vector, from, to curve, before, after derivatives) bool {
	const short = .1
	if longest(step) < short && step.dot(after.gradient) >= -.5*step.dot(before.gradient) {
		return true
	}
	return !falls(t.value(from), t.value(to))
}

// falls reports whether a value decreased by more than a rounding error.
func falls(from, to float64) bool { return !(to >= from-1e-13*math.Abs(from)) }

func (v vector) dot(w vector) float64 { return v[0]*w[0] + v[1]*w[1] + v[2]*w[2] }

func shortened(step vector) vector {
	if length := longest(step); length > longestStep {
		return scaled(step, longestStep/length)
	}
	return step
}

func scaled(step vector, by float64) vector {
	for k := range step {
		step[k] *= by
	}
	return step
}

func longest(step vector) float64 {
	length := 0.0
	for _, s := range step {
		length = max(length, math.Abs(s))
	}
	return length
}
