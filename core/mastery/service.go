package mastery

import (
	"context"
	"time"

	"github.com/journey-os/journey-api/core/jobs"
)

// Config configures a Service. Mastered, Now and NewID are required.
type Config struct {
	// Mastered is the least mastery at which a concept counts as mastered (BKT_MASTERED), above 0 and at most 1.
	Mastered float64
	// OpenBank adds concepts and items that the bank does not have, as bare rows (BANK_OPEN).
	OpenBank bool
	// SyncGraph has states written to the graph (MASTERY_GRAPH): one that changes is pending until the graph has it.
	SyncGraph bool
	// Changed is called when states that are not in the graph yet may have changed. It may be nil, and does not wait.
	Changed func()
	// Jobs is the queue for computing a concept's states again. If it is nil, that is done within the request.
	Jobs jobs.Queue
	// StatesComputed is called with how many states of a concept a job computed again, and how many are left; it may be
	// nil.
	StatesComputed func(ctx context.Context, conceptID string, done, left int)
	// Answered is called for each answer that was recorded or repeated. It may be nil, and does not wait.
	Answered func(Recorded)
	// Now is the wall clock.
	Now func() time.Time
	// NewID returns a fresh UUIDv7.
	NewID func() string
	// StudentMoved is called for each student whose own token names another institution than before; it may be nil.
	StudentMoved func(ctx context.Context, studentID, from, to string)
	// ParametersReplaced is called for each change of the parameters in force, with their versions; it may be nil.
	ParametersReplaced func(ctx context.Context, conceptID string, from, to int)
	// StatesOutdated is called if not all states of a concept could be computed again, with the cause; it may be nil.
	StatesOutdated func(ctx context.Context, conceptID string, cause error)
}

// Stores are the stores that the service calls. Fit, Restore and Parameters need Parameters and Answers. Everything
// else needs Recorder and Reader.
type Stores struct {
	Recorder   Recorder
	Reader     Reader
	Parameters ParameterStore
	Answers    AnswerReader
}

// Service is the use case. It may be called by many goroutines at once.
type Service struct {
	config Config
	stores Stores
}

// New returns a service on the stores.
func New(config Config, stores Stores) *Service { return &Service{config: config, stores: stores} }

// sync returns the status of a state that changed.
func (s *Service) sync() SyncStatus {
	if s.config.SyncGraph {
		return SyncPending
	}
	return SyncOff
}

// changed is called after states may have changed.
func (s *Service) changed() {
	if s.config.SyncGraph && s.config.Changed != nil {
		s.config.Changed()
	}
}

// shownSync returns the status of a saved state as it is shown: off if there is no graph, whatever was saved.
func (s *Service) shownSync(kept SyncStatus) SyncStatus {
	switch {
	case !s.config.SyncGraph:
		return SyncOff
	case kept == SyncOff:
		return SyncPending // it is about to be queued
	default:
		return kept
	}
}
