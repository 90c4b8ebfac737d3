package irt

import (
	"fmt"
	"math"
)

// Model is how many parameters an item has.
type Model string

const (
	// Model3PL estimates discrimination, difficulty and guessing for each item. It is the default.
	Model3PL Model = "3pl"
	// Model2PL fixes guessing at 0.
	Model2PL Model = "2pl"
	// Model1PL fixes guessing at 0 and gives all items one discrimination.
	Model1PL Model = "1pl"
)

// Params are the parameters of one item on the scale of ability.
type Params struct {
	// A is the discrimination: four times the slope of the curve at B over 1-C. Estimates lie in [.2, 3].
	A float64
	// B is the difficulty: the ability halfway between C and 1.
	B float64
	// C is the guessing parameter: the probability of a right answer far below B. Estimates lie in [0, .35].
	C float64
}

// Validate returns an error if the parameters are unusable: a number is not finite, the discrimination is not positive,
// or the guessing parameter is outside [0, 1).
func (p Params) Validate() error {
	switch {
	case !finite(p.A) || p.A <= 0:
		return fmt.Errorf("a is %v: it must be positive and finite", p.A)
	case !finite(p.B):
		return fmt.Errorf("b is %v: it must be finite", p.B)
	case !(p.C >= 0 && p.C < 1):
		return fmt.Errorf("c is %v: it must be from 0 to below 1", p.C)
	}
	return nil
}

// Probability returns the probability of a right answer at ability theta, in [C, 1].
func (p Params) Probability(theta float64) float64 {
	return p.C + (1-p.C)/(1+math.Exp(-p.A*(theta-p.B)))
}

// Information returns the Fisher information of the item at ability theta: a²(Q/P)((P-c)/(1-c))² with Q = 1-P
// (Lord 1980). Its unit is 1 over ability squared.
func (p Params) Information(theta float64) float64 {
	z := p.A * (theta - p.B)
	rise := 1 / (1 + math.Exp(-z)) // (P-c)/(1-c)
	fall := 1 / (1 + math.Exp(z))  // Q/(1-c), never by subtraction: 1-P underflows to 0
	return p.A * p.A * (1 - p.C) * fall / (p.C + (1-p.C)*rise) * rise * rise
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// logProbabilities returns log P and log(1-P) at z = a(θ-b), both finite for every finite z.
func logProbabilities(z, c float64) (logP, logQ float64) {
	// log(1+e^z) and log(1+e^-z) without overflow
	small := math.Log1p(math.Exp(-math.Abs(z)))
	logFall, logRise := -max(z, 0)-small, min(z, 0)-small
	if c == 0 {
		return logRise, logFall
	}
	return math.Log(c + (1-c)*math.Exp(logRise)), math.Log1p(-c) + logFall
}
