package sqlitedb

import (
	"context"
	"database/sql"
	"errors"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/ports"
)

var _ ports.RecordReader = (*Store)(nil)

// Student returns the institution of a student's record.
func (s *Store) Student(ctx context.Context, studentID string) (*core.Record, error) {
	record := core.Record{StudentID: studentID}
	err := s.read.row(ctx, findStudent, []any{studentID}, &record.InstitutionID)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, mapError(err)
	}
	return &record, nil
}

// States lists states, and counts them, in one snapshot.
func (s *Store) States(ctx context.Context, record core.Record, query mastery.StateQuery) (mastery.StatePage, error) {
	var page mastery.StatePage
	filter := []any{record.StudentID, record.InstitutionID, query.ConceptID, query.Min, query.Max}
	err := s.inSnapshot(ctx, func(on *statements) error {
		err := on.row(ctx, countStates, append(filter[:5:5], query.Mastered), &page.Total, &page.Mastered)
		if err != nil || page.Total <= query.Offset {
			return err
		}
		return on.each(ctx, listStates, append(filter[:5:5], query.Limit, query.Offset), func(from scanner) error {
			var row stateRow
			err := from.Scan(row.into()...)
			page.States = append(page.States, row.state(record.StudentID))
			return err
		})
	})
	return page, mapError(err)
}

// History lists attempts.
func (s *Store) History(ctx context.Context, record core.Record, query mastery.HistoryQuery) ([]mastery.Attempt, error) {
	var attempts []mastery.Attempt
	since := placeOf(mastery.Position{})[0]
	if !query.Since.IsZero() {
		since = query.Since.UnixMicro()
	}
	values := []any{record.StudentID, record.InstitutionID, query.ConceptID, since, query.Limit, query.Offset}
	err := s.read.each(ctx, listHistory, values, func(from scanner) error {
		var row attemptRow
		err := from.Scan(row.into()...)
		attempts = append(attempts, row.attempt())
		return err
	})
	return attempts, mapError(err)
}
