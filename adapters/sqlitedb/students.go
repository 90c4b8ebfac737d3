package sqlitedb

import (
	"context"
	"database/sql"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/students"
	"github.com/journey-os/journey-api/ports"
)

var _ ports.Students = (*Store)(nil)

// Delete deletes every row of a record.
func (s *Store) Delete(ctx context.Context, record core.Record, followed bool) (deleted bool, err error) {
	found := make(chan bool, 1) // what is finished after ctx ended must not be written to the result
	err = s.writer.do(ctx, func(on *statements) error {
		ctx := context.Background()
		var there bool
		if err := on.row(ctx, findDeletable, []any{record.StudentID, record.InstitutionID}, &there); err != nil || !there {
			found <- false
			return err
		}
		now := time.Now().UTC().UnixMicro()
		if err := on.exec(ctx, addRemoval, record.StudentID, now, followed); err != nil {
			return err
		}
		for _, part := range students.RecordTables() {
			if err := on.exec(ctx, "DELETE FROM "+part.Name+" WHERE student_id = ?1", record.StudentID); err != nil {
				return err
			}
		}
		found <- true
		return nil
	})
	if err != nil {
		return false, mapError(err)
	}
	return <-found, nil
}

// Rows yields every row of a record.
func (s *Store) Rows(ctx context.Context, record core.Record) iter.Seq2[students.Row, error] {
	return func(hand func(students.Row, error) bool) {
		gone := false // nothing is handed to a caller who is
		yield := func(row students.Row, err error) bool {
			gone = gone || !hand(row, err)
			return !gone
		}
		err := s.inSnapshot(ctx, func(on *statements) error {
			var there bool
			if err := on.row(ctx, findDeletable, []any{record.StudentID, record.InstitutionID}, &there); err != nil || !there {
				return err
			}
			for _, part := range students.RecordTables() {
				goOn, err := rowsOf(ctx, on.tx, part, record.StudentID, yield)
				if err != nil || !goOn {
					return err
				}
			}
			return nil
		})
		if err != nil && !gone {
			yield(students.Row{}, mapError(err))
		}
	}
}

func rowsOf(ctx context.Context, tx *sql.Tx, part students.RecordTable, studentID string, yield func(students.Row, error) bool) (goOn bool, err error) {
	text := "SELECT * FROM " + part.Name + " WHERE student_id = ?1 ORDER BY " + part.Order //nolint:gosec // both are of the one list
	rows, err := tx.QueryContext(ctx, text, studentID)
	if err != nil {
		return false, err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return false, err
	}
	for rows.Next() {
		values := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return false, err
		}
		for i, column := range columns {
			values[i] = exported(part, column, values[i])
		}
		if !yield(students.Row{Table: part.Name, Columns: columns, Values: values}, nil) {
			return false, nil
		}
	}
	return true, rows.Err()
}

// exported returns a value in its type of students.Row, which SQLite may not have.
func exported(part students.RecordTable, column string, value any) any {
	number, isNumber := value.(int64)
	switch {
	case !isNumber:
		return value
	case strings.HasSuffix(column, "_at"):
		return time.UnixMicro(number).UTC()
	case slices.Contains(part.Booleans, column):
		return number != 0
	default:
		return value
	}
}
