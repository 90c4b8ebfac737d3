package mastery

import (
	"context"
	"time"

	"github.com/journey-os/journey-api/core"
)

// Reader reads records. Its errors are CodeUnavailable if the store cannot be reached, else internal. It may be
// called by many goroutines at once and ends with ctx.
type Reader interface {
	// Student returns where a student's record belongs, nil for a student without one. It is for deciding who may read
	// the record, and tells nothing else of it.
	Student(ctx context.Context, studentID string) (*core.Record, error)
	// States returns what fits the query of the record, all of one moment. A record that is in another institution by
	// now has no states.
	States(ctx context.Context, record core.Record, query StateQuery) (StatePage, error)
	// History returns the attempts of the record that fit the query, by their position.
	History(ctx context.Context, record core.Record, query HistoryQuery) ([]Attempt, error)
}

// StateQuery says which states a list has, and which part of it is wanted.
type StateQuery struct {
	// ConceptID is empty for every concept.
	ConceptID string
	// Min and Max bound the mastery, both included.
	Min, Max float64
	// Mastered is the mastery from which on a state counts as mastered.
	Mastered float64
	Limit    int
	Offset   int
}

// StatePage is a part of a list of states, by mastery and then by concept.
type StatePage struct {
	// Total and Mastered count all states that fit the query, whatever its limit and offset.
	Total    int
	Mastered int
	States   []State
}

// HistoryQuery says which attempts a history has, and which part of it is wanted.
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

// IsMastered reports whether a state counts as mastered now.
func (s *Service) IsMastered(state State) bool { return state.Mastery >= s.config.Mastered }

// History returns what was shown of a student's answers at their time. Its errors are those of Mastery.
func (s *Service) History(ctx context.Context, access *core.RecordAccess, studentID string, query HistoryQuery) ([]Attempt, error) {
	record, err := access.Find(ctx, studentID, s.stores.Reader.Student)
	if err != nil {
		return nil, err
	}
	return s.stores.Reader.History(ctx, record, query)
}
