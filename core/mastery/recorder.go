package mastery

import (
	"context"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
)

// Recorder changes one student's record at a time, in a transaction that holds the student's record: no other change of
// it happens between what is found and what is kept. That orders a student's answers, on any number of copies.
//
// The store loads, calls decide once or more often (again after a conflict with another transaction), and keeps the
// change of the last call, all of it or nothing. When nil is returned the change is on disk. decide's error is returned
// as it is, and nothing is kept. Other errors are CodeUnavailable: the change may or may not have been kept, and a
// repeat tells. Both methods may be called by many goroutines at once. They end with ctx, but for a change whose
// keeping has begun: that is finished.
type Recorder interface {
	// Answer is for one answer. A concept or an item that the bank does not have is nil in what is found.
	Answer(ctx context.Context, arrival Arrival, decide func(Found) (Change, error)) error
	// Revise is for many attempts of one student, or for none: to compute states again.
	Revise(ctx context.Context, revision Revision, decide func(Held) (Change, error)) error
}

// Arrival says what an answer needs to be decided.
type Arrival struct {
	StudentID string
	ConceptID string
	ItemID    string
	// At is the answer's time, as Instant returns it.
	At time.Time
	// Key is nil for an answer that its content identifies.
	Key *Key
}

// Key is an idempotency key within its scope.
type Key struct {
	// Caller is the subject of the token.
	Caller string
	// Route is the method and the path: POST /api/bkt/update.
	Route string
	Text  string
}

// Held is what there is of a student.
type Held struct {
	// Student is nil for one without a record.
	Student *core.Record
	// States are by concept; a concept without attempts has none.
	States map[string]State
	// Models are by concept, those in force.
	Models map[string]Model
	// Past reads the attempts of a concept after the last snapshot that stands before the position and was computed
	// with the model in force; those of the whole replay if there is no such snapshot, or for the zero Position.
	Past func(conceptID string, before Position) (Past, error)
	// Existing are the attempts that a Revision asked for, in no order.
	Existing []Placed
}

// Past is a part of a replay, up to its end.
type Past struct {
	// From is nil if Attempts begin with the first.
	From *Snapshot
	// Attempts are in their order.
	Attempts []Position
}

// Found is what an answer finds.
type Found struct {
	Held
	Concept *bank.Concept
	Item    *bank.Item
	// Keyed is the answer that came with the same key before.
	Keyed *Keyed
	// Same are the attempts without a key at the same time, item and concept: at most one wrong and one right one. They
	// are only loaded for an answer without a key.
	Same []Attempt
}

// Keyed is an answer under an idempotency key.
type Keyed struct {
	Key
	// Fingerprint tells one request from another, see Answer.Fingerprint.
	Fingerprint [32]byte
	Attempt     Attempt
}

// Revision says what a revision needs.
type Revision struct {
	StudentID string
	Concepts  []string
	// From and To ask for the student's attempts from the one time to the other, both included. None are loaded if
	// both are zero.
	From, To time.Time
}

// Placed is the place of an attempt among all those of a student.
type Placed struct {
	ConceptID string
	Position
}

// Change is what a decision keeps. Its zero value keeps nothing.
type Change struct {
	// Student is set for a new student and for one who moved.
	Student *core.Record
	// Concept and Item are bare rows for a bank that is open.
	Concept *bank.Concept
	Item    *bank.Item
	// Attempts are added; one that exists already is an error.
	Attempts []Attempt
	// States take the place of those with the same student and concept.
	States []State
	// Stale are places from which on the snapshots of a concept no longer hold; they go before Snapshots are added.
	Stale     []Stale
	Snapshots []Snapshot
	Key       *Keyed
}

// Stale marks a student's snapshots of a concept at and after a position, which no longer hold: all of them for the zero
// Position.
type Stale struct {
	StudentID string
	ConceptID string
	From      Position
}
