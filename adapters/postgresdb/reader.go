package postgresdb

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/ports"
)

var _ ports.RecordReader = (*Store)(nil)

// Student returns the institution of a student's record.
func (s *Store) Student(ctx context.Context, studentID string) (*core.Record, error) {
	record := &core.Record{StudentID: studentID}
	err := s.read(ctx, func(pool *pgxpool.Pool) error {
		err := pool.QueryRow(ctx, s.text(findStudent), studentID).Scan(&record.InstitutionID)
		if errors.Is(err, pgx.ErrNoRows) {
			record = nil
			return nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return record, nil
}

// States lists states, and counts them, in one snapshot.
func (s *Store) States(ctx context.Context, record core.Record, query mastery.StateQuery) (mastery.StatePage, error) {
	var page mastery.StatePage
	filter := []any{record.StudentID, record.InstitutionID, query.ConceptID, query.Min, query.Max}
	err := s.inSnapshot(ctx, func(batch *pgx.Batch) {
		page.States = nil
		batch.Queue(s.text(countStates), append(filter[:5:5], query.Mastered)...).QueryRow(func(row pgx.Row) error {
			return row.Scan(&page.Total, &page.Mastered)
		})
		batch.Queue(s.text(listStates), append(filter[:5:5], query.Limit, query.Offset)...).Query(func(rows pgx.Rows) error {
			return scanEach(rows, func(row pgx.Row) error {
				var state stateRow
				if err := row.Scan(state.into()...); err != nil {
					return err
				}
				page.States = append(page.States, state.state(record.StudentID))
				return nil
			})
		})
	})
	return page, err
}

// History lists attempts.
func (s *Store) History(ctx context.Context, record core.Record, query mastery.HistoryQuery) (attempts []mastery.Attempt, err error) {
	var since any = "-infinity"
	if !query.Since.IsZero() {
		since = query.Since.Truncate(time.Microsecond)
	}
	values := []any{record.StudentID, record.InstitutionID, query.ConceptID, since, query.Limit, query.Offset}
	err = s.read(ctx, func(pool *pgxpool.Pool) error {
		attempts = nil
		return each(ctx, pool, s.text(listHistory), values, func(row pgx.Row) error {
			var attempt attemptRow
			err := row.Scan(attempt.into()...)
			attempts = append(attempts, attempt.attempt())
			return err
		})
	})
	return attempts, err
}

// inSnapshot sends what fill queues in one round trip; all of it sees one snapshot of the database. fill may be called
// twice.
func (s *Store) inSnapshot(ctx context.Context, fill func(*pgx.Batch)) error {
	return s.read(ctx, func(pool *pgxpool.Pool) error {
		batch := new(pgx.Batch)
		batch.Queue("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
		fill(batch)
		batch.Queue("COMMIT")
		return pool.SendBatch(ctx, batch).Close()
	})
}
