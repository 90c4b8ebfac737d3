package practice

import (
	"context"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
)

// Item is an item as it is given: without its key.
type Item struct {
	Given
	Stem    string
	Options []bank.Option
}

// Solution is what may be shown of an item after the answer.
type Solution struct {
	// Key is empty for an item that the platform grades.
	Key         string
	Explanation string
}

// show adds to a given item what the bank says of it; nil for nil.
func (s *stock) show(given *Given) *Item {
	if given == nil {
		return nil
	}
	shown := &Item{Given: *given}
	if item, ok := s.items[given.Pick.Item.ID]; ok {
		shown.Stem, shown.Options = item.Stem, item.Options
	}
	return shown
}

// Show returns a session. Errors: CodeSessionNotFound for none and for one of another institution, CodeForbidden with
// ReasonNotOwnRecord, CodeUnavailable.
func (s *Service) Show(ctx context.Context, access *core.RecordAccess, sessionID string) (View, error) {
	held, err := s.stores.Reader.Session(ctx, sessionID)
	switch {
	case err != nil:
		return View{}, err
	case held == nil:
		return View{}, ErrSessionNotFound
	}
	if err := access.Check(held.Record, ErrSessionNotFound); err != nil {
		return View{}, err
	}
	return s.view(ctx, *held)
}

// Next returns a session of the caller with its open item; it is the same until that is answered. Errors: those of Show,
// and CodeSessionCompleted once the session has ended.
func (s *Service) Next(ctx context.Context, access *core.RecordAccess, sessionID string) (View, error) {
	view, err := s.Show(ctx, access, sessionID)
	if err == nil && view.Open == nil {
		err = ErrSessionCompleted
	}
	return view, err
}

func (s *Service) view(ctx context.Context, held Held) (View, error) {
	view := View{Session: held.At(s.now())}
	if view.Status != StatusActive || held.Open == nil {
		return view, nil
	}
	on, err := s.shelf.take(ctx)
	if err != nil {
		return View{}, err
	}
	view.Open = on.show(held.Open)
	return view, nil
}

// ListQuery says which sessions a list has.
type ListQuery struct {
	// StudentID is empty for all students whose records the caller may read.
	StudentID string
	// Status is empty for all.
	Status Status
	bank.Page
}

// List returns the sessions that the caller may read, the newest first, and how many there are. Errors: CodeNotFound for a
// student who is named and is not there or of another institution; CodeForbidden with ReasonNotOwnRecord; CodeUnavailable.
func (s *Service) List(ctx context.Context, access *core.RecordAccess, query ListQuery) (views []View, total int, err error) {
	bounds, err := s.bounds(ctx, access, query.StudentID)
	if err != nil {
		return nil, 0, err
	}
	held, total, err := s.stores.Reader.Sessions(ctx, bounds, Query{
		Status: query.Status, ActiveSince: s.now().Add(-AbandonedAfter), Page: query.Page,
	})
	if err != nil {
		return nil, 0, err
	}
	views = make([]View, len(held))
	for i, one := range held {
		if views[i], err = s.view(ctx, one); err != nil {
			return nil, 0, err
		}
	}
	return views, total, nil
}

func (s *Service) bounds(ctx context.Context, access *core.RecordAccess, studentID string) (core.Record, error) {
	if studentID == "" {
		return access.Bounds()
	}
	return access.Find(ctx, studentID, s.stores.Students.Student)
}
