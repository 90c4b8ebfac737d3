package sqlitedb

import (
	"context"
	"database/sql"
	"errors"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/practice"
	"github.com/journey-os/journey-api/ports"
)

var _ ports.PracticeReader = (*Store)(nil)

// Session returns a session with its record.
func (s *Store) Session(ctx context.Context, sessionID string) (*practice.StoredSession, error) {
	var row storedSessionRow
	err := s.read.row(ctx, findStoredSession, []any{sessionID}, row.into()...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, mapError(err)
	}
	held, err := row.held()
	return &held, mapError(err)
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
	values := []any{bounds.InstitutionID, string(query.Status), query.ActiveSince.UnixMicro()}
	if bounds.StudentID != "" {
		count, list = countOwnSessions, listOwnSessions
		values = append([]any{bounds.StudentID}, values...)
	}
	err = s.inSnapshot(ctx, func(on *statements) error {
		if err := on.row(ctx, count, values, &total); err != nil || total <= query.Offset {
			return err
		}
		return on.each(ctx, list, append(values, query.Limit, query.Offset), func(from scanner) error {
			var row storedSessionRow
			if err := from.Scan(row.into()...); err != nil {
				return err
			}
			one, err := row.held()
			held = append(held, one)
			return err
		})
	})
	return held, total, mapError(err)
}

// SessionItems lists the items that a session gave.
func (s *Store) SessionItems(ctx context.Context, record core.Record, sessionID string) (items []practice.GivenItem, err error) {
	err = s.read.each(ctx, listSessionItems, []any{record.StudentID, record.InstitutionID, sessionID}, func(from scanner) error {
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
	return items, mapError(err)
}

// GivenBefore lists the items given before a position of a session.
func (s *Store) GivenBefore(ctx context.Context, record core.Record, sessionID string, position, limit int) ([]practice.RecentItem, error) {
	given, err := recentItems(ctx, &s.read, listGivenBefore, record.StudentID, record.InstitutionID, sessionID, position, limit)
	return given, mapError(err)
}
