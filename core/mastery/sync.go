package mastery

import (
	"cmp"
	"context"
	"slices"
	"time"
)

const (
	// syncBatch is how many states go to the graph in one transaction.
	syncBatch = 500
	// removalBatch is how many students are removed from the graph in one transaction.
	removalBatch = 50
	// refusedRetry is the wait before a refused state is tried again.
	refusedRetry = time.Hour
)

// SyncSources are what a Syncer reads from and writes to.
type SyncSources struct {
	Graph    Graph
	Outbox   Outbox
	Removals Removals
}

// Syncer brings the graph up to date. Several may run at once.
type Syncer struct {
	from SyncSources
	now  func() time.Time
	// refused is called for each cause for which states of a batch were refused.
	refused func(cause string, states int)
}

// NewSyncer returns a Syncer. It calls refused with the causes for which the graph refuses states.
func NewSyncer(from SyncSources, now func() time.Time, refused func(cause string, states int)) *Syncer {
	return &Syncer{from: from, now: now, refused: refused}
}

// Synced counts what a Syncer did.
type Synced struct {
	// States counts the states written, and Refused those that the graph refused.
	States, Refused int
	// Students counts the students removed.
	Students int
}

// Drain works until nothing is due. It calls told, if it is not nil, after each batch. Its errors are those of the
// graph and of the store. Finished batches are kept, and a later call continues.
func (s *Syncer) Drain(ctx context.Context, told func(Synced)) (done Synced, err error) {
	for {
		removed, err := s.remove(ctx)
		if err != nil {
			return done, err
		}
		written, refused, err := s.put(ctx)
		if err != nil {
			return done, err
		}
		done.Students += removed
		done.States += written
		done.Refused += refused
		if removed+written+refused == 0 {
			return done, nil
		}
		if told != nil {
			told(done)
		}
	}
}

// remove runs before put, so that a student who starts a new record does so in the graph too.
func (s *Syncer) remove(ctx context.Context) (removed int, err error) {
	students, err := s.from.Removals.Removals(ctx, removalBatch)
	if err != nil || len(students) == 0 {
		return 0, err
	}
	if err := s.from.Graph.RemoveStudents(ctx, students); err != nil {
		return 0, err
	}
	return len(students), s.from.Removals.DeleteRemovals(ctx, students)
}

// put sends one batch, in the order of the ids, so that two batches at once wait for each other and do not deadlock.
func (s *Syncer) put(ctx context.Context) (written, refused int, err error) {
	states, err := s.from.Outbox.DueStates(ctx, s.now(), syncBatch)
	if err != nil || len(states) == 0 {
		return 0, 0, err
	}
	slices.SortFunc(states, func(a, b GraphState) int {
		return cmp.Or(cmp.Compare(a.StudentID, b.StudentID), cmp.Compare(a.ConceptID, b.ConceptID))
	})
	causes, err := s.from.Graph.PutStates(ctx, states)
	if err != nil {
		return 0, 0, err
	}
	outcomes, counts := make([]SyncOutcome, len(states)), map[string]int{}
	for i, state := range states {
		outcomes[i] = SyncOutcome{StudentID: state.StudentID, ConceptID: state.ConceptID, Version: state.Version}
		if cause, isRefused := causes[i]; isRefused {
			outcomes[i].Refused, outcomes[i].RetryAt = cause, StoredTime(s.now().Add(refusedRetry))
			counts[cause]++
		}
	}
	if err := s.from.Outbox.SaveOutcomes(ctx, outcomes); err != nil {
		return 0, 0, err
	}
	for cause, count := range counts {
		s.refused(cause, count)
	}
	return len(states) - len(causes), len(causes), nil
}
