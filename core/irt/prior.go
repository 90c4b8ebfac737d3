package irt

import "math"

// The prior. The modes are those of log a, d and c: no Jacobian is added if c is estimated as logit c.
const (
	precisionLogA = 1 / (.5 * .5) // log a ~ N(μ, .5²)
	meanLogA      = .2            // μ ~ N(.2, .5²)
	precisionD    = 1 / (2. * 2)  // d ~ N(mean of all d, 2²)
	betaRight     = 5 - 1         // c ~ Beta(5, 17)
	betaWrong     = 17 - 1
)

// rules are the model and the prior of a calibration.
type rules struct {
	model Model
	prior bool
}

func newRules(o Options) rules {
	return rules{model: o.Model, prior: o.Prior == PriorDefault && o.Model != Model1PL}
}

// centre is the means of the priors of log a and of d. Both are estimated.
type centre struct{ logA, d float64 }

// centreOf returns the best means: that of log a is shrunk towards its own prior, that of d is the plain mean.
func centreOf(curves []curve) centre {
	var c centre
	for _, k := range curves {
		c.logA += math.Log(k.a)
		c.d += k.d
	}
	items := float64(len(curves))
	// Both precisions are the same, so they cancel.
	return centre{logA: (c.logA + meanLogA) / (items + 1), d: c.d / items}
}

// logitC reports whether the third variable is logit c.
func (r rules) logitC() bool { return r.model == Model3PL && r.prior }

// slopeC returns the derivative of c by the third variable, 0 if c is fixed.
func (r rules) slopeC(c float64) float64 {
	switch {
	case r.model != Model3PL:
		return 0
	case r.prior:
		return c * (1 - c)
	default:
		return 1
	}
}

// logPrior returns the logarithm of the prior of one item, up to a constant.
func (r rules) logPrior(k curve, about centre) float64 {
	if !r.prior {
		return 0
	}
	fromA, fromD := math.Log(k.a)-about.logA, k.d-about.d
	value := -(precisionLogA*fromA*fromA + precisionD*fromD*fromD) / 2
	if r.model == Model3PL {
		value += betaRight*math.Log(k.c) + betaWrong*math.Log1p(-k.c)
	}
	return value
}

// addPrior adds the derivatives of the logarithm of the prior.
func (r rules) addPrior(d *derivatives, k curve, about centre) {
	if !r.prior {
		return
	}
	d.gradient[varLogA] -= precisionLogA * (math.Log(k.a) - about.logA)
	d.gradient[varD] -= precisionD * (k.d - about.d)
	d.information[varLogA][varLogA] += precisionLogA
	d.information[varD][varD] += precisionD
	if r.model == Model3PL {
		d.gradient[varC] += betaRight*(1-k.c) - betaWrong*k.c
		d.information[varC][varC] += r.curvatureC(k.c)
	}
}

// curvatureC is the negative curvature of the prior of c by logit c.
func (r rules) curvatureC(c float64) float64 { return (betaRight + betaWrong) * c * (1 - c) }

// fixed reports which variables are not free: c under a model without it, and what sits at a bound towards which the
// gradient points.
func (r rules) fixed(k curve, gradient vector) [variables]bool {
	return [variables]bool{
		varLogA: k.a <= minA && gradient[varLogA] <= 0 || k.a >= maxA && gradient[varLogA] >= 0,
		varC: r.model != Model3PL || k.c <= r.leastC() && gradient[varC] <= 0 ||
			k.c >= maxC && gradient[varC] >= 0,
	}
}

// atBound reports which variables are not free at the end, where gradients are near 0.
func (r rules) atBound(k curve) [variables]bool {
	return [variables]bool{
		varLogA: k.aAtBound(),
		varC:    r.model != Model3PL || k.c <= r.leastC() || k.c >= maxC,
	}
}

func (r rules) leastC() float64 {
	if r.logitC() {
		return leastC
	}
	return 0
}

// moved returns the curve after a step of its variables, within the bounds. A variable with step 0 keeps its bits.
func (r rules) moved(k curve, step vector) curve {
	if step[varLogA] != 0 {
		k.a = within(k.a*math.Exp(step[varLogA]), minA, maxA)
	}
	k.d = within(k.d+step[varD], -maxD, maxD)
	if step[varC] != 0 {
		next := k.c + step[varC]
		if r.logitC() {
			odds := k.c / (1 - k.c) * math.Exp(step[varC])
			next = odds / (1 + odds)
		}
		k.c = within(next, r.leastC(), maxC)
	}
	return k
}

func within(x, low, high float64) float64 { return min(max(x, low), high) }
