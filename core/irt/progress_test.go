package irt_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/journey-os/journey-api/core/irt"
)

func TestProgressNamesEveryStageAndIteration(t *testing.T) {
	var stages []irt.Stage
	var steps []irt.Progress
	options := irt.Options{Progress: func(p irt.Progress) {
		if len(stages) == 0 || stages[len(stages)-1] != p.Stage {
			stages = append(stages, p.Stage)
		}
		if p.Stage == irt.StageItems || p.Stage == irt.StageDensity {
			steps = append(steps, p)
		}
	}}
	got, err := irt.Calibrate(t.Context(), dataOf(t, answersOf(300, 12, 0)), options)
	if err != nil {
		t.Fatal(err)
	}
	want := []irt.Stage{irt.StageItems, irt.StageDensity, irt.StageStandardErrors, irt.StageFit}
	if diff := cmp.Diff(want, stages); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(got.History, steps); diff != "" {
		t.Error(diff)
	}
	for k, p := range steps {
		if p.Iteration != k+1 {
			t.Errorf("step %d is iteration %d", k, p.Iteration)
		}
		if k > 0 && p.Stage == irt.StageItems && p.LogLikelihood < steps[k-1].LogLikelihood-1 {
			t.Errorf("the log-likelihood falls from %f to %f", steps[k-1].LogLikelihood, p.LogLikelihood)
		}
	}
}

func TestIterationsEndAtTheirMaximum(t *testing.T) {
	got, err := irt.Calibrate(t.Context(), dataOf(t, answersOf(300, 12, 0)), irt.Options{MaxIterations: 3})
	if err != nil {
		t.Fatal(err)
	}
	if got.Converged || got.Iterations != 3 || len(got.Items) != 12 {
		t.Errorf("converged: %v after %d iterations, %d items", got.Converged, got.Iterations, len(got.Items))
	}
}

func TestACalibrationEndsWithItsContext(t *testing.T) {
	answers := answersOf(300, 30, 0)
	for _, stage := range []irt.Stage{irt.StageItems, irt.StageStandardErrors, irt.StageFit} {
		t.Run(string(stage), func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var cancelled time.Time
			_, err := irt.Calibrate(ctx, dataOf(t, answers), irt.Options{Progress: func(p irt.Progress) {
				if p.Stage == stage && cancelled.IsZero() {
					cancelled = time.Now()
					cancel()
				}
			}})
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("the error is %v", err)
			}
			if took := time.Since(cancelled); took > 10*time.Second { // half a second on a machine with nothing else to do
				t.Errorf("it went on for %v", took)
			}
		})
	}
}

func TestOptionsOutOfRangeAreRefused(t *testing.T) {
	data := dataOf(t, answersOf(10, 3, 0))
	for name, options := range map[string]irt.Options{
		"a model nobody knows":       {Model: "4pl"},
		"a density that is a result": {Density: irt.DensityEstimated},
		"a prior nobody knows":       {Prior: "flat"},
		"negative responses":         {MinResponses: -1},
		"negative iterations":        {MaxIterations: -1},
		"a threshold of 1":           {Threshold: 1},
		"a negative threshold":       {Threshold: -.1},
		"negative workers":           {Workers: -1},
	} {
		_, err := irt.Calibrate(t.Context(), data, options)
		if err == nil || errors.Is(err, irt.ErrInsufficientData) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}
