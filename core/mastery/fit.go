package mastery

import (
	"context"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/bkt"
)

// ErrTooFewToFit is for a concept with fewer than two students with two answers each.
var ErrTooFewToFit = &core.Error{
	Code: core.CodeInsufficientData, Message: "There is too little to fit: it takes two students with two answers each",
}

// FitRequest is what to fit, and how.
type FitRequest struct {
	ConceptID string
	// MaxIterations, Threshold and Forgetting are the fields of bkt.Options.
	MaxIterations int
	Threshold     float64
	Forgetting    bool
	// Force puts the fit into force whatever the verdict.
	Force bool
	// By is the subject of the token that asks.
	By string
}

// FitResult is what a fit found, and whether it was applied.
type FitResult struct {
	bkt.Fitted
	// Version is the number under which the fit is kept, in force or not.
	Version int
	// Applied reports whether it is in force now: the verdict is bkt.VerdictBetter, or it was forced.
	Applied bool
	// Verdict compares the fit with Previous.
	Verdict bkt.Verdict
	// Previous are the parameters that were in force.
	Previous Parameters
	// StatesCurrent reports whether every state of the concept was computed with the parameters that are in force now.
	// If not, each outdated state is computed again with its student's next answer, and all of them by the next Fit or
	// Restore.
	StatesCurrent bool
}

// Fit estimates the parameters of a concept from all answers of all institutions, and keeps them as a version. It puts
// them into force unless they do worse than those in force. Then the states of the concept are computed again. An
// answer that arrives meanwhile first computes its own state again.
//
// Errors: CodeNotFound for a concept that is not in the bank; ErrTooFewToFit; ErrReplaced if another fit or a restore
// came first; those of ParameterStore. After an error other than CodeUnavailable no parameters were replaced.
func (s *Service) Fit(ctx context.Context, request FitRequest) (FitResult, error) {
	previous, err := s.Parameters(ctx, bank.Everywhere(), request.ConceptID)
	if err != nil {
		return FitResult{}, err
	}
	students, err := s.stores.Answers.Answers(ctx, request.ConceptID)
	if err != nil {
		return FitResult{}, err
	}
	if !bkt.EnoughToFit(students) {
		return FitResult{}, ErrTooFewToFit
	}
	fitted, err := bkt.Fit(ctx, students, bkt.Options{
		MaxIterations: request.MaxIterations, Threshold: request.Threshold, Forgetting: request.Forgetting, Current: previous.Params,
	})
	if err != nil {
		return FitResult{}, err
	}
	result := FitResult{Fitted: fitted, Verdict: fitted.Verdict(), Previous: previous}
	result.Applied = request.Force || result.Verdict == bkt.VerdictBetter
	result.Version, err = s.stores.Parameters.AddFit(ctx, Parameters{
		ConceptID: request.ConceptID, Model: Model{Params: fitted.Params},
		Students: fitted.Students, LogLikelihood: fitted.LogLikelihood, Iterations: fitted.Iterations, Converged: fitted.Converged,
		Applied: result.Applied, FittedAt: StoredTime(s.config.Now()), FittedBy: request.By,
	}, previous.Version)
	if err != nil {
		return FitResult{}, err
	}
	if result.Applied {
		s.replaced(ctx, request.ConceptID, previous.Version, result.Version)
	}
	result.StatesCurrent = s.recomputeLater(ctx, request.ConceptID)
	return result, nil
}
