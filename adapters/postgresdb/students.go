package postgresdb

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/students"
	"github.com/journey-os/journey-api/ports"
)

var _ ports.Students = (*Store)(nil)

// Delete deletes every row of a record. It waits for an answer that is being saved; the next answer begins a new
// record.
func (s *Store) Delete(ctx context.Context, record core.Record, followed bool) (deleted bool, err error) {
	err = s.transact(ctx, func(t *transaction) error {
		deleted = false
		var institution string
		t.queue(lockStudent, record.StudentID).QueryRow(func(row pgx.Row) error {
			err := row.Scan(&institution)
			if errors.Is(err, pgx.ErrNoRows) {
				return nil
			}
			return err
		})
		if err := t.send(ctx); err != nil || institution != record.InstitutionID {
			return err
		}
		t.queue(addRemoval, record.StudentID, time.Now().UTC(), followed)
		for _, part := range students.RecordTables() {
			t.queue("DELETE FROM journey."+part.Name+" WHERE student_id = $1", record.StudentID)
		}
		deleted = true
		return t.commit()
	})
	return deleted && err == nil, err
}

// Rows yields every row of a record.
func (s *Store) Rows(ctx context.Context, record core.Record) iter.Seq2[students.Row, error] {
	return func(hand func(students.Row, error) bool) {
		gone := false // nothing is handed to a caller who is
		yield := func(row students.Row, err error) bool {
			gone = gone || !hand(row, err)
			return !gone
		}
		err := s.Prepare(ctx)
		if err == nil {
			options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
			err = s.mapError(pgx.BeginTxFunc(ctx, s.pool, options, func(tx pgx.Tx) error { return s.rows(ctx, tx, record, yield) }))
		}
		if err != nil && !gone {
			yield(students.Row{}, err)
		}
	}
}

func (s *Store) rows(ctx context.Context, tx pgx.Tx, record core.Record, yield func(students.Row, error) bool) error {
	var institution string
	err := tx.QueryRow(ctx, s.text(findStudent), record.StudentID).Scan(&institution)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && institution != record.InstitutionID {
		return nil
	}
	if err != nil {
		return err
	}
	for _, part := range students.RecordTables() {
		goOn, err := s.rowsOf(ctx, tx, part, record.StudentID, yield)
		if err != nil || !goOn {
			return err
		}
	}
	return nil
}

func (s *Store) rowsOf(ctx context.Context, tx pgx.Tx, part students.RecordTable, studentID string, yield func(students.Row, error) bool) (goOn bool, err error) {
	rows, err := tx.Query(ctx, s.text("SELECT * FROM journey."+part.Name+" WHERE student_id = $1 ORDER BY "+part.Order), studentID)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	var columns []string
	for _, field := range rows.FieldDescriptions() {
		columns = append(columns, field.Name)
	}
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			return false, err
		}
		for i, value := range values {
			values[i] = exported(value)
		}
		if !yield(students.Row{Table: part.Name, Columns: columns, Values: values}, nil) {
			return false, nil
		}
	}
	return true, rows.Err()
}

// exported returns a value in the type that students.Row has for its kind.
func exported(value any) any {
	switch value := value.(type) {
	case int16:
		return int64(value)
	case int32:
		return int64(value)
	case time.Time:
		return value.UTC()
	default:
		return value
	}
}
