package irt

import "math"

// scaleStep moves the common scale to its optimum after an M-step: parameter expansion (Liu, Rubin & Wu 1998). The
// people are given N(m, e^2λ) in place of N(0, 1) for a moment, m and λ are estimated from their averaged posterior,
// and the items take both over, so that the distribution is N(0, 1) again. This is the slowest direction of EM: the
// largest change of a parameter becomes small long before it converges.
type scaleStep struct {
	people, mean, variance float64 // of the averaged posterior
	// pull is the sum of the slopes of the expected log-likelihoods by log a of the items at a bound: these keep a when
	// the scale moves.
	pull float64
	// logA and d are the log-priors of log a and of d as functions of λ and m, up to a constant, with the means of both
	// profiled out.
	logA, d parabola
	// stuck reports whether all items are at a bound, so that λ is 0.
	stuck bool
}

// parabola is the function slope·x - curvature·x²/2.
type parabola struct{ slope, curvature float64 }

func (p parabola) at(x float64) float64         { return p.slope*x - p.curvature*x*x/2 }
func (p parabola) derivative(x float64) float64 { return p.slope - p.curvature*x }

// moveScale applies the step to the curves. The slopes are those of maximization; mean and sd describe the posteriors
// before the M-step.
func (r rules) moveScale(curves []curve, slopes, mean, sd []float64) {
	s := scaleStep{people: float64(len(mean))}
	s.mean, s.variance = averaged(mean, sd)
	s.gather(curves, slopes, r.prior)
	shift, stretch := s.optimum()
	rescale(curves, shift, math.Exp(stretch))
}

// rescale gives the curves the scale θ' on which θ = shift + factor·θ'. Discriminations at a bound stay there.
func rescale(curves []curve, shift, factor float64) {
	for j := range curves {
		k := &curves[j]
		k.d = within(k.d+k.a*shift, -maxD, maxD)
		if !k.aAtBound() {
			k.a = within(k.a*factor, minA, maxA)
		}
	}
}

// averaged returns the mean and the variance of the average of all posteriors.
func averaged(mean, sd []float64) (m, variance float64) {
	people := float64(len(mean))
	for _, x := range mean {
		m += x / people
	}
	for i, x := range mean {
		variance += (sd[i]*sd[i] + (x-m)*(x-m)) / people
	}
	return m, variance
}

func (s *scaleStep) gather(curves []curve, slopes []float64, prior bool) {
	items := float64(len(curves))
	var free, fromMean, freeFromMean, meanA, meanD float64
	for j, k := range curves {
		from := math.Log(k.a) - meanLogA
		fromMean += from
		meanA += k.a / items
		meanD += k.d / items
		if k.aAtBound() {
			s.pull += slopes[j]
			continue
		}
		free++
		freeFromMean += from
	}
	s.stuck = free == 0
	if !prior {
		return
	}
	// The mean of log a is shrunk to its own prior by one item's worth: I - 11ᵀ/(J+1).
	s.logA = parabola{
		slope:     -precisionLogA * (freeFromMean - free*fromMean/(items+1)),
		curvature: precisionLogA * (free - free*free/(items+1)),
	}
	for _, k := range curves {
		s.d.slope -= precisionD * (k.a - meanA) * (k.d - meanD)
		s.d.curvature += precisionD * (k.a - meanA) * (k.a - meanA)
	}
}

func (s *scaleStep) value(m, lambda float64) float64 {
	spread := s.variance + (s.mean-m)*(s.mean-m)
	return -s.people*(lambda+spread*math.Exp(-2*lambda)/2) + s.logA.at(lambda) + s.d.at(m) - lambda*s.pull
}

// optimum is Newton's method from the optimum without prior.
func (s *scaleStep) optimum() (m, lambda float64) {
	m, lambda = s.mean, math.Log(max(s.variance, 1e-6))/2
	if s.stuck {
		lambda = 0
	}
	now := s.value(m, lambda)
	for range 30 {
		stepM, stepLambda := s.newton(m, lambda)
		then := s.value(m+stepM, lambda+stepLambda)
		for k := 0; k < mostHalves && falls(now, then); k++ {
			stepM, stepLambda = stepM/2, stepLambda/2
			then = s.value(m+stepM, lambda+stepLambda)
		}
		if falls(now, then) {
			break
		}
		m, lambda, now = m+stepM, lambda+stepLambda, then
		if math.Abs(stepM)+math.Abs(stepLambda) < 1e-12 {
			break
		}
	}
	return m, lambda
}

func (s *scaleStep) newton(m, lambda float64) (stepM, stepLambda float64) {
	shrink, off := math.Exp(-2*lambda), s.mean-m
	spread := s.variance + off*off
	slopeM := s.people*off*shrink + s.d.derivative(m)
	curvatureM := s.people*shrink + s.d.curvature
	if s.stuck {
		return slopeM / curvatureM, 0
	}
	slopeLambda := s.people*(spread*shrink-1) + s.logA.derivative(lambda) - s.pull
	curvatureLambda := 2*s.people*spread*shrink + s.logA.curvature
	cross := 2 * s.people * off * shrink
	if determinant := curvatureM*curvatureLambda - cross*cross; determinant > 0 {
		return (curvatureLambda*slopeM - cross*slopeLambda) / determinant,
			(curvatureM*slopeLambda - cross*slopeM) / determinant
	}
	return slopeM / curvatureM, slopeLambda / curvatureLambda
}
