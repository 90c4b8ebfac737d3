// Package students is the rights of a student over the record: to have all of it, and to have it deleted.
package students

import (
	"context"
	"iter"

	"github.com/journey-os/journey-api/core"
)

// Part is one of the tables that a record is made of; each has a column student_id.
type Part struct {
	// Name is the table's, in both stores.
	Name string
	// Order are the columns that its rows are handed out by.
	Order string
	// Booleans are the columns that a store without such a type keeps as 0 and 1.
	Booleans []string
}

// Parts is the one list of where students' rows are. Deletion and export go by it, and each store's tests hold it to the
// schema: a table with a column student_id that is not here fails them.
func Parts() []Part {
	return []Part{
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

// Queued are the tables that name students whose record is gone: what is left to do is in them until it is done.
func Queued() []string { return []string{"graph_removals"} }

// Row is one row of a part. The values are string, bool, int64, float64, time.Time, []byte or nil.
type Row struct {
	Part    string
	Columns []string
	Values  []any
}

// Store keeps the records. Its errors are CodeUnavailable if it can't be reached, else internal. It may be called by many
// goroutines at once, and ends with ctx.
type Store interface {
	// Student returns where a student's record belongs, nil for a student without one.
	Student(ctx context.Context, studentID string) (*core.Record, error)
	// Delete deletes every row of a record in one transaction, and reports whether there was one in that institution. If
	// followed, or if a graph has had any of it, the student is kept among those whom the graph has yet to lose.
	Delete(ctx context.Context, record core.Record, followed bool) (deleted bool, err error)
	// Rows yields every row of a record, part by part, all of one moment; none if it is not in that institution. An error
	// is the last that it yields.
	Rows(ctx context.Context, record core.Record) iter.Seq2[Row, error]
}

// Config says how the service behaves.
type Config struct {
	// Follow is whether a graph follows what students know.
	Follow bool
	// Deleted is told of each deletion, once it is on disk; it may be nil.
	Deleted func(ctx context.Context, record core.Record)
}

// Service is the use case. It may be used by many goroutines at once.
type Service struct {
	store  Store
	config Config
}

// New returns the use case on a store.
func New(store Store, config Config) *Service { return &Service{store: store, config: config} }

// Delete deletes a record, and reports whether the graph has yet to lose the student. Later answers begin a new record.
// Errors: CodeNotFound for a student without a record or of another institution, and those of Store.
func (s *Service) Delete(ctx context.Context, access *core.RecordAccess, studentID string) (graphPending bool, err error) {
	record, err := access.Find(ctx, studentID, s.store.Student)
	if err != nil {
		return false, err
	}
	deleted, err := s.store.Delete(ctx, record, s.config.Follow)
	switch {
	case err != nil:
		return false, err
	case !deleted: // it was deleted, or moved away, meanwhile
		return false, core.ErrNoStudent
	}
	if s.config.Deleted != nil {
		s.config.Deleted(ctx, record)
	}
	return s.config.Follow, nil
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
