package bkt

import (
	"context"
	"crypto/sha256"
)

// Student is one student's answers to the items of one concept, true being right, in the order in which they count.
type Student struct {
	ID      string
	Answers []bool
}

// Options configure Fit. Start with DefaultOptions.
type Options struct {
	// MaxIterations bounds the steps of EM of each start; at least 1.
	MaxIterations int
	// Threshold is the largest estimated distance of the parameters from the limit of the steps at which Fit stops;
	// above 0.
	Threshold float64
	// Forgetting fits F as well. Without it F is 0.
	Forgetting bool
	// Current are the parameters in force, which the fitted ones are compared with.
	Current Params
}

// DefaultOptions returns the platform's defaults: 100 iterations, a threshold of 1e-3, no forgetting, the default
// parameters as Current.
func DefaultOptions() Options {
	return Options{MaxIterations: 100, Threshold: 1e-3, Current: Defaults()}
}

// Fitted is what Fit found.
type Fitted struct {
	// Params maximise the posterior of all students' answers.
	Params Params
	// Forgetting reports whether F was fitted as well.
	Forgetting bool
	// SE are the standard errors of Params.
	SE StandardErrors
	// Condition is the condition number of the information matrix, scaled to a unit diagonal, for the parameters that
	// are not at a bound: +Inf if the information is not positive definite, 0 if every parameter is at a bound.
	Condition float64
	// Iterations is the number of EM steps of the start that won, and Converged reports whether it met the threshold.
	Iterations int
	Converged  bool
	// LogLikelihood is the log-likelihood of all answers, in natural units, without the prior.
	LogLikelihood float64
	// Students counts those with an answer; Answers counts their answers.
	Students, Answers int
	// Warnings are in the order of their constants.
	Warnings []Warning
	// HeldOut is how the fit does on students that it has not seen.
	HeldOut HeldOut
}

// EnoughToFit reports whether there are enough answers to fit: two students with two answers each. Fit itself accepts
// fewer, and returns what the prior says.
func EnoughToFit(students []Student) bool {
	enough := 0
	for _, student := range students {
		if len(student.Answers) >= 2 {
			enough++
		}
	}
	return enough >= 2
}

// Fit estimates the parameters of a concept from the answers of its students, each of whom comes once: the maximum of
// the posterior under Beta priors, found by EM from eight starts. The order of the students makes no difference, to the
// last bit. The error is ctx's; Fit ends within a step or two of it.
func Fit(ctx context.Context, students []Student, options Options) (Fitted, error) {
	m := newModel(newTree(students), options.Forgetting)
	best, err := m.best(ctx, options)
	if err != nil {
		return Fitted{}, err
	}
	information := m.information(best.at)
	fitted := Fitted{
		Params:        best.at.params(),
		Forgetting:    options.Forgetting,
		SE:            information.standardErrors(),
		Condition:     information.condition(),
		Iterations:    best.iterations,
		Converged:     best.converged,
		LogLikelihood: best.logLikelihood,
		Students:      int(m.students),
		Answers:       m.answers,
	}
	if fitted.HeldOut, err = holdOut(ctx, students, best.at, options); err != nil {
		return Fitted{}, err
	}
	fitted.Warnings = fitted.warnings(m.atBound(best.at))
	return fitted, nil
}

// best returns the optimum of highest log-posterior; of those within 1e-9 the one whose start comes first.
func (m *model) best(ctx context.Context, options Options) (optimum, error) {
	var best optimum
	for i, start := range starts(options.Forgetting) {
		found, err := m.maximise(ctx, start, options)
		if err != nil {
			return optimum{}, err
		}
		if i == 0 || found.logPosterior > best.logPosterior+1e-9 {
			best = found
		}
	}
	return best, nil
}

// startForgetting is where F starts. From 0 EM never leaves 0.
const startForgetting = .02

func starts(withForgetting bool) []vector {
	var all []vector
	for _, l0 := range []float64{.1, .5} {
		for _, t := range []float64{.1, .3} {
			for _, answer := range [][2]float64{{.2, .1}, {.35, .25}} {
				start := vector{l0, t, answer[0], answer[1]}
				if withForgetting {
					start[forgetting] = startForgetting
				}
				all = append(all, start)
			}
		}
	}
	return all
}

// LogLikelihood returns the log-probability of the students' answers, in natural units; -Inf if one is impossible.
func (p Params) LogLikelihood(students []Student) float64 {
	answers := newTree(students)
	return answers.logLikelihood(p, make([]message, len(answers.parent)))
}

// IsHeldOut reports whether a student is in the fifth that a fit is tested on: the first byte of the SHA-256 of the id
// is a multiple of 5.
func IsHeldOut(id string) bool {
	sum := sha256.Sum256([]byte(id))
	return sum[0]%5 == 0
}
