package irt

import "math"

// The bounds of the estimates. The bound of d only keeps numbers finite if there is no prior: no optimum is there.
const (
	minA, maxA = .2, 3.0
	maxC       = .35
	leastC     = 1e-6 // if c is estimated as logit c, which has no 0
	maxD       = 50.0
)

// curve is an item in the parameters that are estimated: P(θ) = c + (1-c)/(1+exp(-(aθ+d))).
type curve struct{ a, d, c float64 }

func (k curve) params() Params { return Params{A: k.a, B: 0 - k.d/k.a, C: k.c} }

// aAtBound reports whether a is at a bound, at which it is held fixed.
func (k curve) aAtBound() bool { return k.a <= minA || k.a >= maxA }

// probabilities returns P and 1-P, neither by subtraction: 1-P would underflow.
func (k curve) probabilities(theta float64) (p, miss float64) {
	odds := math.Exp(-(k.a*theta + k.d))
	rise := 1 / (1 + odds)
	return k.c + (1-k.c)*rise, (1 - k.c) * odds * rise
}

// perNode has a number for each node of the finest grid; it is allocated on the stack.
type perNode [finest]float64

// oddsAt fills in exp(-(aθ+d)), the odds of a wrong answer without guessing. Over the equal steps of a grid they form a
// geometric sequence, which is restarted often enough that rounding errors do not accumulate.
func (k curve) oddsAt(theta []float64, into *perNode) []float64 {
	const anew = 16
	odds, step := into[:len(theta)], gridLimit
	if len(theta) > 1 {
		step = theta[1] - theta[0]
	}
	ratio := math.Exp(-k.a * step)
	for from := 0; from < len(odds); from += anew {
		run := odds[from:min(from+anew, len(odds))]
		o := math.Exp(-(k.a*theta[from] + k.d))
		for q := range run {
			run[q] = o
			o *= ratio
		}
	}
	return odds
}

// tabulate fills in log P and log(1-P) at the nodes.
func (k curve) tabulate(theta, logP, logQ []float64) {
	var scratch perNode
	free, logFree := 1-k.c, math.Log1p(-k.c)
	for q, odds := range k.oddsAt(theta, &scratch) {
		logRise := -math.Log(1 + odds)
		logQ[q] = logFree + logRise - (k.a*theta[q] + k.d)
		if k.c == 0 {
			logP[q] = logRise
		} else {
			logP[q] = math.Log(k.c + free/(1+odds))
		}
	}
}

// answers are the wrong and the right answers that an item is expected to have had at each node.
type answers struct{ wrong, right []float64 }

// seen returns the nodes [from, to) outside which there are no answers.
func (a answers) seen() (from, to int) {
	to = len(a.right)
	for to > 0 && a.right[to-1]+a.wrong[to-1] == 0 {
		to--
	}
	for from < to && a.right[from]+a.wrong[from] == 0 {
		from++
	}
	return from, to
}

// expected returns the expected log-likelihood, Σ right·log P + wrong·log(1-P).
func (k curve) expected(theta []float64, of answers) float64 {
	var logP, logQ perNode
	k.tabulate(theta, logP[:len(theta)], logQ[:len(theta)])
	return dot(of.right, logP[:len(theta)]) + dot(of.wrong, logQ[:len(theta)])
}

// The places of the variables in gradients and matrices. The third is logit c under a prior, and c itself without.
const (
	varLogA = iota
	varD
	varC
	variables
)

type (
	vector [variables]float64
	matrix [variables][variables]float64
)

// derivatives are the gradient of an item's expected log-likelihood and its expected information.
type derivatives struct {
	gradient    vector
	information matrix
}

// derivatives returns those of the expected log-likelihood. slope is the derivative of c by the third variable; it is 0
// if c is fixed. 1-P is never taken by subtraction: every ratio below is written without it.
func (k curve) derivatives(theta []float64, of answers, slope float64) derivatives {
	var (
		scratch                      perNode
		g0, g1, g2                   float64
		i00, i01, i11, i02, i12, i22 float64
		free                         = 1 - k.c
		slopeOverFree                = slope / free
		right, wrong                 = of.right[:len(theta)], of.wrong[:len(theta)]
	)
	for q, odds := range k.oddsAt(theta, &scratch) {
		r, n, x := right[q], right[q]+wrong[q], k.a*theta[q]
		rise := 1 / (1 + odds)
		p := k.c + free*rise
		overP := 1 / p
		residual := (r - n*p) * overP
		u := residual * rise
		g0, g1, g2 = g0+u*x, g1+u, g2+residual
		share := n * odds * rise * overP
		cross := share * rise
		w := cross * rise
		i00, i01, i11 = i00+w*x*x, i01+w*x, i11+w
		i02, i12, i22 = i02+cross*x, i12+cross, i22+share
	}
	return derivatives{
		gradient: vector{g0, g1, g2 * slopeOverFree},
		information: matrix{
			{i00 * free, i01 * free, i02 * slope},
			{i01 * free, i11 * free, i12 * slope},
			{i02 * slope, i12 * slope, i22 * slope * slopeOverFree},
		},
	}
}
