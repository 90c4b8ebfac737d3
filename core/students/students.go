// Package students exports and deletes the record of a student.
package students

import (
	"context"
	"iter"

	"github.com/journey-os/journey-api/core"
)

// RecordTable is a table with rows of records; it has a column student_id.
type RecordTable struct {
	// Name is the table's, in both stores.
	Name string
	// Order are the columns by which its rows are sorted.
	Order string
	// Booleans are the columns that a store without a boolean type keeps as 0 and 1.
	Booleans []string
}

// RecordTables lists the tables with students' rows. Deletion and export use it. Each store's tests compare it with the
// schema, and fail for a table with a column student_id that is not listed.
func RecordTables() []RecordTable {
	return []RecordTable{
		{Name: "students", Order: "student_id"},
		{Name: "attempts", Order: "answered_at, item_id, correct, identity, concept_id", Booleans: []string{"correct", "is_mastered"}},
		{Name: "states", Order: "concept_id", Booleans: []string{"last_correct"}},
		{Name: "snapshots", Order: "concept_id, answered_at, item_id, correct, identity", Booleans: []string{"correct"}},
		{Name: "idempotency_keys", Order: "caller, route, key"},
		{Name: "abilities", Order: "student_id", Booleans: []string{"last_correct"}},
		{Name: "sessions", Order: "session_id", Booleans: []string{"stop_all_mastered"}},
		{Name: "session_items", Order: "session_id, position", Booleans: []string{"calibrated", "correct", "session_correct"}},
	}
}

// RemovalTables lists the tables that name students whose record is deleted, until they are removed from the graph too.
func RemovalTables() []string { return []string{"graph_removals"} }

// Row is one row of a table. The values are string, bool, int64, float64, time.Time, []byte or nil.
type Row struct {
	Table   string
	Columns []string
	Values  []any
}

// Store keeps the records. Its errors are CodeUnavailable if it can't be reached, else internal. It may be called by many
// goroutines at once, and ends with ctx.
type Store interface {
	// Student returns the institution of a student's record, nil for a student without one.
	Student(ctx context.Context, studentID string) (*core.Record, error)
	// Delete deletes every row of a record in one transaction, and reports whether there was one in that institution.
	// If followed, or if any of the record was written to a graph, the student is queued for removal from the graph.
	Delete(ctx context.Context, record core.Record, followed bool) (deleted bool, err error)
	// Rows yields every row of a record, table by table, read in one transaction. It yields none if the record is not
	// in that institution. If it yields an error, that is its last element.
	Rows(ctx context.Context, record core.Record) iter.Seq2[Row, error]
}

// Config configures a Service.
type Config struct {
	// SyncGraph reports whether states are written to a graph.
	SyncGraph bool
	// Deleted is called for each deletion, once it is on disk; it may be nil.
	Deleted func(ctx context.Context, record core.Record)
}

// Service is the use case. It may be used by many goroutines at once.
type Service struct {
	store  Store
	config Config
}

// New returns the use case on a store.
func New(store Store, config Config) *Service { return &Service{store: store, config: config} }

// Delete deletes a record, and reports whether the student is yet to be removed from the graph. Later answers begin a
// new record. Errors: CodeNotFound for a student without a record or of another institution, and those of Store.
func (s *Service) Delete(ctx context.Context, access *core.RecordAccess, studentID string) (graphPending bool, err error) {
	record, err := access.Find(ctx, studentID, s.store.Student)
	if err != nil {
		return false, err
	}
	deleted, err := s.store.Delete(ctx, record, s.config.SyncGraph)
	switch {
	case err != nil:
		return false, err
	case !deleted: // it was deleted, or moved away, meanwhile
		return false, core.ErrNoStudent
	}
	if s.config.Deleted != nil {
		s.config.Deleted(ctx, record)
	}
	return s.config.SyncGraph, nil
}

// Export returns every row of a record. Its errors are those of Delete, and CodeForbidden with ReasonNotOwnRecord before
// anything is read.
func (s *Service) Export(ctx context.Context, access *core.RecordAccess, studentID string) (iter.Seq2[Row, error], error) {
	record, err := access.Find(ctx, studentID, s.store.Student)
	if err != nil {
		return nil, err
	}
	return s.store.Rows(ctx, record), nil
}
