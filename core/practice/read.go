package practice

import (
	"context"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
)

// Item is an item as it is given: without its key.
type Item struct {
	GivenItem
	Stem    string
	Options []bank.Option
}

// Solution is what may be shown of an item after the answer.
type Solution struct {
	// Key is empty for an item that the platform grades.
	Key         string
	Explanation string
}

// show returns a given item with its content from the bank; nil for nil.
func (s *bankSnapshot) show(given *GivenItem) *Item {
	if given == nil {
		return nil
	}
	shown := &Item{GivenItem: *given}
	if item, ok := s.items[given.Pick.Item.ID]; ok {
		shown.Stem, shown.Options = item.Stem, item.Options
	}
	return shown
}

// Show returns a session. Errors: CodeSessionNotFound for an unknown session and for one of another institution,
// CodeForbidden with ReasonNotOwnRecord, CodeUnavailable.
func (s *Service) Show(ctx context.Context, access *core.RecordAccess, sessionID string) (SessionView, error) {
	held, err := s.stores.Reader.Session(ctx, sessionID)
	switch {
	case err != nil:
		return SessionView{}, err
	case held == nil:
		return SessionView{}, ErrSessionNotFound
	}
	if err := access.Check(held.Record, ErrSessionNotFound); err != nil {
		return SessionView{}, err
	}
	return s.view(ctx, *held)
}

// Next returns a session of the caller with its open item; it is the same until that is answered. Errors: those of Show,
// and CodeSessionCompleted once the session has ended.
func (s *Service) Next(ctx context.Context, access *core.RecordAccess, sessionID string) (SessionView, error) {
	view, err := s.Show(ctx, access, sessionID)
	if err == nil && view.Open == nil {
		err = ErrSessionCompleted
	}
	return view, err
}

func (s *Service) view(ctx context.Context, held StoredSession) (SessionView, error) {
	view := SessionView{Session: held.At(s.now())}
	if view.Status != StatusActive || held.Open == nil {
		return view, nil
	}
	on, err := s.bank.get(ctx)
	if err != nil {
		return SessionView{}, err
	}
	view.Open = on.show(held.Open)
	return view, nil
}

// ListQuery selects sessions.
type ListQuery struct {
	// StudentID is empty for all students whose records the caller may read.
	StudentID string
	// Status is empty for all.
	Status Status
	bank.Page
}

// List returns the sessions that the caller may read, the newest first, and how many there are. Errors: CodeNotFound if
// the named student does not exist or belongs to another institution; CodeForbidden with ReasonNotOwnRecord;
// CodeUnavailable.
func (s *Service) List(ctx context.Context, access *core.RecordAccess, query ListQuery) (views []SessionView, total int, err error) {
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
	views = make([]SessionView, len(held))
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
