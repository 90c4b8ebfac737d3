package calibration

import (
	"slices"
	"strings"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/calibration"
	"github.com/journey-os/journey-api/core/irt"
)

// RunState is a calibration from the moment it was asked for.
type RunState struct {
	RunHead
	Result httpapi.Nullable[Run] `json:"result" doc:"What it found; null until it is completed"`
}

// ListedRun is a calibration in a list.
type ListedRun struct {
	RunHead
	Outcome httpapi.Nullable[RunOutcome] `json:"result" doc:"What it found, without the items; null until it is completed"`
}

// RunHead is the fields of every calibration. What is embedded in a reply has to be exported: the document is made by
// reflection.
type RunHead struct {
	CalibrationRunID string                        `json:"calibration_run_id"`
	Status           string                        `json:"status" enum:"queued,running,completed,failed,cancelled"`
	Progress         httpapi.Nullable[RunProgress] `json:"progress" doc:"How far it is, or was at its end; null before its first step"`
	Failure          httpapi.Nullable[RunFailure]  `json:"failure" doc:"Why it failed; null unless it did"`
	Settings         RunSettings                   `json:"settings"`
	AskedBy          string                        `json:"asked_by,omitempty" doc:"For superadmins: the sub of who asked; left out for the schedule"`
	AskedAt          *string                       `json:"asked_at" format:"date-time"`
	StartedAt        *string                       `json:"started_at" format:"date-time"`
	EndedAt          *string                       `json:"ended_at" format:"date-time"`
}

// RunProgress is how far a calibration is.
type RunProgress struct {
	Stage         string  `json:"stage" enum:"reading,items,density,standard_errors,fit" doc:"What it is doing: the stages come in this order, density may be left out"`
	Iteration     int     `json:"iteration" doc:"Counts from 1, through both stages that iterate"`
	MaxChange     float64 `json:"max_change" doc:"The largest change of an a, b or c in the iteration"`
	LogLikelihood float64 `json:"log_likelihood"`
}

// RunFailure is why a calibration failed.
type RunFailure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// RunSettings are those of a calibration.
type RunSettings struct {
	Model         string  `json:"model" enum:"3pl,2pl,1pl"`
	MinResponses  int     `json:"min_responses"`
	MaxIterations int     `json:"max_iterations"`
	Threshold     float64 `json:"convergence_threshold"`
	ItemsAsked    *int    `json:"items_asked" doc:"How many items it was asked for; null for every item"`
}

func headOf(run calibration.Run, caller core.AuthTokenPayload) RunHead {
	head := RunHead{
		CalibrationRunID: run.ID, Status: string(run.Status),
		Settings: RunSettings{
			Model: string(run.Settings.Model), MinResponses: run.Settings.MinResponses,
			MaxIterations: run.Settings.MaxIterations, Threshold: run.Settings.Threshold,
		},
		AskedAt: timeOrNull(run.AskedAt), StartedAt: timeOrNull(run.StartedAt), EndedAt: timeOrNull(run.EndedAt),
	}
	if asked := len(run.Settings.Items); asked > 0 {
		head.Settings.ItemsAsked = &asked
	}
	if caller.Role == core.RoleSuperadmin {
		head.AskedBy = run.AskedBy
	}
	if now := run.Progress; now.Stage != "" {
		head.Progress.Value = &RunProgress{Stage: string(now.Stage), Iteration: now.Iteration, MaxChange: now.MaxChange, LogLikelihood: now.LogLikelihood}
	}
	if run.Failure != nil {
		head.Failure.Value = &RunFailure{string(run.Failure.Code), run.Failure.Message}
	}
	return head
}

// outcomeOf returns the outcome of a completed run.
func outcomeOf(run calibration.Run) RunOutcome {
	o := run.Outcome
	wire := RunOutcome{
		CalibrationRunID: run.ID, ItemsCalibrated: o.Calibrated, ItemsSkipped: o.Skipped, ItemsFlagged: o.Flagged,
		ConvergenceAchieved: o.Converged, IterationsUsed: o.Iterations, ElapsedSeconds: run.EndedAt.Sub(run.StartedAt).Seconds(),
		LogLikelihood: o.LogLikelihood, Density: string(o.Density), InForce: o.InForce, Reason: o.NotApplied, DriftedItems: []string{},
	}
	if o.Applied && !o.InForce {
		wire.Reason = "An earlier run was restored after it"
	}
	wire.link(o.Linking)
	return wire
}

// resultOf returns a completed run with its items.
func resultOf(run calibration.Run, items []calibration.ItemParameters, skipped []irt.Skipped) Run {
	result := Run{RunOutcome: outcomeOf(run), Parameters: make([]Parameters, len(items)), SkippedItems: skippedItems(skipped)}
	for i, item := range items {
		result.Parameters[i] = newParameters(item.Item, item.RunID, item.CalibratedAt)
	}
	return result
}

// within removes the drifted items that are not within the scope.
func (r *Run) within(scope bank.Scope) {
	if _, everywhere := scope.Institution(); everywhere {
		return
	}
	r.DriftedItems = slices.DeleteFunc(r.DriftedItems, func(id string) bool {
		_, seen := slices.BinarySearchFunc(r.Parameters, id, func(p Parameters, id string) int { return strings.Compare(p.ItemID, id) })
		return !seen
	})
}
