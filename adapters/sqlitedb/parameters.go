package sqlitedb

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/bkt"
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/ports"
)

var (
	_ ports.ParameterStore = (*Store)(nil)
	_ ports.AnswerReader   = (*Store)(nil)
)

// InForce returns the parameters of a concept that are in force.
func (s *Store) InForce(ctx context.Context, scope bank.Scope, conceptID string) (*mastery.Parameters, error) {
	id, everywhere := scope.Institution()
	var row parametersRow
	err := s.read.row(ctx, findParameters, []any{conceptID, id, everywhere}, row.into()...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, mapError(err)
	}
	found := row.parameters(conceptID)
	return &found, nil
}

// AddFit saves a fit, and puts it into force if it is applied.
func (s *Store) AddFit(ctx context.Context, fit mastery.Parameters, replaced int) (version int, err error) {
	added := make(chan int, 1) // what is finished after ctx ended must not be written to the result
	err = s.writer.do(ctx, func(on *statements) error {
		ctx := context.Background()
		var inForce, version int
		if err := on.row(ctx, findVersion, []any{fit.ConceptID}, &inForce); err != nil {
			return err
		}
		if fit.Applied && inForce != replaced {
			return mastery.ErrReplaced
		}
		err := on.row(ctx, addParameters, []any{
			fit.ConceptID, fit.L0, fit.T, fit.G, fit.S, fit.F, fit.Students, fit.LogLikelihood, fit.Iterations, fit.Converged,
			fit.Applied, fit.FittedAt.UnixMicro(), fit.FittedBy,
		}, &version)
		if err == nil && fit.Applied {
			if err = on.row(ctx, putInForce, []any{fit.ConceptID, version}, &inForce); err == nil {
				err = on.exec(ctx, raiseBankVersion)
			}
		}
		if err == nil {
			added <- version
		}
		return err
	})
	if err != nil {
		return 0, mapError(err)
	}
	return <-added, nil
}

// Restore puts a version into force.
func (s *Store) Restore(ctx context.Context, conceptID string, version int) (found bool, err error) {
	err = s.writer.do(ctx, func(on *statements) error {
		var inForce int
		if err := on.row(context.Background(), putInForce, []any{conceptID, version}, &inForce); err != nil {
			return err
		}
		return on.exec(context.Background(), raiseBankVersion)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, mapError(err)
}

// Answers returns what all students answered to a concept.
func (s *Store) Answers(ctx context.Context, conceptID string) (students []bkt.Student, err error) {
	err = s.read.each(ctx, listAnswers, []any{conceptID}, func(from scanner) error {
		var (
			id      string
			correct bool
		)
		err := from.Scan(&id, &correct)
		if last := len(students) - 1; last < 0 || students[last].ID != id {
			students = append(students, bkt.Student{ID: id})
		}
		of := &students[len(students)-1]
		of.Answers = append(of.Answers, correct)
		return err
	})
	return students, mapError(err)
}

// Outdated returns students whose state was computed with other parameters than those in force.
func (s *Store) Outdated(ctx context.Context, conceptID string, limit int) (students []string, err error) {
	err = s.read.each(ctx, listOutdated, []any{conceptID, limit}, func(from scanner) error {
		var id string
		err := from.Scan(&id)
		students = append(students, id)
		return err
	})
	return students, mapError(err)
}

// CountOutdated counts such states by concept.
func (s *Store) CountOutdated(ctx context.Context, conceptID string) (map[string]int, error) {
	counts := map[string]int{}
	err := s.read.each(ctx, countOutdated, []any{conceptID}, func(from scanner) error {
		var (
			id     string
			states int
		)
		err := from.Scan(&id, &states)
		counts[id] = states
		return err
	})
	return counts, mapError(err)
}

// parametersRow is a version of a concept's parameters that may be missing.
type parametersRow struct {
	model                          modelRow
	students, iterations, fittedAt sql.NullInt64
	logLikelihood                  sql.NullFloat64
	converged, applied             sql.NullBool
	fittedBy                       sql.NullString
}

func (r *parametersRow) into() []any {
	return append(r.model.into(), &r.students, &r.logLikelihood, &r.iterations, &r.converged, &r.applied, &r.fittedAt, &r.fittedBy)
}

func (r *parametersRow) parameters(conceptID string) mastery.Parameters {
	found := mastery.Parameters{ConceptID: conceptID, Model: r.model.model()}
	if r.model.version.Valid {
		found.Students, found.Iterations, found.Converged = int(r.students.Int64), int(r.iterations.Int64), r.converged.Bool
		found.LogLikelihood, found.Applied = r.logLikelihood.Float64, r.applied.Bool
		found.FittedAt, found.FittedBy = time.UnixMicro(r.fittedAt.Int64).UTC(), r.fittedBy.String
	}
	return found
}
