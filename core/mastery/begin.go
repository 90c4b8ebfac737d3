package mastery

import (
	"context"
	"slices"

	"github.com/journey-os/journey-api/core"
)

// Begin makes the record of a student who has none, out of attempts that are graded already, in one transaction. It
// reports whether it did: a student who has a record keeps it as it is. ID, StudentID, RecordedBy, RecordedAt and Shown
// of the attempts are filled in here; their items and concepts are in the bank. Errors are those of Recorder.
func (s *Service) Begin(ctx context.Context, record core.Record, given []Attempt) (begun bool, err error) {
	attempts := slices.Clone(given)
	slices.SortFunc(attempts, func(a, b Attempt) int { return a.Compare(b.Position) })
	revision := Revision{StudentID: record.StudentID}
	for _, attempt := range attempts {
		if !slices.Contains(revision.Concepts, attempt.ConceptID) {
			revision.Concepts = append(revision.Concepts, attempt.ConceptID)
		}
	}
	err = s.stores.Recorder.Revise(ctx, revision, func(held Held) (Change, error) {
		if begun = held.Student == nil; !begun {
			return Change{}, nil
		}
		return s.begin(held, record, revision.Concepts, attempts)
	})
	return begun && err == nil, err
}

// begin replays the attempts, which are in their order.
func (s *Service) begin(held Held, record core.Record, concepts []string, attempts []Attempt) (Change, error) {
	now := Instant(s.config.Now())
	change := Change{Student: &record}
	replays := map[string]*replay{}
	for _, conceptID := range concepts {
		r, err := newReplay(held, record.StudentID, conceptID, now)
		if err != nil {
			return Change{}, err
		}
		replays[conceptID] = r
	}
	for _, attempt := range attempts {
		attempt.ID, attempt.StudentID = s.config.NewID(), record.StudentID
		attempt.RecordedBy, attempt.RecordedAt = RecordedByImport, now
		if _, err := s.enter(replays[attempt.ConceptID], &attempt); err != nil {
			return Change{}, err
		}
		change.Attempts = append(change.Attempts, attempt)
	}
	for _, conceptID := range concepts {
		replays[conceptID].addTo(&change)
	}
	return change, nil
}
