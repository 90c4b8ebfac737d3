package bkt

import (
	"context"
	"math"
)

// optimum is where one start of EM ended.
type optimum struct {
	at            vector
	logLikelihood float64
	logPosterior  float64
	iterations    int
	converged     bool
}

// maximise climbs from a start by EM, accelerated by squared extrapolation (SQUAREM; Varadhan & Roland 2008, the step
// length of their scheme S3). A cycle is two plain steps, and a third from the point that they extrapolate to, unless
// that point is worse than the one after the first of them. Every step of EM is an iteration.
//
// Steps shrink like a geometric series, whose ratio is at least .9 or what the two plain steps show. It has converged
// if the rest of that series is below the threshold, from the second cycle on.
func (m *model) maximise(ctx context.Context, start vector, options Options) (optimum, error) {
	at := m.clip(start)
	result := optimum{}
	for cycle := 1; ; cycle++ {
		if err := ctx.Err(); err != nil {
			return optimum{}, err
		}
		first, _ := m.step(at)
		if result.iterations++; result.iterations == options.MaxIterations {
			return m.ended(first, result), nil
		}
		second, atFirst := m.step(first)
		result.iterations++
		if cycle > 1 && settled(at, first, second, options.Threshold) {
			result.converged = true
			return m.ended(second, result), nil
		}
		if result.iterations == options.MaxIterations {
			return m.ended(second, result), nil
		}
		if ahead, is := m.extrapolate(at, first, second); is {
			third, atAhead := m.step(ahead)
			if atAhead >= atFirst {
				second = third
			}
			if result.iterations++; result.iterations == options.MaxIterations {
				return m.ended(second, result), nil
			}
		}
		at = second
	}
}

func (m *model) ended(at vector, result optimum) optimum {
	result.at = at
	result.logLikelihood = m.logLikelihood(at.params(), m.messages)
	result.logPosterior = result.logLikelihood + logPrior(at)
	return result
}

// extrapolate returns where the two steps lead in one, and reports whether that is further than they went.
func (m *model) extrapolate(at, first, second vector) (vector, bool) {
	var step, bend vector
	var stepNorm, bendNorm float64
	for i := range at {
		step[i] = first[i] - at[i]
		bend[i] = second[i] - first[i] - step[i]
		stepNorm += step[i] * step[i]
		bendNorm += bend[i] * bend[i]
	}
	if bendNorm == 0 {
		return vector{}, false
	}
	alpha := -math.Sqrt(stepNorm) / math.Sqrt(bendNorm)
	if alpha >= -1 {
		return vector{}, false
	}
	var ahead vector
	for i := range at {
		ahead[i] = at[i] - 2*alpha*step[i] + alpha*alpha*bend[i]
	}
	return m.clip(ahead), true
}

func settled(at, first, second vector, threshold float64) bool {
	before, last := largestChange(at, first), largestChange(first, second)
	if last < 1e-13 {
		return true
	}
	ratio := max(.9, last/before)
	return ratio < 1 && last*ratio/(1-ratio) < threshold
}

func largestChange(a, b vector) float64 {
	largest := 0.
	for i := range a {
		largest = max(largest, math.Abs(a[i]-b[i]))
	}
	return largest
}
