package bkt

import "math"

// vector is the parameters as EM moves them: L0, T, G, S, F.
type vector [5]float64

const forgetting = 4 // F's place in a vector

func (v vector) params() Params { return Params{L0: v[0], T: v[1], G: v[2], S: v[3], F: v[4]} }

// The prior of each parameter is a Beta distribution whose mode is the platform's default, worth ten observations. F has
// none.
const priorWeight = 10

func priorMode() vector {
	d := Defaults()
	return vector{d.L0, d.T, d.G, d.S}
}

// model is what is maximised: the answers, which parameters are free, and their box.
type model struct {
	*tree
	low, high vector
	messages  []message
}

// newModel bounds L0 and T away from 0 and 1, and G and S from 0 and the half above which a right answer could lower
// mastery. F is 0 unless forgetting is fitted.
func newModel(answers *tree, withForgetting bool) *model {
	const least = 1e-4
	m := &model{
		tree:     answers,
		low:      vector{least, least, least, least, 0},
		high:     vector{1 - least, 1 - least, .5, .5, 0},
		messages: make([]message, len(answers.parent)),
	}
	if withForgetting {
		m.high[forgetting] = .5
	}
	return m
}

func (m *model) clip(v vector) vector {
	for i := range v {
		v[i] = min(max(v[i], m.low[i]), m.high[i])
	}
	return v
}

// step is one step of EM from v. It returns the log-posterior at v as well, up to a constant.
func (m *model) step(v vector) (next vector, logPosterior float64) {
	logLikelihood, expected := m.expect(v.params(), m.messages)
	mode := priorMode()
	for i := range next {
		weight := float64(priorWeight)
		if i == forgetting {
			weight = 0
		}
		next[i] = v[i]
		if chances := expected.chances[i] + weight; chances > 0 {
			next[i] = (expected.happened[i] + weight*mode[i]) / chances
		}
	}
	return m.clip(next), logLikelihood + logPrior(v)
}

func logPrior(v vector) float64 {
	sum := 0.
	mode := priorMode()
	for i := range forgetting {
		sum += priorWeight * (mode[i]*math.Log(v[i]) + (1-mode[i])*math.Log1p(-v[i]))
	}
	return sum
}

// gradient is the derivative of the log-posterior at v, exact by Fisher's identity: that of the expected complete-data
// log-posterior.
func (m *model) gradient(v vector) vector {
	_, expected := m.expect(v.params(), m.messages)
	mode := priorMode()
	var slope vector
	for i := range slope {
		weight := float64(priorWeight)
		if i == forgetting {
			weight = 0
		}
		happened := expected.happened[i] + weight*mode[i]
		not := expected.chances[i] + weight - happened
		slope[i] = happened/v[i] - not/(1-v[i])
	}
	return slope
}
