// Package calibration is the wire form of calibrations: what the service's calibration routes and `journey-api
// calibrate --json` answer as their data.
package calibration

import (
	"time"

	"github.com/journey-os/journey-api/core/irt"
)

// Run is the data of a finished calibration. A number that can't be had is null: a standard error of a parameter on its
// bound, or S-X² of data with missing cells.
type Run struct {
	CalibrationRunID    string        `json:"calibration_run_id"`
	ItemsCalibrated     int           `json:"items_calibrated"`
	ItemsSkipped        int           `json:"items_skipped"`
	ItemsFlagged        int           `json:"items_flagged"`
	ConvergenceAchieved bool          `json:"convergence_achieved"`
	IterationsUsed      int           `json:"iterations_used"`
	ElapsedSeconds      float64       `json:"elapsed_seconds"`
	LogLikelihood       float64       `json:"log_likelihood"`
	Density             string        `json:"density"`
	InForce             bool          `json:"in_force"`
	Linking             *Linking      `json:"linking"`
	DriftedItems        []string      `json:"drifted_items"`
	Parameters          []Parameters  `json:"parameters"`
	SkippedItems        []SkippedItem `json:"skipped_items"`
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
	A                float64   `json:"a"`
	B                float64   `json:"b"`
	C                float64   `json:"c"`
	ASE              *float64  `json:"a_se"`
	BSE              *float64  `json:"b_se"`
	CSE              *float64  `json:"c_se"`
	InfitMNSQ        float64   `json:"infit_mnsq"`
	OutfitMNSQ       float64   `json:"outfit_mnsq"`
	RMSD             float64   `json:"rmsd"`
	ItemRestR        *float64  `json:"item_rest_r"`
	SX2              *float64  `json:"s_x2"`
	SX2DF            *int      `json:"s_x2_df"`
	SX2P             *float64  `json:"s_x2_p"`
	IsFlagged        bool      `json:"is_flagged"`
	Flags            []string  `json:"flags"`
	ResponseCount    int       `json:"response_count"`
	CalibratedAt     time.Time `json:"calibrated_at"`
	CalibrationRunID string    `json:"calibration_run_id"`
}

// SkippedItem is an item that the run left out, and why.
type SkippedItem struct {
	ItemID        string `json:"item_id"`
	Reason        string `json:"reason"`
	ResponseCount int    `json:"response_count"`
}

// Meta is what a run has besides its result.
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
		CalibrationRunID: meta.ID, ItemsCalibrated: len(result.Items), ItemsSkipped: len(result.Skipped),
		ConvergenceAchieved: result.Converged, IterationsUsed: result.Iterations, ElapsedSeconds: meta.Elapsed.Seconds(),
		LogLikelihood: result.LogLikelihood, Density: string(result.Density), InForce: meta.InForce,
		DriftedItems: []string{}, Parameters: make([]Parameters, 0, len(result.Items)), SkippedItems: make([]SkippedItem, 0, len(result.Skipped)),
	}
	if link := meta.Linking; link != nil {
		run.Linking = &Linking{Items: link.Items, Slope: link.Slope, Intercept: link.Intercept}
		run.DriftedItems = append(run.DriftedItems, link.Drifted...)
	}
	for _, item := range result.Items {
		run.Parameters = append(run.Parameters, newParameters(item, meta))
		if len(item.Flags) > 0 {
			run.ItemsFlagged++
		}
	}
	for _, skipped := range result.Skipped {
		run.SkippedItems = append(run.SkippedItems, SkippedItem{skipped.ID, string(skipped.Reason), skipped.Responses})
	}
	return run
}

func newParameters(item irt.Item, meta Meta) Parameters {
	parameters := Parameters{
		ItemID: item.ID, A: item.A, B: item.B, C: item.C,
		ASE: optional(item.SE.A), BSE: optional(item.SE.B), CSE: optional(item.SE.C),
		InfitMNSQ: item.Fit.Infit, OutfitMNSQ: item.Fit.Outfit, RMSD: item.Fit.RMSD, ItemRestR: optional(item.Fit.ItemRest),
		IsFlagged: len(item.Flags) > 0, Flags: make([]string, len(item.Flags)), ResponseCount: item.Responses,
		CalibratedAt: meta.CalibratedAt.UTC(), CalibrationRunID: meta.ID,
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
