package postgresdb

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/practice"
	"github.com/journey-os/journey-api/ports"
)

var _ ports.PracticeReader = (*Store)(nil)

// Session returns a session with its record.
func (s *Store) Session(ctx context.Context, sessionID string) (held *practice.StoredSession, err error) {
	err = s.read(ctx, func(pool *pgxpool.Pool) error {
		var row storedSessionRow
		err := pool.QueryRow(ctx, s.text(findStoredSession), sessionID).Scan(row.into()...)
		if errors.Is(err, pgx.ErrNoRows) {
			held = nil
			return nil
		}
		if err != nil {
			return err
		}
		found, err := row.held()
		held = &found
		return err
	})
	if err != nil {
		return nil, err
	}
	return held, nil
}

// storedSessionRow is a session with its record and its open item.
type storedSessionRow struct {
	institution string
	session     sessionRow
	open        givenRow
}

func (r *storedSessionRow) into() []any {
	return append(append([]any{&r.institution}, r.session.into()...), r.open.into()...)
}

func (r *storedSessionRow) held() (practice.StoredSession, error) {
	session, err := r.session.session()
	if err != nil {
		return practice.StoredSession{}, err
	}
	open, err := r.open.given()
	record := core.Record{StudentID: session.StudentID, InstitutionID: r.institution}
	return practice.StoredSession{Record: record, Session: session, Open: open}, err
}

// Sessions lists sessions, and counts them, in one snapshot.
func (s *Store) Sessions(ctx context.Context, bounds core.Record, query practice.Query) (held []practice.StoredSession, total int, err error) {
	count, list := countSessions, listSessions
	values := []any{bounds.InstitutionID, string(query.Status), query.ActiveSince}
	if bounds.StudentID != "" {
		count, list = countOwnSessions, listOwnSessions
		values = append([]any{bounds.StudentID}, values...)
	}
	err = s.inSnapshot(ctx, func(batch *pgx.Batch) {
		held = nil
		batch.Queue(s.text(count), values...).QueryRow(func(row pgx.Row) error { return row.Scan(&total) })
		batch.Queue(s.text(list), append(values, query.Limit, query.Offset)...).Query(func(rows pgx.Rows) error {
			return scanEach(rows, func(from pgx.Row) error {
				var row storedSessionRow
				if err := from.Scan(row.into()...); err != nil {
					return err
				}
				one, err := row.held()
				held = append(held, one)
				return err
			})
		})
	})
	return held, total, err
}

// SessionItems lists the items that a session gave.
func (s *Store) SessionItems(ctx context.Context, record core.Record, sessionID string) (items []practice.GivenItem, err error) {
	values := []any{record.StudentID, record.InstitutionID, sessionID}
	err = s.read(ctx, func(pool *pgxpool.Pool) error {
		items = nil
		return each(ctx, pool, s.text(listSessionItems), values, func(from pgx.Row) error {
			var row givenRow
			if err := from.Scan(row.into()...); err != nil {
				return err
			}
			given, err := row.given()
			if err == nil {
				items = append(items, *given)
			}
			return err
		})
	})
	return items, err
}

// GivenBefore lists the items given before a position of a session.
func (s *Store) GivenBefore(ctx context.Context, record core.Record, sessionID string, position, limit int) (given []practice.RecentItem, err error) {
	values := []any{record.StudentID, record.InstitutionID, sessionID, position, limit}
	err = s.read(ctx, func(pool *pgxpool.Pool) error {
		rows, err := pool.Query(ctx, s.text(listGivenBefore), values...)
		if err != nil {
			return err
		}
		given, err = scanRecentItems(rows)
		return err
	})
	return given, err
}
