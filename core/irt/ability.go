package irt

import "math"

// Ability is what answers say of a person: the mean of the posterior distribution (EAP) and its standard deviation, in
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
	// MaxDrift is the largest drift: with more, a node would give away more than it has.
	MaxDrift = abilityStep * abilityStep
)

// Posterior is the distribution of one person's ability on equally spaced nodes. It starts as N(0, 1) and is an
// ordinary value: a copy is independent. Results are computed, never interpolated from tables.
type Posterior struct{ weights [AbilityNodes]float64 }

// NewPosterior returns the distribution before the first answer, N(0, 1).
func NewPosterior() Posterior {
	var p Posterior
	for q := range p.weights {
		theta := abilityAt(q)
		p.weights[q] = math.Exp(-theta * theta / 2)
	}
	p.normalise()
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

// Observe takes in one answer by Bayes' rule. The parameters must be valid.
func (p *Posterior) Observe(item Params, correct bool) {
	before := p.weights
	// The odds of a wrong answer without guessing, exp(-a(θ-b)), form a geometric sequence over the nodes. The start
	// is cut where P no longer changes, so that nothing overflows.
	odds := math.Exp(max(-690, min(690, item.A*(item.B-abilityAt(0)))))
	ratio := math.Exp(-item.A * abilityStep)
	total := 0.0
	for q := range p.weights {
		rise := 1 / (1 + odds)
		likelihood := (1 - item.C) * odds * rise
		if correct {
			likelihood = item.C + (1-item.C)*rise
		}
		p.weights[q] *= likelihood
		total += p.weights[q]
		odds *= ratio
	}
	if total < 1e-280 {
		p.weights = before
		p.observeInLogs(item, correct)
		return
	}
	p.scale(1 / total)
}

// observeInLogs is Observe for an answer so unlikely that its probability underflows at every node that is left.
func (p *Posterior) observeInLogs(item Params, correct bool) {
	peak := math.Inf(-1)
	var logs [AbilityNodes]float64
	for q, w := range p.weights {
		logP, logQ := logProbabilities(item.A*(abilityAt(q)-item.B), item.C)
		logs[q] = math.Log(w) + logQ
		if correct {
			logs[q] = math.Log(w) + logP
		}
		peak = max(peak, logs[q])
	}
	for q := range p.weights {
		p.weights[q] = math.Exp(logs[q] - peak)
	}
	p.normalise()
}

// Spread lets the ability move between two answers: each node gives drift/(2h²) of its mass to each neighbour, h the
// step, so that the variance grows by drift. It lies in [0, MaxDrift]; 0 changes nothing. Without it the interval is
// too narrow for people who learn.
func (p *Posterior) Spread(drift float64) {
	give := drift / (2 * abilityStep * abilityStep)
	if give == 0 {
		return
	}
	left := p.weights[0] // the outermost nodes keep what they have no neighbour for
	for q := range p.weights {
		own, right := p.weights[q], p.weights[min(q+1, AbilityNodes-1)]
		p.weights[q] = own + give*(left-2*own+right)
		left = own
	}
}

// Ability returns the mean and the standard deviation.
func (p *Posterior) Ability() Ability {
	mean, square := 0.0, 0.0
	for q, w := range p.weights {
		theta := abilityAt(q)
		mean += w * theta
		square += w * theta * theta
	}
	return Ability{Theta: mean, SD: math.Sqrt(max(0, square-mean*mean))}
}

// ExpectedVariance returns the variance that the posterior is expected to have after an answer to an item: the mean of
// the two variances, weighted by the probability of a right and a wrong answer. The criterion of minimum expected
// posterior variance picks the item for which it is smallest (van der Linden 1998).
func (p *Posterior) ExpectedVariance(item Params) float64 {
	odds := math.Exp(max(-690, min(690, item.A*(item.B-abilityAt(0)))))
	ratio := math.Exp(-item.A * abilityStep)
	var right, wrong [3]float64 // moments 0, 1, 2
	for q, w := range p.weights {
		theta := abilityAt(q)
		rise := 1 / (1 + odds)
		r, f := w*(item.C+(1-item.C)*rise), w*(1-item.C)*odds*rise
		right[0], right[1], right[2] = right[0]+r, right[1]+r*theta, right[2]+r*theta*theta
		wrong[0], wrong[1], wrong[2] = wrong[0]+f, wrong[1]+f*theta, wrong[2]+f*theta*theta
		odds *= ratio
	}
	variance := 0.0
	for _, m := range [2][3]float64{right, wrong} {
		if m[0] > 0 {
			variance += m[2] - m[1]*m[1]/m[0]
		}
	}
	return max(0, variance)
}

func (p *Posterior) normalise() {
	total := 0.0
	for _, w := range p.weights {
		total += w
	}
	p.scale(1 / total)
}

func (p *Posterior) scale(by float64) {
	for q := range p.weights {
		p.weights[q] *= by
	}
}

func abilityAt(q int) float64 { return -6 + 12*float64(q)/(AbilityNodes-1) }
