package mastery

import (
	"context"
	"time"

	"github.com/journey-os/journey-api/core/bkt"
)

// GraphState is a state as the graph has it.
type GraphState struct {
	StudentID string
	ConceptID string
	Mastery   float64
	Trend     bkt.Trend
	Evidence  int
	UpdatedAt time.Time
	// Version counts the changes of the state: the higher one is newer.
	Version int64
}

// Graph is where other programs of the platform read states. Both methods may be called by many goroutines at once and
// end with ctx. Both are idempotent. Their errors are CodeUnavailable if the graph can't be reached, else internal;
// part of the work may be done then.
type Graph interface {
	// PutStates writes the states that are newer than what the graph has. It returns the cause for each one that the
	// graph refuses, by its index; the others are written.
	PutStates(ctx context.Context, states []GraphState) (refused map[int]string, err error)
	// RemoveStudents removes these students with all their states.
	RemoveStudents(ctx context.Context, studentIDs []string) error
}

// Outbox is the states that the graph does not have yet. Its errors are those of Reader. It may be called by many
// goroutines at once.
type Outbox interface {
	// DueStates returns the pending states, the longest pending first, and then the refused ones whose retry is due, at
	// most limit of them. It leaves out students whose removal from the graph is due.
	DueStates(ctx context.Context, now time.Time, limit int) ([]GraphState, error)
	// SaveOutcomes saves the outcomes of a sync. It ignores a state that has changed since.
	SaveOutcomes(ctx context.Context, outcomes []SyncOutcome) error
	// Requeue makes refused states due at once, and makes states pending that were never queued for a graph. It returns
	// how many.
	Requeue(ctx context.Context) (int, error)
}

// SyncOutcome is what the graph did with one version of a state.
type SyncOutcome struct {
	StudentID string
	ConceptID string
	Version   int64
	// Refused is why the graph refused the version, "" if it took it. RetryAt is when to try a refused one again.
	Refused string
	RetryAt time.Time
}

// Removals are the students who are yet to be removed from the graph. Its errors are those of Reader.
type Removals interface {
	// Removals returns the first of them, by id, at most limit.
	Removals(ctx context.Context, limit int) ([]string, error)
	// DeleteRemovals drops the entries of students who were removed from the graph.
	DeleteRemovals(ctx context.Context, studentIDs []string) error
}

// Lag is how far the graph is behind.
type Lag struct {
	// Pending counts the waiting states. OldestPending is since when the oldest of them waits; zero if none does.
	Pending       int
	OldestPending time.Time
	// Removals counts the students who are yet to be removed from the graph.
	Removals int
	// Refused are the causes with the most states, at most ten.
	Refused []Refusal
}

// Refusal is a cause for which the graph refuses states, with their number.
type Refusal struct {
	Cause  string
	States int
}

// LagReader reads how far the graph is behind. Its errors are those of Reader.
type LagReader interface {
	Lag(ctx context.Context) (Lag, error)
}
