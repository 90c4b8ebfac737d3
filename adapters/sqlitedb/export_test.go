package sqlitedb

import (
	"context"
	"embed"
	"fmt"
	"time"

	"github.com/pressly/goose/v3"
)

// Queries are the files of the statements.
//
//go:embed sql/*.sql
var Queries embed.FS

// Prepare prepares a statement against the schema, as the store does.
func (s *Store) Prepare(text string) error {
	_, err := s.read.get(context.Background(), text)
	return err
}

// Plan is how SQLite would run a query.
func (s *Store) Plan(text string, values ...any) ([]string, error) {
	rows, err := s.reading.Query("EXPLAIN QUERY PLAN "+text, values...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			return nil, err
		}
		steps = append(steps, detail)
	}
	return steps, rows.Err()
}

// LimitSize bounds the file to some pages more than it has, as a full disk would.
func (s *Store) LimitSize(more int) error {
	return s.writer.do(context.Background(), func(on *statements) error {
		var pages int
		if err := on.row(context.Background(), "PRAGMA page_count", nil, &pages); err != nil {
			return err
		}
		return on.row(context.Background(), fmt.Sprintf("PRAGMA max_page_count=%d", pages+more), nil, &pages)
	})
}

// DelayNotes has the store learn later how a transaction ended.
func (s *Store) DelayNotes(by time.Duration) {
	ended := s.writer.ended
	s.writer.ended = func(err error) { <-time.After(by); ended(err) }
}

// Setting is the value of a pragma on the connection that writes.
func (s *Store) Setting(pragma string) (value string, err error) {
	err = s.writer.do(context.Background(), func(on *statements) error {
		return on.row(context.Background(), "PRAGMA "+pragma, nil, &value)
	})
	return value, err
}

// MigrateTo applies the first migrations, as many as steps.
func MigrateTo(ctx context.Context, path string, steps int) error {
	if steps == 0 {
		return nil
	}
	return withProvider(path, func(provider *goose.Provider) error {
		_, err := provider.UpTo(ctx, int64(steps))
		return err
	})
}

// IsCurrent reports whether the schema needs no migration.
func IsCurrent(ctx context.Context, path string) bool { return isCurrent(ctx, path) }
