package mastery

import (
	"context"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/bkt"
)

// Parameters are one version of a concept's parameters. Each fit makes a version, in force or not; version 0 is the
// defaults, and has no fit.
type Parameters struct {
	ConceptID string
	Model
	// Students is how many students had an answer to the concept when it was fitted.
	Students int
	// LogLikelihood is the log-likelihood of their answers, in natural units.
	LogLikelihood float64
	Iterations    int
	Converged     bool
	// Applied reports whether the fit put it into force. It does not change when another version comes into force.
	Applied  bool
	FittedAt time.Time
	// FittedBy is the subject of the token that asked for the fit.
	FittedBy string
}

// ParameterStore keeps the versions of the concepts' parameters. Its errors are CodeUnavailable if the store cannot be
// reached, else internal. It may be called by many goroutines at once. It ends with ctx, except that a commit that has
// begun is finished.
type ParameterStore interface {
	// InForce returns the version that is in force; nil for a concept that is not in the bank or not within the scope.
	InForce(ctx context.Context, scope bank.Scope, conceptID string) (*Parameters, error)
	// AddFit saves a fit as the version after the concept's last and returns its number; fit.Version is ignored. A fit
	// that is Applied comes into force in the same transaction if the version replaced is still in force. Otherwise
	// nothing is saved and the error is ErrReplaced.
	AddFit(ctx context.Context, fit Parameters, replaced int) (version int, err error)
	// Restore puts a version into force, 0 for the defaults. It reports whether the concept has such a version.
	Restore(ctx context.Context, conceptID string, version int) (found bool, err error)
}

// AnswerReader reads what all students of all institutions answered to a concept. Its errors are those of
// ParameterStore. It may be called by many goroutines at once and ends with ctx.
type AnswerReader interface {
	// Answers returns the students with an answer to the concept, by id, each with the outcomes in the order of the
	// replay. They are read in one transaction.
	Answers(ctx context.Context, conceptID string) ([]bkt.Student, error)
	// Outdated returns, by id, the first students whose state of the concept was computed with other parameters than
	// those in force, at most limit of them.
	Outdated(ctx context.Context, conceptID string, limit int) ([]string, error)
	// CountOutdated counts such states of a concept, or of every concept if conceptID is empty. A concept without any
	// is not in the result.
	CountOutdated(ctx context.Context, conceptID string) (map[string]int, error)
}

// ErrReplaced is for a fit that was compared with parameters that are no longer in force.
var ErrReplaced = core.NewConflictError("The parameters were replaced while these were fitted: fit again")

// Parameters returns those of a concept that are in force. Errors: CodeNotFound for a concept that is not in the bank or
// not within the scope, and those of ParameterStore.
func (s *Service) Parameters(ctx context.Context, scope bank.Scope, conceptID string) (Parameters, error) {
	found, err := s.stores.Parameters.InForce(ctx, scope, conceptID)
	switch {
	case err != nil:
		return Parameters{}, err
	case found == nil:
		return Parameters{}, errNoConcept
	}
	return *found, nil
}

// Outdated counts the states of a concept that are yet to be computed with the parameters in force.
func (s *Service) Outdated(ctx context.Context, conceptID string) (int, error) {
	counts, err := s.stores.Answers.CountOutdated(ctx, conceptID)
	return counts[conceptID], err
}

// Restored is what a restore put into force.
type Restored struct {
	Parameters
	// StatesCurrent reports whether every state of the concept was computed with these parameters, see Fit.
	StatesCurrent bool
}

// Restore puts a version of a concept's parameters into force, 0 for the defaults, and computes the concept's states
// again. If the version is in force already, only outdated states change. Errors: CodeNotFound for a concept that is
// not in the bank, CodeValidation for a version that is not there, and those of ParameterStore.
func (s *Service) Restore(ctx context.Context, conceptID string, version int) (Restored, error) {
	before, err := s.Parameters(ctx, bank.Everywhere(), conceptID)
	if err != nil {
		return Restored{}, err
	}
	switch found, err := s.stores.Parameters.Restore(ctx, conceptID, version); {
	case err != nil:
		return Restored{}, err
	case !found:
		return Restored{}, core.NewValidationError(core.Violation{Field: "version", Message: "is no version of this concept's parameters"})
	}
	s.replaced(ctx, conceptID, before.Version, version)
	current := s.recomputeLater(ctx, conceptID)
	after, err := s.Parameters(ctx, bank.Everywhere(), conceptID)
	return Restored{Parameters: after, StatesCurrent: current}, err
}

// replaced reports a change of the parameters in force to the config.
func (s *Service) replaced(ctx context.Context, conceptID string, from, to int) {
	if from != to && s.config.ParametersReplaced != nil {
		s.config.ParametersReplaced(ctx, conceptID, from, to)
	}
}
