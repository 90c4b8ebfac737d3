package mastery

import (
	"context"
	"time"

	"github.com/journey-os/journey-api/core"
)

// Reader reads records. Its errors are CodeUnavailable if the store cannot be reached, else internal. It may be
// called by many goroutines at once and ends with ctx.
type Reader interface {
	// Student returns the institution of a student's record, nil for a student without one. It is for deciding who may
	// read the record, and reads nothing else of it.
	Student(ctx context.Context, studentID string) (*core.Record, error)
	// States returns the record's states that match the query, read in one transaction. A record that has moved to
	// another institution has none.
	States(ctx context.Context, record core.Record, query StateQuery) (StatePage, error)
	// History returns the record's attempts that match the query, by their position.
	History(ctx context.Context, record core.Record, query HistoryQuery) ([]Attempt, error)
}

// StateQuery selects states, and a page of them.
type StateQuery struct {
	// ConceptID is empty for every concept.
	ConceptID string
	// Min and Max bound the mastery, both included.
	Min, Max float64
	// Mastered is the least mastery of a state that counts as mastered.
	Mastered float64
	Limit    int
	Offset   int
}

// StatePage is a page of states, by mastery and then by concept.
type StatePage struct {
	// Total and Mastered count all states that match the query, whatever its limit and offset.
	Total    int
	Mastered int
	States   []State
}

// HistoryQuery selects attempts, and a page of them.
type HistoryQuery struct {
	// ConceptID is empty for every concept.
	ConceptID string
	// Since is the earliest time, included; the zero time for all.
	Since  time.Time
	Limit  int
	Offset int
}

// Mastery returns the states of a student. Errors: CodeForbidden with ReasonNotOwnRecord before anything is read,
// CodeNotFound for a student without a record or of another institution.
func (s *Service) Mastery(ctx context.Context, access *core.RecordAccess, studentID string, query StateQuery) (StatePage, error) {
	record, err := access.Find(ctx, studentID, s.stores.Reader.Student)
	if err != nil {
		return StatePage{}, err
	}
	query.Mastered = s.config.Mastered
	page, err := s.stores.Reader.States(ctx, record, query)
	for i := range page.States {
		page.States[i].Sync = s.shownSync(page.States[i].Sync)
	}
	return page, err
}

// IsMastered reports whether a state counts as mastered.
func (s *Service) IsMastered(state State) bool { return state.Mastery >= s.config.Mastered }

// History returns a student's answers, with what was shown when each was recorded. Its errors are those of Mastery.
func (s *Service) History(ctx context.Context, access *core.RecordAccess, studentID string, query HistoryQuery) ([]Attempt, error) {
	record, err := access.Find(ctx, studentID, s.stores.Reader.Student)
	if err != nil {
		return nil, err
	}
	return s.stores.Reader.History(ctx, record, query)
}
