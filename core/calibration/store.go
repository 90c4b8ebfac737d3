package calibration

import (
	"context"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/irt"
)

// The ports below have these rules in common. Errors are CodeUnavailable if the store cannot be reached, else internal.
// Each may be called by many goroutines at once. Each ends with ctx, except that a commit that has begun is finished.
// Times are kept in microseconds.

// RunStore keeps the runs.
type RunStore interface {
	// AddRun queues a run by its ID, Settings, AskedBy and AskedAt. The error is ErrInProgress, with the run_id of the
	// other run, if one is active. It is ErrNotDue if unlessSince is not zero and the schedule asked for a run after
	// it.
	AddRun(ctx context.Context, run Run, unlessSince time.Time) error
	// Run returns a run, nil if there is none with the id.
	Run(ctx context.Context, id string) (*Run, error)
	// Runs returns the runs, the newest first, and how many there are.
	Runs(ctx context.Context, page bank.Page) (runs []Run, total int, err error)
}

// ResultStore keeps what completed runs found of each item.
type ResultStore interface {
	// RunItems returns the parameters and the skipped items of a run within the scope, by item id. An item that is not in
	// the bank is within every scope.
	RunItems(ctx context.Context, scope bank.Scope, runID string) ([]ItemParameters, []irt.Skipped, error)
	// ItemInForce returns the parameters of an item that are in force; nil if it has none or is not within the scope.
	ItemInForce(ctx context.Context, scope bank.Scope, itemID string) (*ItemParameters, error)
	// RunReport returns the Report that a run was completed with, nil if there is none.
	RunReport(ctx context.Context, runID string) ([]byte, error)
}

// RunQueue hands runs to the copies that compute.
type RunQueue interface {
	// RunQueueState returns what there is to do.
	RunQueueState(ctx context.Context) (QueueState, error)
	// ClaimRun begins an active run for a worker, and takes it from another worker that has it. It returns nil if the
	// run is not active.
	ClaimRun(ctx context.Context, runID, worker string, at time.Time) (*Run, error)
	// HeartbeatRun saves the progress of a run. It reports whether the run is still the worker's: it is not once it was
	// cancelled or claimed by another worker.
	HeartbeatRun(ctx context.Context, runID, worker string, progress irt.Progress) (held bool, err error)
}

// RunFinisher ends runs.
type RunFinisher interface {
	// EndRun gives an active run another status: failed, cancelled, or queued for one that is handed back. It reports
	// false if the run has ended, or is another worker's.
	EndRun(ctx context.Context, end RunEnd) (ended bool, err error)
	// CompleteRun ends a worker's run with all that it found, in one transaction. From then on its parameters are in
	// force if its Decision was applied. The error is ErrLost if the run is no longer the worker's, and ErrScaleChanged
	// if the decision was made on another scale than the one in force; nothing is kept then.
	CompleteRun(ctx context.Context, completion Completion) error
}

// ResponseReader reads answers, with whose they are. Only the calibration uses it.
type ResponseReader interface {
	// Responses calls visit for each answer of all institutions, those of a student together, in the order of the replay.
	// An error of visit ends it and is returned as it is.
	Responses(ctx context.Context, visit func(studentID, itemID string, correct bool) error) error
	// FirstResponses returns the newest of a record's first answers to each item, at most limit, in the order of the
	// replay. A record that is in another institution by now has none.
	FirstResponses(ctx context.Context, record core.Record, limit int) ([]FirstResponse, error)
}

// FirstResponse is a student's first answer to an item.
type FirstResponse struct {
	ItemID     string
	Correct    bool
	RecordedAt time.Time
}

// QueueState is what there is to do.
type QueueState struct {
	// Active is the run that is queued or running, empty for none.
	Active string
	Status Status
	// AskedAt is when the active run was asked for.
	AskedAt time.Time
	// Scheduled is when the schedule last asked for a run, zero for never.
	Scheduled time.Time
}

// RunEnd is a new status for an active run.
type RunEnd struct {
	RunID string
	// Worker is who ends it; empty for a caller who cancels it, whichever worker has it.
	Worker string
	// Status is StatusFailed, StatusCancelled or StatusQueued.
	Status  Status
	Failure *Failure
	At      time.Time
}

// Completion is what a completed run is saved with.
type Completion struct {
	RunID, Worker string
	At            time.Time
	// ScaleVersion is the scale that the decision was made on.
	ScaleVersion int64
	// Outcome.InForce is not set.
	Outcome Outcome
	// Items are on the scale of the decision. Their Counts are not kept.
	Items   []irt.Item
	Skipped []irt.Skipped
	// Report is the encoded run that a report can be written from. It is not nil.
	Report []byte
}

var (
	// ErrInProgress is for a run that is asked for while another one is active. Its detail run_id names that one.
	ErrInProgress = &core.Error{Code: core.CodeCalibrationInProgress, Message: "A calibration is in progress"}
	// ErrNotDue is for a scheduled run that was already asked for.
	ErrNotDue = core.NewConflictError("The schedule has asked for a calibration already")
	// ErrLost is for the end of a run that is no longer the worker's.
	ErrLost = core.NewConflictError("The calibration was cancelled, or another copy has taken it up")
	// ErrScaleChanged is for a decision that was made on a scale that is no longer in force.
	ErrScaleChanged = core.NewConflictError("Other parameters came in force meanwhile")
)
