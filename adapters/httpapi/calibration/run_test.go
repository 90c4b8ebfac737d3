package calibration_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/httpapi/calibration"
	"github.com/journey-os/journey-api/core/irt"
)

func TestARunHasTheNamesOfThePlatform(t *testing.T) {
	result := irt.Result{
		Converged: true, Iterations: 7, LogLikelihood: -12.5, Density: irt.DensityNormal,
		Items: []irt.Item{
			{
				ID: "a", Params: irt.Params{A: 1, B: 2, C: .25}, SE: irt.StandardErrors{A: irt.Some(.5), B: irt.Some(.25)}, Responses: 9, Correct: 4,
				Fit:   irt.Fit{Infit: 1.5, Outfit: .75, RMSD: .125, ItemRest: irt.Some(-.5), SX2: irt.SX2{Known: true, Statistic: 8, DF: 4, P: irt.Some(.0625)}},
				Flags: []irt.Flag{irt.FlagMeanSquare, irt.FlagNegativeDiscrimination},
			},
			{ID: "b", Params: irt.Params{A: 1}},
		},
		Skipped: []irt.Skipped{{ID: "z", Reason: irt.SkipNoVariance, Responses: 3}},
	}
	at := time.Date(2026, 3, 1, 13, 30, 0, 0, time.FixedZone("", 3600))
	got, err := json.MarshalIndent(calibration.NewRun(result, calibration.Meta{
		ID: "run-1", CalibratedAt: at, Elapsed: 1500 * time.Millisecond, InForce: true,
		Linking: &irt.Linking{Items: 6, Slope: 1.5, Intercept: -.5, Drifted: []string{"q"}},
	}), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want := `{
  "calibration_run_id": "run-1",
  "items_calibrated": 2,
  "items_skipped": 1,
  "items_flagged": 1,
  "convergence_achieved": true,
  "iterations_used": 7,
  "elapsed_seconds": 1.5,
  "log_likelihood": -12.5,
  "density": "normal",
  "in_force": true,
  "linking": {
    "items": 6,
    "slope": 1.5,
    "intercept": -0.5
  },
  "drifted_items": [
    "q"
  ],
  "parameters": [
    {
      "item_id": "a",
      "a": 1,
      "b": 2,
      "c": 0.25,
      "a_se": 0.5,
      "b_se": 0.25,
      "c_se": null,
      "infit_mnsq": 1.5,
      "outfit_mnsq": 0.75,
      "rmsd": 0.125,
      "item_rest_r": -0.5,
      "s_x2": 8,
      "s_x2_df": 4,
      "s_x2_p": 0.0625,
      "is_flagged": true,
      "flags": [
        "mnsq",
        "negative_discrimination"
      ],
      "response_count": 9,
      "calibrated_at": "2026-03-01T12:30:00Z",
      "calibration_run_id": "run-1"
    },
    {
      "item_id": "b",
      "a": 1,
      "b": 0,
      "c": 0,
      "a_se": null,
      "b_se": null,
      "c_se": null,
      "infit_mnsq": 0,
      "outfit_mnsq": 0,
      "rmsd": 0,
      "item_rest_r": null,
      "s_x2": null,
      "s_x2_df": null,
      "s_x2_p": null,
      "is_flagged": false,
      "flags": [],
      "response_count": 0,
      "calibrated_at": "2026-03-01T12:30:00Z",
      "calibration_run_id": "run-1"
    }
  ],
  "skipped_items": [
    {
      "item_id": "z",
      "reason": "no_variance",
      "response_count": 3
    }
  ]
}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestARunOfNoStoreHasNoLinkingAndEmptyLists(t *testing.T) {
	got, err := json.Marshal(calibration.NewRun(irt.Result{}, calibration.Meta{}))
	want := `{"calibration_run_id":"","items_calibrated":0,"items_skipped":0,"items_flagged":0,"convergence_achieved":false,"iterations_used":0,` +
		`"elapsed_seconds":0,"log_likelihood":0,"density":"","in_force":false,"linking":null,"drifted_items":[],"parameters":[],"skipped_items":[]}`
	if err != nil || string(got) != want {
		t.Errorf("%v, %s", err, got)
	}
}
