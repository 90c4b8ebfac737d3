package calibration

import (
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/irt"
)

// Status is the state of a run. The first two are active; at most one run is active. The others are final.
type Status string

// The statuses.
const (
	StatusQueued    Status = "queued"
	StatusRunning   Status = "running"
	StatusCompleted Status = "completed"
	StatusFailed    Status = "failed"
	StatusCancelled Status = "cancelled"
)

// Ended reports whether the status is final.
func (s Status) Ended() bool { return s != StatusQueued && s != StatusRunning }

// Settings say what a run calibrates, and how.
type Settings struct {
	// Items are the ids of the items; none stands for every item.
	Items []string
	// The others are those of irt.Options, each with its default in its place.
	Model         irt.Model
	MinResponses  int
	MaxIterations int
	Threshold     float64
}

// DefaultSettings are those of a run that was asked for without any.
func DefaultSettings() Settings {
	return Settings{Model: irt.Model3PL, MinResponses: 100, MaxIterations: 100, Threshold: 1e-3}
}

// options returns the settings for irt.
func (s Settings) options() irt.Options {
	return irt.Options{
		Model: s.Model, MinResponses: s.MinResponses, MaxIterations: s.MaxIterations, Threshold: s.Threshold,
		Density: irt.DensityAuto, Prior: irt.PriorDefault,
	}
}

// Run is one calibration, from the moment it was asked for.
type Run struct {
	ID       string
	Status   Status
	Settings Settings
	// AskedBy is the subject of the token that asked, empty for the schedule.
	AskedBy string
	AskedAt time.Time
	// StartedAt is when it was last begun, zero before that; EndedAt is zero before the end.
	StartedAt time.Time
	EndedAt   time.Time
	// Starts counts how often it was begun. A copy that hands a run back does not count.
	Starts   int
	Progress irt.Progress
	// Failure is why a run failed, nil for others.
	Failure *Failure
	// Outcome is nil until a run is completed.
	Outcome *Outcome
}

// Failure is why a run failed. Its message is safe to show.
type Failure struct {
	Code    core.Code
	Message string

	cause error
}

// Error makes a Failure an error while it is returned to the run.
func (f *Failure) Error() string {
	if f.cause != nil {
		return f.cause.Error()
	}
	return string(f.Code) + ": " + f.Message
}

// Outcome is what a completed run found, without what it found of each item.
type Outcome struct {
	// People and Responses count those with an answer to a calibrated item, and these answers.
	People, Responses int
	// Calibrated, Flagged and Skipped count items.
	Calibrated, Flagged, Skipped int
	Iterations                   int
	Converged                    bool
	// LogLikelihood is the log-likelihood at the parameters, without the prior.
	LogLikelihood float64
	Density       irt.Density
	Decision
	// InForce reports whether the run is in force now. The parameters of an item are those of the newest run in force
	// that has it.
	InForce bool
}

// Decision is whether a run comes into force when it is completed, and on which scale.
type Decision struct {
	// Linking is the line by which it was put on the scale of the parameters in force, nil if it was put on no other.
	Linking *irt.Linking
	// Applied reports whether the run came into force; NotApplied is why not.
	Applied    bool
	NotApplied string
	// CoversAll reports whether the run has every item that was in force: nothing of older runs shows through.
	CoversAll bool
}

// ItemParameters are those of one item in one run.
type ItemParameters struct {
	// Item has no Counts.
	irt.Item
	RunID        string
	CalibratedAt time.Time
}
