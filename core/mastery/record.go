package mastery

import (
	"time"

	"github.com/journey-os/journey-api/core/bkt"
)

// Grader is who decided whether an answer is right.
type Grader string

// An answer is graded by the service if the bank has a key for its item, else by the caller.
const (
	GradedByService Grader = "service"
	GradedByCaller  Grader = "caller"
)

// SyncStatus is how far the graph follows a state.
type SyncStatus string

const (
	// SyncOff is the status while no graph follows the states.
	SyncOff SyncStatus = "off"
	// SyncPending is that of a state that the graph has yet to get.
	SyncPending SyncStatus = "pending"
	// SyncSynced is that of one that it has.
	SyncSynced SyncStatus = "synced"
	// SyncFailed is that of one that it refused.
	SyncFailed SyncStatus = "failed"
)

// Attempt is one answer of one student to one item, and what was shown for it.
type Attempt struct {
	// ID is a UUIDv7.
	ID        string
	StudentID string
	ConceptID string
	Position
	// Response is the key of the option that was chosen; empty if the caller graded.
	Response string
	Latency  time.Duration
	// SessionID is empty for an answer outside a session.
	SessionID string
	GradedBy  Grader
	// RecordedBy is the subject of the token that recorded it, or RecordedByImport.
	RecordedBy string
	RecordedAt time.Time
	Shown      Shown
}

// RecordedByImport is the RecordedBy of attempts that came from a file.
const RecordedByImport = "import"

// Shown is what the reply to an answer said. It is kept with the attempt: a repeat gets it again, and the history is
// made of it.
type Shown struct {
	// Before and After are the mastery before and after the request.
	Before float64
	After  float64
	// NextCorrect is the probability that the next answer is right.
	NextCorrect float64
	Evidence    int
	Trend       bkt.Trend
	IsMastered  bool
	Sync        SyncStatus
}

// State is what a student knows of a concept after all attempts that there are.
type State struct {
	StudentID string
	ConceptID string
	bkt.State
	// Last is the position of the last attempt of the replay.
	Last Position
	// ParametersVersion is that of the parameters that the state was computed with.
	ParametersVersion int
	// Version counts the changes of the state, from 1.
	Version   int64
	UpdatedAt time.Time
	Sync      SyncStatus
}

// Snapshot is a state somewhere along the replay, kept so that a late answer costs no replay of the whole.
type Snapshot struct {
	StudentID string
	ConceptID string
	bkt.State
	// At is the position of the last attempt that State counts.
	At                Position
	ParametersVersion int
}

// snapshotEvery is the number of attempts from one snapshot to the next: a late answer replays fewer than that before
// its place.
const snapshotEvery = 64

// Model is the parameters of a concept that are in force, and their version. Version 0 is the defaults.
type Model struct {
	bkt.Params
	Version int
}

// DefaultModel is in force for a concept that has not been fitted.
func DefaultModel() Model { return Model{Params: bkt.Defaults()} }
