package postgresdb

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

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
func (s *Store) InForce(ctx context.Context, scope bank.Scope, conceptID string) (found *mastery.Parameters, err error) {
	id, everywhere := scope.Institution()
	err = s.read(ctx, func(pool *pgxpool.Pool) error {
		var row parametersRow
		err := pool.QueryRow(ctx, s.text(findParameters), conceptID, id, everywhere).Scan(row.into()...)
		if errors.Is(err, pgx.ErrNoRows) {
			found = nil
			return nil
		}
		parameters := row.parameters(conceptID)
		found = &parameters
		return err
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// AddFit saves a fit, and puts it into force if it is applied.
func (s *Store) AddFit(ctx context.Context, fit mastery.Parameters, replaced int) (version int, err error) {
	err = s.transact(ctx, func(t *transaction) error {
		var inForce int
		t.queue(lockParameters, fit.ConceptID).QueryRow(func(row pgx.Row) error { return row.Scan(&inForce) })
		if err := t.send(ctx); err != nil {
			return err
		}
		if fit.Applied && inForce != replaced {
			return mastery.ErrReplaced
		}
		t.queue(addParameters, fit.ConceptID, fit.L0, fit.T, fit.G, fit.S, fit.F, fit.Students, fit.LogLikelihood, fit.Iterations,
			fit.Converged, fit.Applied, fit.FittedAt, fit.FittedBy).QueryRow(func(row pgx.Row) error { return row.Scan(&version) })
		if err := t.send(ctx); err != nil {
			return err
		}
		if fit.Applied {
			t.queue(putInForce, fit.ConceptID, version).QueryRow(func(row pgx.Row) error { return row.Scan(&inForce) })
			t.queue(raiseBankVersion)
		}
		return t.commit()
	})
	if err != nil {
		return 0, err
	}
	return version, nil
}

// Restore puts a version into force.
func (s *Store) Restore(ctx context.Context, conceptID string, version int) (found bool, err error) {
	err = s.transact(ctx, func(t *transaction) error {
		t.queue(putInForce, conceptID, version).QueryRow(func(row pgx.Row) error {
			var inForce int
			err := row.Scan(&inForce)
			found = err == nil
			if errors.Is(err, pgx.ErrNoRows) {
				return nil
			}
			return err
		})
		t.queue(raiseBankVersion)
		return t.commit()
	})
	return found && err == nil, err
}

// Answers returns what all students answered to a concept.
func (s *Store) Answers(ctx context.Context, conceptID string) (students []bkt.Student, err error) {
	err = s.read(ctx, func(pool *pgxpool.Pool) error {
		students = nil
		return each(ctx, pool, s.text(listAnswers), []any{conceptID}, func(row pgx.Row) error {
			var (
				id      string
				correct bool
			)
			err := row.Scan(&id, &correct)
			if last := len(students) - 1; last < 0 || students[last].ID != id {
				students = append(students, bkt.Student{ID: id})
			}
			of := &students[len(students)-1]
			of.Answers = append(of.Answers, correct)
			return err
		})
	})
	return students, err
}

// Outdated returns students whose state was computed with other parameters than those in force.
func (s *Store) Outdated(ctx context.Context, conceptID string, limit int) (students []string, err error) {
	err = s.read(ctx, func(pool *pgxpool.Pool) error {
		students = nil
		return each(ctx, pool, s.text(listOutdated), []any{conceptID, limit}, func(row pgx.Row) error {
			var id string
			err := row.Scan(&id)
			students = append(students, id)
			return err
		})
	})
	return students, err
}

// CountOutdated counts such states by concept.
func (s *Store) CountOutdated(ctx context.Context, conceptID string) (counts map[string]int, err error) {
	err = s.read(ctx, func(pool *pgxpool.Pool) error {
		counts = map[string]int{}
		return each(ctx, pool, s.text(countOutdated), []any{conceptID}, func(row pgx.Row) error {
			var (
				id     string
				states int
			)
			err := row.Scan(&id, &states)
			counts[id] = states
			return err
		})
	})
	return counts, err
}

// parametersRow is a version of a concept's parameters that may be missing.
type parametersRow struct {
	model                modelRow
	students, iterations *int
	logLikelihood        *float64
	converged, applied   *bool
	fittedAt             *time.Time
	fittedBy             *string
}

func (r *parametersRow) into() []any {
	return append(r.model.into(), &r.students, &r.logLikelihood, &r.iterations, &r.converged, &r.applied, &r.fittedAt, &r.fittedBy)
}

func (r *parametersRow) parameters(conceptID string) mastery.Parameters {
	found := mastery.Parameters{ConceptID: conceptID, Model: r.model.model()}
	if r.model.version != nil {
		found.Students, found.Iterations, found.Converged = *r.students, *r.iterations, *r.converged
		found.LogLikelihood, found.Applied = *r.logLikelihood, *r.applied
		found.FittedAt, found.FittedBy = r.fittedAt.UTC(), *r.fittedBy
	}
	return found
}
