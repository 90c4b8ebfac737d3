package irt

import "math"

// Ability is a person's estimated ability: the mean of the posterior distribution (EAP) and its standard deviation, in
// the units of the items' scale.
type Ability struct{ Theta, SD float64 }

// Response is one answer to an item with known parameters.
type Response struct {
	Params
	Correct bool
}

const (
	// AbilityNodes is how many equally spaced nodes a Posterior has on [-6, 6].
	AbilityNodes = 61
	abilityStep  = 12.0 / (AbilityNodes - 1)
	// MaxDrift is the largest drift: with more, a node would give more mass than it has.
	MaxDrift = abilityStep * abilityStep
)

// Posterior is the distribution of one person's ability on equally spaced nodes. It starts as N(0, 1) and is an
// ordinary value: a copy is independent. Results are computed, never interpolated from tables.
type Posterior struct {
	// weights are in proportion to the probabilities. They are not normalised between answers, which would only cost
	// time and precision.
	weights [AbilityNodes]float64
}

// NewPosterior returns the distribution before the first answer, N(0, 1).
func NewPosterior() Posterior {
	var p Posterior
	for q := range p.weights {
		theta := abilityAt(q)
		p.weights[q] = math.Exp(-theta * theta / 2)
	}
	return p
}

// EstimateAbility returns the ability after responses in their order, with a drift before each but the first; see
// Posterior.Spread. Without responses it is that of N(0, 1). It allocates nothing.
func EstimateAbility(responses []Response, drift float64) Ability {
	p := NewPosterior()
	for k, r := range responses {
		if k > 0 {
			p.Spread(drift)
		}
		p.Observe(r.Params, r.Correct)
	}
	return p.Ability()
}

// Observe updates the distribution with one answer by Bayes' rule. The parameters must be valid.
func (p *Posterior) Observe(item Params, correct bool) {
	before, total := p.weights, 0.0
	odds, ratio := item.abilityOdds()
	for q, w := range before {
		rise := 1 / (1 + odds)
		likelihood := item.C + (1-item.C)*rise
		if !correct {
			likelihood = (1 - item.C) * odds * rise
		}
		w *= likelihood
		p.weights[q] = w
		total += w
		odds *= ratio
	}
	const tiny, lift = 0x1p-500, 0x1p400 // a power of two changes no digit
	switch {
	case total < tiny*tiny:
		p.weights = before
		p.observeInLogs(item, correct)
	case total < tiny:
		for q := range p.weights {
			p.weights[q] *= lift
		}
	}
}

// abilityOdds returns the odds of a wrong answer without guessing at the first node, exp(-a(θ-b)), and their ratio from
// node to node: they form a geometric sequence. The start is clamped to where P no longer changes, so that nothing
// overflows.
func (p Params) abilityOdds() (first, ratio float64) {
	return math.Exp(within(p.A*(p.B-abilityAt(0)), -690, 690)), math.Exp(-p.A * abilityStep)
}

// observeInLogs is Observe for an answer so unlikely that its probability underflows at every node that is left.
func (p *Posterior) observeInLogs(item Params, correct bool) {
	const beyond = 1e6 // an item so far from all nodes tells nothing
	peak := math.Inf(-1)
	var logs [AbilityNodes]float64
	for q, w := range p.weights {
		logP, logQ := logProbabilities(within(item.A*(abilityAt(q)-item.B), -beyond, beyond), item.C)
		logs[q] = math.Log(w) + logQ
		if correct {
			logs[q] = math.Log(w) + logP
		}
		peak = max(peak, logs[q])
	}
	for q := range p.weights {
		p.weights[q] = math.Exp(logs[q] - peak)
	}
}

// Spread lets the ability move between two answers: each node gives drift/(2h²) of its mass to each neighbour, h the
// step, so that the variance grows by drift. It lies in [0, MaxDrift]; 0 changes nothing. Without drift the interval is
// too narrow for people who learn.
func (p *Posterior) Spread(drift float64) {
	give := drift / (2 * abilityStep * abilityStep)
	if give == 0 {
		return
	}
	left := p.weights[0] // the outermost nodes keep what they have no neighbour for
	for q := range p.weights {
		own, right := p.weights[q], p.weights[min(q+1, AbilityNodes-1)]
		p.weights[q] = own + give*(left+right-2*own)
		left = own
	}
}

// Ability returns the mean and the standard deviation. Nodes that mirror one another are taken together, so that the mean
// of a symmetric posterior is exactly 0.
func (p *Posterior) Ability() Ability {
	const last, middle = AbilityNodes - 1, AbilityNodes / 2
	m := abilityMoments{total: p.weights[middle]}
	for q := range middle {
		theta, lower, upper := abilityAt(last-q), p.weights[q], p.weights[last-q]
		m.total += upper + lower
		m.first += (upper - lower) * theta
		m.second += (upper + lower) * theta * theta
	}
	mean := m.first / m.total
	return Ability{Theta: mean, SD: math.Sqrt(max(0, m.second/m.total-mean*mean))}
}

// ExpectedVariance returns the variance that the posterior is expected to have after an answer to an item: the mean of
// the two variances, weighted by the probability of a right and a wrong answer. The criterion of minimum expected
// posterior variance picks the item for which it is smallest (van der Linden 1998).
func (p *Posterior) ExpectedVariance(item Params) float64 {
	var right, wrong abilityMoments
	odds, ratio := item.abilityOdds()
	for q, w := range p.weights {
		theta, rise := abilityAt(q), 1/(1+odds)
		right.add(w*(item.C+(1-item.C)*rise), theta)
		wrong.add(w*(1-item.C)*odds*rise, theta)
		odds *= ratio
	}
	return (right.spread() + wrong.spread()) / (right.total + wrong.total)
}

// abilityMoments are weighted sums of 1, θ and θ².
type abilityMoments struct{ total, first, second float64 }

func (m *abilityMoments) add(weight, theta float64) {
	m.total += weight
	m.first += weight * theta
	m.second += weight * theta * theta
}

// spread is the variance times the total weight.
func (m *abilityMoments) spread() float64 {
	if m.total == 0 {
		return 0
	}
	return max(0, m.second-m.first*m.first/m.total)
}

// abilityAt is the node q; the node AbilityNodes-1-q is its negative, to the last bit.
func abilityAt(q int) float64 { return 12 * float64(q-AbilityNodes/2) / (AbilityNodes - 1) }
