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
	// removalBatch is how many students it loses in one.
	removalBatch = 50
	// refusedRetry is when a state is tried again that the graph refused.
	refusedRetry = time.Hour
)

// SyncSources are what a Syncer reads from and writes to.
type SyncSources struct {
	Graph    Graph
	Outbox   Outbox
	Removals Removals
}

// Syncer brings the graph up to date. Several at once do no harm.
type Syncer struct {
	from SyncSources
	now  func() time.Time
	// refused is told of each cause for which a batch had states refused.
	refused func(cause string, states int)
}

// NewSyncer returns one. refused is told of the causes for which the graph refuses states.
func NewSyncer(from SyncSources, now func() time.Time, refused func(cause string, states int)) *Syncer {
	return &Syncer{from: from, now: now, refused: refused}
}

// Synced is what a Syncer did.
type Synced struct {
	// States counts those that the graph has now, and Refused those that it refused.
	States, Refused int
	// Students counts those that it lost.
	Students int
}

// Empty works until nothing is due, and tells what it did after each batch if told is not nil. Its errors are those of the
// graph and of the store; what was done is kept, and a later call goes on.
func (s *Syncer) Empty(ctx context.Context, told func(Synced)) (done Synced, err error) {
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

// remove comes before put, so that a student who begins anew does so in the graph too.
func (s *Syncer) remove(ctx context.Context) (removed int, err error) {
	students, err := s.from.Removals.Removals(ctx, removalBatch)
	if err != nil || len(students) == 0 {
		return 0, err
	}
	if err := s.from.Graph.RemoveStudents(ctx, students); err != nil {
		return 0, err
	}
	return len(students), s.from.Removals.Removed(ctx, students)
}

// put sends one batch, in the order of the ids: two at once wait for one another and do not lock each other out.
func (s *Syncer) put(ctx context.Context) (written, refused int, err error) {
	states, err := s.from.Outbox.Due(ctx, s.now(), syncBatch)
	if err != nil || len(states) == 0 {
		return 0, 0, err
	}
	slices.SortFunc(states, func(a, b Followed) int {
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
			outcomes[i].Refused, outcomes[i].RetryAt = cause, Instant(s.now().Add(refusedRetry))
			counts[cause]++
		}
	}
	if err := s.from.Outbox.Settle(ctx, outcomes); err != nil {
		return 0, 0, err
	}
	for cause, count := range counts {
		s.refused(cause, count)
	}
	return len(states) - len(causes), len(causes), nil
}
