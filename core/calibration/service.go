package calibration

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/irt"
	"github.com/journey-os/journey-api/core/jobs"
	"github.com/journey-os/journey-api/core/mastery"
)

// Config configures a Service. Now, NewID, Memory, Workers and Archive are required.
type Config struct {
	// Now is the wall clock.
	Now func() time.Time
	// NewID returns a fresh UUIDv7.
	NewID func() string
	// Every is the period of scheduled runs (CALIBRATE_EVERY); 0 for none.
	Every time.Duration
	// Memory bounds what a run may need, in bytes (CALIBRATION_MEMORY).
	Memory int64
	// Workers is how many goroutines compute.
	Workers int
	// Drift is how much an ability may move between two answers (ABILITY_DRIFT), see irt.Posterior.Spread.
	Drift float64
	// Archive encodes a finished run so that a report can be written from it. Result.People have no ids.
	Archive func(Archived) ([]byte, error)
	// Began and Ended are called for each run that this copy begins and ends; each may be nil.
	Began func(ctx context.Context, run Run)
	Ended func(ctx context.Context, runID string, how Ending, cause error)
	// Restored is called for each run that was put back into force; it may be nil.
	Restored func(ctx context.Context, runID string)
}

// Archived is a finished run for its report.
type Archived struct {
	RunID string
	// At is when it ended, Elapsed how long it took.
	At      time.Time
	Elapsed time.Duration
	// People, Items and Responses count the data, including what was skipped.
	People, Items, Responses int
	Settings                 irt.Options
	// Result is on the scale of the run's decision.
	Result irt.Result
}

// Stores are what the service calls.
type Stores struct {
	Runs      RunStore
	Queue     RunQueue
	Ends      RunFinisher
	Results   ResultStore
	Scale     ScaleStore
	Responses ResponseReader
	Records   mastery.Reader
	// Jobs takes the runs to a copy that computes, under JobRun.
	Jobs jobs.Queue
	// InForce reads what is in force, of Scale.
	InForce *InForce
}

// Service is the use case. It may be called by many goroutines at once.
type Service struct {
	config Config
	stores Stores
	ends   EndingCounts
}

// New returns a service on the stores.
func New(config Config, stores Stores) *Service { return &Service{config: config, stores: stores} }

var (
	errNoRun     = core.NewNotFoundError("There is no such calibration run")
	errEnded     = core.NewConflictError("The calibration has ended already")
	errNeverUsed = core.NewConflictError("Only a run that came in force can be restored, and this one never did")
	// ErrItemNotFound is for an item without parameters in force.
	ErrItemNotFound = &core.Error{Code: core.CodeItemNotFound, Message: "The item has no parameters"}
)

// Start queues a run and returns it. by is the subject of the caller. Errors: ErrInProgress with the detail run_id, and
// those of RunStore.
func (s *Service) Start(ctx context.Context, settings Settings, by string) (Run, error) {
	return s.start(ctx, settings, by, time.Time{})
}

func (s *Service) start(ctx context.Context, settings Settings, by string, unlessSince time.Time) (Run, error) {
	settings.Items = slices.Compact(slices.Sorted(slices.Values(settings.Items)))
	run := Run{
		ID: s.config.NewID(), Status: StatusQueued, Settings: settings, AskedBy: by,
		AskedAt: s.config.Now().UTC().Truncate(time.Microsecond),
	}
	if err := s.stores.Runs.AddRun(ctx, run, unlessSince); err != nil {
		return Run{}, err
	}
	// Check finds a run whose job could not be saved.
	_, _ = s.stores.Jobs.Enqueue(ctx, JobRun, run.ID)
	return run, nil
}

// waitPause is the time between two reads of a run that a caller waits for.
const waitPause = 100 * time.Millisecond

// Wait returns a run when it has ended. It returns earlier, with the run as it is, if ctx ends or the copy that
// computes it hands it back. Errors are those of Run; the end of ctx is none.
func (s *Service) Wait(ctx context.Context, runID string) (Run, error) {
	ticker := time.NewTicker(waitPause)
	defer ticker.Stop()
	for begun := false; ; {
		run, err := s.Run(context.WithoutCancel(ctx), runID)
		if err != nil || run.Status.Ended() || begun && run.Status == StatusQueued {
			return run, err
		}
		begun = run.Status == StatusRunning
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return run, nil
		}
	}
}

// Run returns a run. Errors: CodeNotFound, and those of RunStore.
func (s *Service) Run(ctx context.Context, runID string) (Run, error) {
	run, err := s.stores.Runs.Run(ctx, runID)
	switch {
	case err != nil:
		return Run{}, err
	case run == nil:
		return Run{}, errNoRun
	}
	return *run, nil
}

// Runs returns the runs, the newest first, and how many there are.
func (s *Service) Runs(ctx context.Context, page bank.Page) (runs []Run, total int, err error) {
	return s.stores.Runs.Runs(ctx, page)
}

// Items returns what a completed run found of the items within the scope; nothing for another run.
func (s *Service) Items(ctx context.Context, scope bank.Scope, runID string) ([]ItemParameters, []irt.Skipped, error) {
	return s.stores.Results.RunItems(ctx, scope, runID)
}

// Cancel cancels a run that has not ended, and returns it. A run that was cancelled before is no error. The copy that
// computes it stops within seconds, and nothing of it is kept. Errors: CodeNotFound, CodeConflict for a run that has
// ended in another way, and those of the stores.
func (s *Service) Cancel(ctx context.Context, runID string) (Run, error) {
	ended, err := s.stores.Ends.EndRun(ctx, RunEnd{RunID: runID, Status: StatusCancelled, At: s.config.Now()})
	if err != nil {
		return Run{}, err
	}
	if ended {
		s.ended(ctx, runID, EndingCancelled, nil)
		_ = s.stores.Jobs.Cancel(ctx, JobRun, runID) // the run's next beat finds out in any case
	}
	run, err := s.Run(ctx, runID)
	if err == nil && run.Status != StatusCancelled {
		err = errEnded
	}
	return run, err
}

// Restore puts back into force a run that was in force before, with what was in force at that time, and returns it.
// Errors: CodeNotFound, CodeConflict for a run that was never in force, and those of the stores.
func (s *Service) Restore(ctx context.Context, runID string) (Run, error) {
	found, err := s.stores.Scale.RestoreRun(ctx, runID, s.config.Now())
	if err != nil {
		return Run{}, err
	}
	run, err := s.Run(ctx, runID)
	switch {
	case err != nil:
		return Run{}, err
	case !found:
		return Run{}, errNeverUsed
	}
	if s.config.Restored != nil {
		s.config.Restored(ctx, runID)
	}
	return run, nil
}

// Parameters returns those of an item that are in force. Errors: ErrItemNotFound, also for an item that is not within
// the scope, and those of ResultStore.
func (s *Service) Parameters(ctx context.Context, scope bank.Scope, itemID string) (ItemParameters, error) {
	found, err := s.stores.Results.ItemInForce(ctx, scope, itemID)
	switch {
	case err != nil:
		return ItemParameters{}, err
	case found == nil:
		return ItemParameters{}, ErrItemNotFound
	}
	return *found, nil
}

// Check enqueues jobs for runs that have none, after a copy died between two steps, and begins a run if one is
// scheduled. A job calls it periodically, once for all copies.
func (s *Service) Check(ctx context.Context) error {
	pulse, err := s.stores.Queue.RunQueueState(ctx)
	if err != nil {
		return err
	}
	if pulse.Active != "" {
		_, err := s.stores.Jobs.Enqueue(ctx, JobRun, pulse.Active)
		return err
	}
	lastDue := s.config.Now().Add(dueEarly - s.config.Every)
	if s.config.Every == 0 || pulse.Scheduled.After(lastDue) {
		return nil
	}
	_, err = s.start(ctx, DefaultSettings(), "", lastDue)
	if errors.Is(err, ErrNotDue) || core.CodeOf(err) == core.CodeCalibrationInProgress {
		return nil // another copy was faster
	}
	return err
}
