package mastery

import (
	"time"

	"github.com/journey-os/journey-api/core/bkt"
)

// Grader is who decided whether an answer is right.
type Grader string

// The service grades an answer if the bank has a key for its item, else the caller does.
const (
	GradedByService Grader = "service"
	GradedByCaller  Grader = "caller"
)

// SyncStatus is whether the graph has a state.
type SyncStatus string

const (
	// SyncOff is the status if states are not written to a graph.
	SyncOff SyncStatus = "off"
	// SyncPending is the status of a state that is not in the graph yet.
	SyncPending SyncStatus = "pending"
	// SyncSynced is the status of a state that is in the graph.
	SyncSynced SyncStatus = "synced"
	// SyncFailed is the status of a state that the graph refused.
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

// Shown is what the reply to an answer said. It is kept with the attempt. A repeat of the answer gets it again, and the
// history shows it.
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

// State is a student's mastery of a concept after all attempts so far.
type State struct {
	StudentID string
	ConceptID string
	bkt.State
	// Last is the position of the last attempt of the replay.
	Last Position
	// ParametersVersion is the version of the parameters that the state was computed with.
	ParametersVersion int
	// Version counts the changes of the state, from 1.
	Version   int64
	UpdatedAt time.Time
	Sync      SyncStatus
}

// Snapshot is an intermediate state of a replay. It is kept so that a late answer needs no replay from the start.
type Snapshot struct {
	StudentID string
	ConceptID string
	bkt.State
	// At is the position of the last attempt that State includes.
	At                Position
	ParametersVersion int
}

// snapshotEvery is the number of attempts between two snapshots: a late answer replays fewer than that before its own
// place.
const snapshotEvery = 64

// Model is the parameters in force of a concept, and their version. Version 0 is the defaults.
type Model struct {
	bkt.Params
	Version int
}

// DefaultModel is in force for a concept that has not been fitted.
func DefaultModel() Model { return Model{Params: bkt.Defaults()} }
