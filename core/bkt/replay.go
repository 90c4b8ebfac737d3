package bkt

import "math"

// State is a student's mastery of one concept after some answers. It is a plain value that holds all that later answers
// need of earlier ones: a replay can continue from a saved state, to the last bit.
type State struct {
	// Mastery is the probability of mastery before the next answer: L0 before the first.
	Mastery float64
	// LogUnmastered is ln(1 − Mastery), kept as its own number: after some thirty right answers Mastery rounds to 1 and
	// the difference to 0, and after some five hundred the complement itself is below the least float64.
	LogUnmastered float64
	// Previous and Earlier are the values of Mastery one answer and two answers ago. They are meaningless before the
	// second and third answer, which Trend takes into account.
	Previous, Earlier float64
	// Evidence is the number of answers so far.
	Evidence int
	// Impossible is how many of them had probability 0 under the parameters and left mastery as it was.
	Impossible int
}

// Start returns the state before the first answer.
func (p Params) Start() State { return State{Mastery: p.L0, LogUnmastered: math.Log1p(-p.L0)} }

// Next returns the state after one more answer. It allocates nothing.
func (p Params) Next(state State, correct bool) State {
	outcome := p.update(state.Mastery, state.unmastered(), correct)
	state.LogUnmastered = p.logUnmastered(state, correct, outcome)
	state.Earlier, state.Previous, state.Mastery = state.Previous, state.Mastery, outcome.Mastery
	state.Evidence++
	if outcome.Probability == 0 {
		state.Impossible++
	}
	return state
}

// subtractable is the mastery below which the difference from 1 is exact enough: to 43 bits.
const subtractable = 1 - 1./1024

// unmastered returns 1 − Mastery.
func (s State) unmastered() float64 {
	if s.Mastery < subtractable {
		return 1 - s.Mastery
	}
	return math.Exp(s.LogUnmastered)
}

// logUnmastered returns ln(1 − mastery) after an answer: with q = 1 − mastery, P(answer | no mastery) = u and
// P(answer) = a, it is ln(q u (1−T) / a + posterior F). Without forgetting it is a sum of logarithms, which no number of
// answers takes out of range.
func (p Params) logUnmastered(before State, correct bool, outcome Outcome) float64 {
	if outcome.Probability == 0 {
		return before.LogUnmastered
	}
	if outcome.Mastery < subtractable {
		return math.Log1p(-outcome.Mastery)
	}
	_, ifUnknown := p.likelihoods(correct)
	factor := ifUnknown * (1 - p.T) / outcome.Probability
	if p.F == 0 {
		return before.LogUnmastered + math.Log(factor)
	}
	return math.Log(before.unmastered()*factor + outcome.Posterior*p.F)
}

// Replay returns the state after the answers, true being right, in the order in which they count. It starts at from:
// Start for a whole record, or a snapshot for the answers after it.
func (p Params) Replay(from State, answers []bool) State {
	for _, correct := range answers {
		from = p.Next(from, correct)
	}
	return from
}

// Trend is the direction in which a student's mastery moves.
type Trend string

// The trends. Their values are the API's.
const (
	TrendImproving Trend = "improving"
	TrendDeclining Trend = "declining"
	TrendStable    Trend = "stable"
)

// Trend compares the mastery after each of the last three answers: improving if each is above the one before, declining
// if each is below, stable otherwise and with fewer than three answers.
func (s State) Trend() Trend {
	switch {
	case s.Evidence < 3:
		return TrendStable
	case s.Earlier < s.Previous && s.Previous < s.Mastery:
		return TrendImproving
	case s.Earlier > s.Previous && s.Previous > s.Mastery:
		return TrendDeclining
	default:
		return TrendStable
	}
}
