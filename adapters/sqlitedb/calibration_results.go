package sqlitedb

import (
	"context"
	"database/sql"
	"errors"
	"slices"

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
	err = s.inSnapshot(ctx, func(on *statements) error {
		err := on.each(ctx, listRunItems, []any{runID, id, everywhere}, func(from scanner) error {
			var row itemRow
			err := from.Scan(row.into()...)
			items = append(items, row.parameters())
			return err
		})
		if err != nil {
			return err
		}
		return on.each(ctx, listSkippedItems, []any{runID, id, everywhere}, func(from scanner) error {
			var one irt.Skipped
			err := from.Scan(&one.ID, &one.Reason, &one.Responses)
			skipped = append(skipped, one)
			return err
		})
	})
	return items, skipped, mapError(err)
}

// ItemInForce returns the parameters of an item.
func (s *Store) ItemInForce(ctx context.Context, scope bank.Scope, itemID string) (*calibration.ItemParameters, error) {
	id, everywhere := scope.Institution()
	var row itemRow
	err := s.read.row(ctx, findItemParameters, []any{itemID, id, everywhere}, row.into()...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, mapError(err)
	}
	found := row.parameters()
	return &found, nil
}

// RunReport returns the report of a run.
func (s *Store) RunReport(ctx context.Context, runID string) (content []byte, err error) {
	err = s.read.row(ctx, findReport, []any{runID}, &content)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return content, mapError(err)
}

// Responses visits every answer.
func (s *Store) Responses(ctx context.Context, visit func(studentID, itemID string, correct bool) error) error {
	return mapError(s.read.each(ctx, listResponses, nil, func(from scanner) error {
		var (
			student, item string
			correct       bool
		)
		if err := from.Scan(&student, &item, &correct); err != nil {
			return err
		}
		return visit(student, item, correct)
	}))
}

// FirstResponses returns a record's first answers.
func (s *Store) FirstResponses(ctx context.Context, record core.Record, limit int) (responses []calibration.FirstResponse, err error) {
	values := []any{record.StudentID, record.InstitutionID, limit}
	err = s.read.each(ctx, listFirstResponses, values, func(from scanner) error {
		var (
			one calibration.FirstResponse
			at  int64
		)
		err := from.Scan(&one.ItemID, &one.Correct, &at)
		one.RecordedAt = instant(at)
		responses = append(responses, one)
		return err
	})
	slices.Reverse(responses)
	return responses, mapError(err)
}
