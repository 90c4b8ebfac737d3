// Package calibration is the routes of calibrations, and their wire form, which `journey-api calibrate --json` prints
// too.
package calibration

import (
	"time"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core/irt"
)

// Run is the data of a finished calibration. A number that does not exist is null: a standard error of a parameter on
// its bound, or S-X² of data with missing cells.
type Run struct {
	RunOutcome
	Parameters   []Parameters  `json:"parameters" nullable:"false"`
	SkippedItems []SkippedItem `json:"skipped_items" nullable:"false"`
}

// RunOutcome is what a calibration found, without what it found of each item. What is embedded in a reply has to be
// exported: the document is made by reflection.
type RunOutcome struct {
	CalibrationRunID    string                    `json:"calibration_run_id"`
	ItemsCalibrated     int                       `json:"items_calibrated"`
	ItemsSkipped        int                       `json:"items_skipped"`
	ItemsFlagged        int                       `json:"items_flagged"`
	ConvergenceAchieved bool                      `json:"convergence_achieved" doc:"Whether the last changes were below the threshold"`
	IterationsUsed      int                       `json:"iterations_used"`
	ElapsedSeconds      float64                   `json:"elapsed_seconds"`
	LogLikelihood       float64                   `json:"log_likelihood" doc:"At the parameters, without the prior"`
	Density             string                    `json:"density" enum:"normal,estimated" doc:"The distribution of ability that the run used"`
	InForce             bool                      `json:"in_force" doc:"Whether the run counts: the parameters of an item are those of the newest run in force that has it"`
	Reason              string                    `json:"reason,omitempty" doc:"Why the run is not in force"`
	Linking             httpapi.Nullable[Linking] `json:"linking" doc:"The line by which the run was put on the scale of the parameters in force; null if it was put on no other"`
	DriftedItems        []string                  `json:"drifted_items" nullable:"false" doc:"Items whose b moved by more than .5 against the parameters in force"`
}

// Linking is the line by which a run was put on the scale of the parameters in force.
type Linking struct {
	Items     int     `json:"items"`
	Slope     float64 `json:"slope"`
	Intercept float64 `json:"intercept"`
}

// Parameters are those of one item.
type Parameters struct {
	ItemID           string    `json:"item_id"`
	A                float64   `json:"a" doc:"Discrimination"`
	B                float64   `json:"b" doc:"Difficulty"`
	C                float64   `json:"c" doc:"Guessing"`
	ASE              *float64  `json:"a_se"`
	BSE              *float64  `json:"b_se"`
	CSE              *float64  `json:"c_se"`
	InfitMNSQ        float64   `json:"infit_mnsq" doc:"1 if the item behaves as the model expects"`
	OutfitMNSQ       float64   `json:"outfit_mnsq"`
	RMSD             float64   `json:"rmsd"`
	ItemRestR        *float64  `json:"item_rest_r"`
	SX2              *float64  `json:"s_x2"`
	SX2DF            *int      `json:"s_x2_df"`
	SX2P             *float64  `json:"s_x2_p"`
	IsFlagged        bool      `json:"is_flagged"`
	Flags            []string  `json:"flags" nullable:"false" enum:"mnsq,negative_discrimination,a_at_lower_bound,rmsd,s_x2" doc:"What is suspect about the item"`
	ResponseCount    int       `json:"response_count" doc:"How many answers it was calibrated from"`
	CalibratedAt     time.Time `json:"calibrated_at"`
	CalibrationRunID string    `json:"calibration_run_id"`
}

// SkippedItem is an item that the run left out, and why.
type SkippedItem struct {
	ItemID        string `json:"item_id"`
	Reason        string `json:"reason" enum:"no_variance,insufficient_responses"`
	ResponseCount int    `json:"response_count"`
}

// Meta is the data of a run besides its result.
type Meta struct {
	ID           string
	CalibratedAt time.Time
	Elapsed      time.Duration
	// InForce reports whether the parameters are those that the service uses.
	InForce bool
	// Linking is nil if the run was put on no other scale.
	Linking *irt.Linking
}

// NewRun returns the wire form of a result.
func NewRun(result irt.Result, meta Meta) Run {
	run := Run{
		RunOutcome: RunOutcome{
			CalibrationRunID: meta.ID, ItemsCalibrated: len(result.Items), ItemsSkipped: len(result.Skipped),
			ConvergenceAchieved: result.Converged, IterationsUsed: result.Iterations, ElapsedSeconds: meta.Elapsed.Seconds(),
			LogLikelihood: result.LogLikelihood, Density: string(result.Density), InForce: meta.InForce, DriftedItems: []string{},
		},
		Parameters: make([]Parameters, 0, len(result.Items)), SkippedItems: skippedItems(result.Skipped),
	}
	run.link(meta.Linking)
	for _, item := range result.Items {
		run.Parameters = append(run.Parameters, newParameters(item, meta.ID, meta.CalibratedAt))
		if len(item.Flags) > 0 {
			run.ItemsFlagged++
		}
	}
	return run
}

func (o *RunOutcome) link(line *irt.Linking) {
	o.Linking = httpapi.OrNull[Linking](nil)
	if line != nil {
		o.Linking = httpapi.OrNull(&Linking{Items: line.Items, Slope: line.Slope, Intercept: line.Intercept})
		o.DriftedItems = append(o.DriftedItems, line.Drifted...)
	}
}

func skippedItems(skipped []irt.Skipped) []SkippedItem {
	wire := make([]SkippedItem, len(skipped))
	for i, one := range skipped {
		wire[i] = SkippedItem{one.ID, string(one.Reason), one.Responses}
	}
	return wire
}

func newParameters(item irt.Item, runID string, at time.Time) Parameters {
	parameters := Parameters{
		ItemID: item.ID, A: item.A, B: item.B, C: item.C,
		ASE: optional(item.SE.A), BSE: optional(item.SE.B), CSE: optional(item.SE.C),
		InfitMNSQ: item.Fit.Infit, OutfitMNSQ: item.Fit.Outfit, RMSD: item.Fit.RMSD, ItemRestR: optional(item.Fit.ItemRest),
		IsFlagged: len(item.Flags) > 0, Flags: make([]string, len(item.Flags)), ResponseCount: item.Responses,
		CalibratedAt: at.UTC(), CalibrationRunID: runID,
	}
	if sx2 := item.Fit.SX2; sx2.Known {
		parameters.SX2, parameters.SX2DF, parameters.SX2P = &sx2.Statistic, &sx2.DF, optional(sx2.P)
	}
	for k, flag := range item.Flags {
		parameters.Flags[k] = string(flag)
	}
	return parameters
}

func optional(value irt.Optional) *float64 {
	if !value.Known {
		return nil
	}
	return &value.Value
}
