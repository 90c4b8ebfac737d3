package mastery

import (
	"context"
	"slices"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bkt"
)

// CreateRecord makes the record of a student who has none from attempts that are graded already, in one transaction. It
// reports whether it did: it changes no record that exists, and makes none from no attempts. It fills in ID, StudentID,
// RecordedBy, RecordedAt and Shown of the attempts. Their items and concepts are in the bank. Errors are those of
// Recorder.
func (s *Service) CreateRecord(ctx context.Context, record core.Record, given []Attempt) (begun bool, err error) {
	attempts := slices.Clone(given)
	slices.SortFunc(attempts, func(a, b Attempt) int { return a.Compare(b.Position) })
	added, err := s.addAll(ctx, record, attempts, true)
	return added > 0 && err == nil, err
}

// addAll records attempts of one student, which are in their order, in one transaction. It skips those that exist
// already, and with onlyNew all attempts of a student who has a record. added counts the others.
func (s *Service) addAll(ctx context.Context, record core.Record, attempts []Attempt, onlyNew bool) (added int, err error) {
	if len(attempts) == 0 {
		return 0, nil
	}
	b := bulk{service: s, record: record, attempts: attempts}
	for _, attempt := range attempts {
		if !slices.Contains(b.concepts, attempt.ConceptID) {
			b.concepts = append(b.concepts, attempt.ConceptID)
		}
	}
	revision := Revision{
		StudentID: record.StudentID, Concepts: b.concepts, From: attempts[0].At, To: attempts[len(attempts)-1].At,
	}
	err = s.stores.Recorder.Revise(ctx, revision, func(held StudentData) (Change, error) {
		if onlyNew && held.Student != nil {
			added = 0
			return Change{}, nil
		}
		change, err := b.decide(held)
		added = len(change.Attempts)
		return change, err
	})
	return added, err
}

// bulk is attempts of one student in their order.
type bulk struct {
	service  *Service
	record   core.Record
	attempts []Attempt
	concepts []string
}

func (b bulk) decide(held StudentData) (Change, error) {
	var change Change
	if held.Student == nil {
		change.Student = &b.record
	}
	exists := make(map[PlacedAttempt]bool, len(held.Existing))
	for _, one := range held.Existing {
		one.Identity = ""
		exists[one] = true
	}
	now := StoredTime(b.service.config.Now())
	fresh := map[string][]Attempt{}
	for _, attempt := range b.attempts {
		at := PlacedAttempt{ConceptID: attempt.ConceptID, Position: attempt.Position}
		if exists[at] {
			continue
		}
		exists[at] = true
		attempt.ID, attempt.StudentID = b.service.config.NewID(), b.record.StudentID
		attempt.RecordedBy, attempt.RecordedAt = RecordedByImport, now
		fresh[attempt.ConceptID] = append(fresh[attempt.ConceptID], attempt)
	}
	for _, conceptID := range b.concepts {
		if len(fresh[conceptID]) == 0 {
			continue
		}
		r, err := newReplay(held, b.record.StudentID, conceptID, now, b.service.sync())
		if err == nil {
			err = b.enter(r, fresh[conceptID])
		}
		if err != nil {
			return Change{}, err
		}
		r.addTo(&change)
		change.Attempts = append(change.Attempts, fresh[conceptID]...)
	}
	return change, nil
}

// enter puts new attempts of one concept, in their order, into its replay, and adds to them what is shown.
func (b bulk) enter(r *replay, attempts []Attempt) error {
	at := make(map[Position]*Attempt, len(attempts))
	added := make([]Position, len(attempts))
	for k := range attempts {
		at[attempts[k].Position], added[k] = &attempts[k], attempts[k].Position
	}
	r.passed = func(position Position, before, after bkt.State) {
		if attempt := at[position]; attempt != nil {
			attempt.Shown = b.service.shown(r, before.Mastery, after)
		}
	}
	if r.state.Evidence > 0 && added[0].Compare(r.state.Last) < 0 {
		return r.run(added[0], added)
	}
	for _, position := range added {
		r.next(position)
	}
	return nil
}
