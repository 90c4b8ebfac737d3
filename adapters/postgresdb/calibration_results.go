package postgresdb

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/calibration"
	"github.com/journey-os/journey-api/core/irt"
	"github.com/journey-os/journey-api/ports"
)

var (
	_ ports.ResultStore    = (*Store)(nil)
	_ ports.ResponseReader = (*Store)(nil)
)

// RunItems returns what a run found for each item.
func (s *Store) RunItems(ctx context.Context, scope bank.Scope, runID string) (items []calibration.ItemParameters, skipped []irt.Skipped, err error) {
	id, everywhere := scope.Institution()
	err = s.inSnapshot(ctx, func(batch *pgx.Batch) {
		items, skipped = nil, nil
		batch.Queue(s.text(listRunItems), runID, id, everywhere).Query(func(rows pgx.Rows) error {
			return scanEach(rows, func(row pgx.Row) error {
				item, err := scanParameters(row)
				items = append(items, item)
				return err
			})
		})
		batch.Queue(s.text(listSkippedItems), runID, id, everywhere).Query(func(rows pgx.Rows) error {
			return scanEach(rows, func(row pgx.Row) error {
				var one irt.Skipped
				err := row.Scan(&one.ID, &one.Reason, &one.Responses)
				skipped = append(skipped, one)
				return err
			})
		})
	})
	return items, skipped, err
}

// ItemInForce returns the parameters of an item.
func (s *Store) ItemInForce(ctx context.Context, scope bank.Scope, itemID string) (*calibration.ItemParameters, error) {
	id, everywhere := scope.Institution()
	return one(ctx, s, findItemParameters, []any{itemID, id, everywhere}, scanParameters)
}

// RunReport returns the report of a run.
func (s *Store) RunReport(ctx context.Context, runID string) ([]byte, error) {
	content, err := one(ctx, s, findReport, []any{runID}, func(row pgx.Row) (content []byte, err error) {
		err = row.Scan(&content)
		return content, err
	})
	if err != nil || content == nil {
		return nil, err
	}
	return *content, nil
}

// Responses visits every answer once: it does not start again after a lost connection, which is an error.
func (s *Store) Responses(ctx context.Context, visit func(studentID, itemID string, correct bool) error) error {
	if err := s.Prepare(ctx); err != nil {
		return err
	}
	return s.mapError(each(ctx, s.pool, s.text(listResponses), nil, func(row pgx.Row) error {
		var (
			student, item string
			correct       bool
		)
		if err := row.Scan(&student, &item, &correct); err != nil {
			return err
		}
		return visit(student, item, correct)
	}))
}

// FirstResponses returns a record's first answers.
func (s *Store) FirstResponses(ctx context.Context, record core.Record, limit int) (responses []calibration.FirstResponse, err error) {
	values := []any{record.StudentID, record.InstitutionID, limit}
	err = s.read(ctx, func(pool *pgxpool.Pool) error {
		responses = nil
		return each(ctx, pool, s.text(listFirstResponses), values, func(row pgx.Row) error {
			var one calibration.FirstResponse
			err := row.Scan(&one.ItemID, &one.Correct, &one.RecordedAt)
			one.RecordedAt = one.RecordedAt.UTC()
			responses = append(responses, one)
			return err
		})
	})
	slices.Reverse(responses)
	return responses, err
}
