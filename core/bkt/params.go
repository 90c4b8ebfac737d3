package bkt

import (
	"errors"
	"fmt"
	"math"
)

// Params are the parameters of one concept, each a probability in [0, 1].
type Params struct {
	// L0 is the probability that a student has mastered the concept before the first answer.
	L0 float64
	// T is the probability that a student without mastery learns the concept with an answer.
	T float64
	// G is the probability of a right answer without mastery: a guess.
	G float64
	// S is the probability of a wrong answer in spite of mastery: a slip.
	S float64
	// F is the probability that a student with mastery loses it with an answer. It is 0 unless a fit found forgetting.
	F float64
}

// Defaults returns the platform's parameters for a concept that has not been fitted.
func Defaults() Params { return Params{L0: .1, T: .2, G: .25, S: .1} }

// Validate returns an error if the parameters are unusable: a value is no probability, or a guess and a slip so likely
// that a right answer would lower mastery (G + S above 1).
func (p Params) Validate() error {
	for _, value := range []struct {
		name string
		of   float64
	}{{"L0", p.L0}, {"T", p.T}, {"G", p.G}, {"S", p.S}, {"F", p.F}} {
		if math.IsNaN(value.of) || value.of < 0 || value.of > 1 {
			return fmt.Errorf("%s is %v: it must be a probability from 0 to 1", value.name, value.of)
		}
	}
	if p.G+p.S > 1 {
		return errors.New("the sum of G and S is above 1: a right answer would lower mastery")
	}
	return nil
}

// PredictCorrect returns the probability of a right answer at a mastery in [0, 1].
func (p Params) PredictCorrect(mastery float64) float64 {
	return mastery*(1-p.S) + (1-mastery)*p.G
}

// Outcome is one answer as the model sees it.
type Outcome struct {
	// Probability is that of the answer before it was given. Zero means that the answer is impossible under the
	// parameters. Mastery then stays as it was.
	Probability float64
	// Posterior is the mastery at the moment of the answer, given the answer.
	Posterior float64
	// Mastery is the probability of mastery before the next answer: the posterior after learning and forgetting.
	Mastery float64
}

// Update returns the outcome of an answer, given the mastery before it, a probability in [0, 1]. It allocates nothing.
func (p Params) Update(mastery float64, correct bool) Outcome {
	return p.update(mastery, 1-mastery, correct)
}

// update is Update for a mastery near 1 whose complement is better known than by subtraction.
func (p Params) update(mastery, unmastered float64, correct bool) Outcome {
	ifKnown, ifUnknown := p.likelihoods(correct)
	known, unknown := mastery*ifKnown, unmastered*ifUnknown
	probability := known + unknown
	if probability <= 0 {
		return Outcome{Posterior: mastery, Mastery: mastery}
	}
	posterior := known / probability
	return Outcome{
		Probability: probability,
		Posterior:   posterior,
		Mastery:     posterior*(1-p.F) + (1-posterior)*p.T,
	}
}

// likelihoods returns the probability of an answer with mastery and without.
func (p Params) likelihoods(correct bool) (ifKnown, ifUnknown float64) {
	if correct {
		return 1 - p.S, p.G
	}
	return p.S, 1 - p.G
}
