package irt

import "math"

// The limits of the flags.
const (
	leastMeanSquare, mostMeanSquare = .7, 1.3
	leastItemRest                   = .05
	rmsdResponses                   = 500
	mostRMSD                        = .05
	rmsdChance                      = 1.5
	sx2P, sx2RMSEA                  = .01, .05
)

// meanSquares returns infit and outfit, averages over the posterior: the squared residual of an answer has the mean
// r·Q² + w·P² at a node, over its variance PQ.
func (k curve) meanSquares(theta []float64, of answers) (infit, outfit float64) {
	var residuals, variance, standardised, total float64
	for q, t := range theta {
		right, wrong := of.right[q], of.wrong[q]
		p, miss := k.probabilities(t)
		residuals += right*miss*miss + wrong*p*p
		variance += (right + wrong) * p * miss
		standardised += right*miss/p + wrong*p/miss
		total += right + wrong
	}
	return residuals / variance, standardised / total
}

// misfit returns the squared RMSD and its expectation by chance alone: the variance of the observed proportions, given
// the squares of the posterior weights. With narrow posteriors few people share a node, and the plain value measures
// noise.
func (k curve) misfit(theta []float64, of answers, squares []float64) (square, chance float64) {
	total := 0.0
	for q, t := range theta {
		n := of.right[q] + of.wrong[q]
		if n == 0 {
			continue
		}
		p, miss := k.probabilities(t)
		off := of.right[q]/n - p
		square += n * off * off
		chance += p * miss * squares[q] / n
		total += n
	}
	return square / total, chance / total
}

// fitOf returns the fit statistics of one item without S-X², and the flags that they raise.
func (o *observed) fitOf(j int, totals []rest) (Fit, []Flag) {
	var (
		fit   Fit
		flags []Flag
		k     = o.curves[j]
		theta = o.e.grid.theta
		of    = o.e.countsOf(j)
	)
	fit.Infit, fit.Outfit = k.meanSquares(theta, of)
	square, chance := k.misfit(theta, of, o.squares[j*len(theta):][:len(theta)])
	fit.RMSD = math.Sqrt(square)
	fit.ItemRest = itemRest(o.e.sample.byItem.row(j), totals)
	if min(fit.Infit, fit.Outfit) < leastMeanSquare || max(fit.Infit, fit.Outfit) > mostMeanSquare {
		flags = append(flags, FlagMeanSquare)
	}
	if fit.ItemRest.Known && fit.ItemRest.Value < leastItemRest {
		flags = append(flags, FlagNegativeDiscrimination)
	}
	if k.a <= minA {
		flags = append(flags, FlagAAtLowerBound)
	}
	responses := len(o.e.sample.byItem.row(j))
	if responses >= rmsdResponses && square > mostRMSD*mostRMSD+rmsdChance*chance {
		flags = append(flags, FlagRMSD)
	}
	return fit, flags
}

// rest is how many answers a person gave to calibrated items, and how many of them are right.
type rest struct{ answers, right int }

func (s *sample) totals() []rest {
	totals := make([]rest, len(s.people))
	for i := range totals {
		totals[i] = rest{answers: len(s.byPerson.row(i)), right: s.byPerson.correct(i)}
	}
	return totals
}

// without returns the mean of the person's other answers, and false if there is none.
func (r rest) without(answer cell) (mean float64, others bool) {
	return float64(r.right-answer.score()) / max(1, float64(r.answers-1)), r.answers > 1
}

// itemRest returns the correlation of an item's answers with the mean of the same people's other answers.
func itemRest(answers []cell, totals []rest) Optional {
	var people, right, mean float64
	for _, answer := range answers {
		if m, others := totals[answer.index()].without(answer); others {
			people++
			right += float64(answer.score())
			mean += m
		}
	}
	right, mean = right/max(people, 1), mean/max(people, 1)
	var both, ofItem, ofRest float64
	for _, answer := range answers {
		if m, others := totals[answer.index()].without(answer); others {
			x, y := float64(answer.score())-right, m-mean
			both, ofItem, ofRest = both+x*y, ofItem+x*x, ofRest+y*y
		}
	}
	if !(ofItem > 1e-12 && ofRest > 1e-12) {
		return Optional{}
	}
	return Some(within(both/math.Sqrt(ofItem*ofRest), -1, 1))
}
