package mastery

import (
	"context"
	"time"

	"github.com/journey-os/journey-api/core/jobs"
)

// Config says how the service behaves. Mastered, Now and NewID are required.
type Config struct {
	// Mastered is the mastery from which on a concept counts as mastered (BKT_MASTERED), above 0 and at most 1.
	Mastered float64
	// OpenBank takes in concepts and items that the bank does not have, as bare rows (BANK_OPEN).
	OpenBank bool
	// Follow has the graph follow the states (MASTERY_GRAPH): one that changes is pending until the graph has it.
	Follow bool
	// Changed is told that states may have changed which the graph has yet to get; it may be nil, and does not wait.
	Changed func()
	// Jobs takes the work of computing a concept's states again. Without it, that is done within the request.
	Jobs jobs.Queue
	// StatesComputed is told how many states of a concept a job computed again, and how many are left; it may be nil.
	StatesComputed func(ctx context.Context, conceptID string, done, left int)
	// Answered is told of each answer that was recorded, or told again; it may be nil, and does not wait.
	Answered func(Recorded)
	// Now is the wall clock.
	Now func() time.Time
	// NewID returns a fresh UUIDv7.
	NewID func() string
	// StudentMoved is told of each student whose own token named another institution than before; it may be nil.
	StudentMoved func(ctx context.Context, studentID, from, to string)
	// ParametersReplaced is told of each change of the parameters in force, by their versions; it may be nil.
	ParametersReplaced func(ctx context.Context, conceptID string, from, to int)
	// StatesOutdated is told why states of a concept could not all be computed again; it may be nil.
	StatesOutdated func(ctx context.Context, conceptID string, cause error)
}

// Stores are the stores that the service calls. Fit, Restore and Parameters need Parameters and Answers; all else needs
// Recorder and Reader.
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

// sync is the status of a state that changed.
func (s *Service) sync() SyncStatus {
	if s.config.Follow {
		return SyncPending
	}
	return SyncOff
}

// changed is called after states may have changed.
func (s *Service) changed() {
	if s.config.Follow && s.config.Changed != nil {
		s.config.Changed()
	}
}

// shownSync is the status of a kept state as it is shown: without a graph it is off, whatever it was with one.
func (s *Service) shownSync(kept SyncStatus) SyncStatus {
	switch {
	case !s.config.Follow:
		return SyncOff
	case kept == SyncOff:
		return SyncPending // it is about to be queued
	default:
		return kept
	}
}
