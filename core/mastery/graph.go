package mastery

import (
	"context"
	"time"

	"github.com/journey-os/journey-api/core/bkt"
)

// Followed is a state as the graph has it.
type Followed struct {
	StudentID string
	ConceptID string
	Mastery   float64
	Trend     bkt.Trend
	Evidence  int
	UpdatedAt time.Time
	// Version counts the changes of the state: of two the higher one is newer.
	Version int64
}

// Graph is where other programs of the platform read states. Both methods may be called by many goroutines at once and
// end with ctx. What they did already changes nothing when it is done again. Their errors are CodeUnavailable if the graph
// can't be reached, else internal; some of it may have been done.
type Graph interface {
	// PutStates writes the states that are newer than what the graph has. It returns the cause for each one that the
	// graph refuses, by its index; the others are written.
	PutStates(ctx context.Context, states []Followed) (refused map[int]string, err error)
	// RemoveStudents removes these students with all their states.
	RemoveStudents(ctx context.Context, studentIDs []string) error
}

// Outbox is what the graph has yet to get. Its errors are those of Reader. It may be called by many goroutines at once.
type Outbox interface {
	// Due returns the pending states, the longest pending first, and then the refused ones whose time has come, at most
	// limit of them; none of a student whose removal from the graph is due.
	Due(ctx context.Context, now time.Time, limit int) ([]Followed, error)
	// Settle keeps what became of states; of one that has changed since, nothing.
	Settle(ctx context.Context, outcomes []SyncOutcome) error
	// Requeue makes refused states due at once, and pending those that no graph followed so far. It returns how many.
	Requeue(ctx context.Context) (int, error)
}

// SyncOutcome is what the graph did with one version of a state.
type SyncOutcome struct {
	StudentID string
	ConceptID string
	Version   int64
	// Refused is why it did not take it, "" if it did; then RetryAt is when to try again.
	Refused string
	RetryAt time.Time
}

// Removals are the students whom the graph has yet to lose. Its errors are those of Reader.
type Removals interface {
	// Removals returns the first of them by id.
	Removals(ctx context.Context, limit int) ([]string, error)
	// Removed forgets them: the graph has lost them.
	Removed(ctx context.Context, studentIDs []string) error
}

// Lag is how far the graph is behind.
type Lag struct {
	// Pending counts the states that wait, and OldestPending is since when the first of them does; zero if none waits.
	Pending       int
	OldestPending time.Time
	// Removals counts the students whom the graph has yet to lose.
	Removals int
	// Refused are the causes with most states, at most ten.
	Refused []Refusal
}

// Refusal is a cause for which the graph refuses states, and how many.
type Refusal struct {
	Cause  string
	States int
}

// LagReader tells of the lag. Its errors are those of Reader.
type LagReader interface {
	Lag(ctx context.Context) (Lag, error)
}
