package mastery

import (
	"context"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
)

// Recorder changes one student's record at a time, in a transaction that locks the student's record: no other change of
// it happens between loading and saving. That orders a student's answers, on any number of copies.
//
// The store loads the data, calls decide, and saves the change that it returns, all of it or nothing. It calls decide
// again after a conflict with another transaction; the change of the last call counts. When nil is returned the change
// is on disk. decide's error is returned as it is, and nothing is saved. Other errors are CodeUnavailable: the change
// may or may not have been saved, and a repeat tells. Both methods may be called by many goroutines at once. They end
// with ctx, except that a commit that has begun is finished.
type Recorder interface {
	// Answer is for one answer. A concept or an item that the bank does not have is nil in the data.
	Answer(ctx context.Context, arrival AnswerLookup, decide func(AnswerData) (Change, error)) error
	// Revise is for many attempts of one student, or for none: to compute states again.
	Revise(ctx context.Context, revision Revision, decide func(StudentData) (Change, error)) error
}

// AnswerLookup is what has to be loaded to decide on an answer.
type AnswerLookup struct {
	StudentID string
	ConceptID string
	ItemID    string
	// At is the answer's time, as StoredTime returns it.
	At time.Time
	// Key is nil for an answer that is identified by its content.
	Key *Key
}

// Key is an idempotency key. Two keys with the same text are one only within one scope of one caller.
type Key struct {
	// Caller is the subject of the token.
	Caller string
	// Scope is the kind of request that the key came with.
	Scope string
	Text  string
}

// StudentData is what the store has of a student.
type StudentData struct {
	// Student is nil for one without a record.
	Student *core.Record
	// States are by concept; a concept without attempts has none.
	States map[string]State
	// Models are the models in force, by concept.
	Models map[string]Model
	// ReplayTail reads the attempts of a concept after the last snapshot that is before the position and was computed
	// with the model in force. It reads the whole replay if there is no such snapshot, or for the zero Position.
	ReplayTail func(conceptID string, before Position) (ReplayTail, error)
	// Existing are the attempts that a Revision asked for, in any order.
	Existing []PlacedAttempt
}

// ReplayTail is the last part of a replay.
type ReplayTail struct {
	// From is nil if Attempts begin with the first attempt.
	From *Snapshot
	// Attempts are in their order.
	Attempts []Position
}

// AnswerData is what the store has for an answer.
type AnswerData struct {
	StudentData
	Concept *bank.Concept
	Item    *bank.Item
	// Keyed is the earlier answer with the same key.
	Keyed *KeyedAnswer
	// Same are the attempts without a key that have the same time, item and concept: at most one wrong and one right
	// one. They are loaded only for an answer without a key.
	Same []Attempt
}

// KeyedAnswer is an answer that was recorded with an idempotency key.
type KeyedAnswer struct {
	Key
	// Fingerprint is the request's Answer.Fingerprint.
	Fingerprint [32]byte
	Attempt     Attempt
}

// Revision is what has to be loaded for a revision.
type Revision struct {
	StudentID string
	Concepts  []string
	// From and To select the student's attempts between these times, both included. None are loaded if both are zero.
	From, To time.Time
}

// PlacedAttempt is an attempt with its place among all attempts of a student.
type PlacedAttempt struct {
	ConceptID string
	Position
}

// Change is what a decision saves. Its zero value saves nothing.
type Change struct {
	// Student is set for a new student and for one who moved to another institution.
	Student *core.Record
	// Concept and Item are bare rows that an open bank adds.
	Concept *bank.Concept
	Item    *bank.Item
	// Attempts are added. One that exists already is an error.
	Attempts []Attempt
	// States replace those with the same student and concept.
	States []State
	// Stale are the snapshots that are no longer valid. They are deleted before Snapshots are added.
	Stale     []StaleSnapshots
	Snapshots []Snapshot
	Key       *KeyedAnswer
}

// StaleSnapshots are a student's snapshots of a concept at and after a position, which are no longer valid; all of them
// for the zero Position.
type StaleSnapshots struct {
	StudentID string
	ConceptID string
	From      Position
}
