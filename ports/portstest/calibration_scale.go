package portstest

import (
	"errors"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/calibration"
	"github.com/journey-os/journey-api/core/irt"
)

func completionAppears(t *testing.T, l *calibrationFixture) {
	run := l.ask(t)
	l.claim(t, run.ID, "w")
	items := []irt.Item{
		{
			ID: "full", Params: irt.Params{A: 1.0000000001, B: -2.5, C: .35}, Responses: 900, Correct: 450,
			SE:    irt.StandardErrors{A: irt.Some(.1), B: irt.Some(0)},
			Fit:   irt.Fit{Infit: .9, Outfit: 1.4, RMSD: .02, ItemRest: irt.Some(-.1), SX2: irt.SX2{Known: true, Statistic: 12.5, DF: 7, P: irt.Some(.001), RMSEA: irt.Some(.06)}},
			Flags: []irt.Flag{irt.FlagMeanSquare, irt.FlagSX2},
		},
		{ID: "sparse", Params: irt.Params{A: .2, B: 4}, Responses: 3},
	}
	skipped := []irt.Skipped{{ID: "easy", Reason: irt.SkipNoVariance, Responses: 120}}
	completion := calibration.Completion{
		RunID: run.ID, Worker: "w", At: l.at.Add(time.Second), Items: items, Skipped: skipped, Report: []byte{0, 1, 2, 255},
		Outcome: calibration.Outcome{
			People: 10, Responses: 903, Calibrated: 2, Flagged: 1, Skipped: 1, Iterations: 14, Converged: true, LogLikelihood: -510.25,
			Density: irt.DensityEstimated,
			Decision: calibration.Decision{
				Linking: &irt.Linking{Items: 7, Slope: .9, Intercept: -.1, Drifted: []string{"full"}}, Applied: true, CoversAll: true,
			},
		},
	}
	must(t, l.CompleteRun(t.Context(), completion))
	found, err := l.Run(t.Context(), run.ID)
	must(t, err)
	want := completion.Outcome
	want.InForce = true
	if found.Status != calibration.StatusCompleted || !found.EndedAt.Equal(completion.At) {
		t.Errorf("the run is %+v", found)
	}
	same(t, "the outcome", found.Outcome, &want)
	gotItems, gotSkipped, err := l.RunItems(t.Context(), bank.Everywhere(), run.ID)
	must(t, err)
	var wantItems []calibration.ItemParameters
	for _, item := range items {
		wantItems = append(wantItems, calibration.ItemParameters{Item: item, RunID: run.ID, CalibratedAt: completion.At})
	}
	same(t, "the items", gotItems, wantItems)
	same(t, "the skipped", gotSkipped, skipped)
	report, err := l.RunReport(t.Context(), run.ID)
	must(t, err)
	same(t, "the report", report, completion.Report)
	if report, err := l.RunReport(t.Context(), "none"); report != nil || err != nil {
		t.Error(report, err)
	}
	if pulse, err := l.RunQueueState(t.Context()); err != nil || pulse.Active != "" {
		t.Errorf("%+v is active, %v", pulse, err)
	}
}

func newestRunCounts(t *testing.T, l *calibrationFixture) {
	empty, err := l.Scale(t.Context())
	must(t, err)
	if empty.RunID != "" || len(empty.Items) != 0 || !empty.Since.IsZero() {
		t.Errorf("before any run: %+v", empty)
	}
	l.calibrate(t, 1, true, true, "i1", "i2", "i3")
	second := l.calibrate(t, 2, true, false, "i2")
	same(t, "two runs", l.difficulties(t), map[string]float64{"i1": 1, "i2": 2, "i3": 1})
	scale, err := l.Scale(t.Context())
	must(t, err)
	version, err := l.ScaleVersion(t.Context())
	must(t, err)
	if scale.RunID != second || scale.Version != version || version == empty.Version || !scale.Since.Equal(l.at) {
		t.Errorf("the scale is %+v, its version %d", scale, version)
	}
	l.calibrate(t, 3, true, true, "i1", "i2", "i3", "i4")
	l.calibrate(t, 4, true, false, "i4")
	same(t, "four runs", l.difficulties(t), map[string]float64{"i1": 3, "i2": 3, "i3": 3, "i4": 4})
}

func notAppliedChangesNothing(t *testing.T, l *calibrationFixture) {
	l.calibrate(t, 1, true, true, "i1", "i2")
	before, err := l.Scale(t.Context())
	must(t, err)
	refused := l.calibrate(t, 9, false, false, "i1", "new")
	after, err := l.Scale(t.Context())
	must(t, err)
	same(t, "the scale", after, before)
	found, err := l.Run(t.Context(), refused)
	must(t, err)
	if found.Outcome.InForce || found.Outcome.NotApplied != "it shares too little" {
		t.Errorf("its outcome is %+v", found.Outcome)
	}
	if restored, err := l.RestoreRun(t.Context(), refused, l.at); restored || err != nil {
		t.Error("a run that never came in force was restored", err)
	}
}

func otherScaleRefused(t *testing.T, l *calibrationFixture) {
	l.calibrate(t, 1, true, true, "i1")
	run := l.ask(t)
	l.claim(t, run.ID, "w")
	err := l.CompleteRun(t.Context(), calibration.Completion{RunID: run.ID, Worker: "w", At: l.at, ScaleVersion: 17, Items: []irt.Item{{ID: "i1"}}})
	if !errors.Is(err, calibration.ErrScaleChanged) {
		t.Fatal(err)
	}
	found, err := l.Run(t.Context(), run.ID)
	must(t, err)
	if items, _, err := l.RunItems(t.Context(), bank.Everywhere(), run.ID); len(items) > 0 || err != nil || found.Status != calibration.StatusRunning {
		t.Errorf("something was kept: %+v, %+v, %v", items, found, err)
	}
}

func restoreGoesBack(t *testing.T, l *calibrationFixture) {
	first := l.calibrate(t, 1, true, true, "i1", "i2")
	second := l.calibrate(t, 2, true, false, "i2", "i3")
	third := l.calibrate(t, 3, true, false, "i3")
	inForce := func(want ...string) {
		t.Helper()
		runs, _, err := l.Runs(t.Context(), bank.Page{Limit: 10})
		must(t, err)
		var got []string
		for _, run := range runs {
			if run.Outcome.InForce {
				got = append(got, run.ID)
			}
		}
		same(t, "the runs in force", got, want)
	}
	restore := func(id string) {
		t.Helper()
		l.at = l.at.Add(time.Second)
		before, err := l.ScaleVersion(t.Context())
		must(t, err)
		if found, err := l.RestoreRun(t.Context(), id, l.at); !found || err != nil {
			t.Fatal(found, err)
		}
		if scale, err := l.Scale(t.Context()); err != nil || scale.Version != before+1 || scale.RunID != id || !scale.Since.Equal(l.at) {
			t.Errorf("the scale is %+v, %v", scale, err)
		}
	}
	restore(first)
	inForce(first)
	same(t, "back to the first", l.difficulties(t), map[string]float64{"i1": 1, "i2": 1})
	restore(third)
	inForce(third, second, first)
	same(t, "and to the third", l.difficulties(t), map[string]float64{"i1": 1, "i2": 2, "i3": 3})
	restore(first)
	fourth := l.calibrate(t, 4, true, false, "i1")
	inForce(fourth, first)
	restore(second)
	inForce(second, first)
	same(t, "to the second", l.difficulties(t), map[string]float64{"i1": 1, "i2": 2, "i3": 2})
	before, err := l.Scale(t.Context())
	must(t, err)
	if found, err := l.RestoreRun(t.Context(), second, l.at.Add(time.Hour)); !found || err != nil {
		t.Error(found, err)
	}
	after, err := l.Scale(t.Context())
	must(t, err)
	same(t, "the newest again", after, before)
	if found, err := l.RestoreRun(t.Context(), "none", l.at); found || err != nil {
		t.Error("a run that is none was restored", err)
	}
}

func parametersWithinScope(t *testing.T, l *calibrationFixture) {
	must(t, l.Put(t.Context(), bank.Rows{
		Concepts: []bank.Concept{{ID: "renal", Weight: 1}},
		Items:    []bank.Item{{ID: "shared", ConceptID: "renal"}, {ID: "theirs", ConceptID: "renal", InstitutionID: "inst-2"}},
	}))
	run := l.calibrate(t, 1, true, true, "shared", "theirs", "unknown")
	for _, test := range []struct {
		scope bank.Scope
		want  []string
	}{
		{bank.Everywhere(), []string{"shared", "theirs", "unknown"}}, {bank.Within("inst-2"), []string{"shared", "theirs", "unknown"}},
		{bank.Within("inst-1"), []string{"shared", "unknown"}},
	} {
		items, _, err := l.RunItems(t.Context(), test.scope, run)
		must(t, err)
		var got []string
		for _, item := range items {
			got = append(got, item.ID)
		}
		same(t, "the run's items", got, test.want)
		one, err := l.ItemInForce(t.Context(), test.scope, "theirs")
		must(t, err)
		if (one != nil) != (len(test.want) == 3) {
			t.Errorf("the item is %+v in %+v", one, test.scope)
		}
	}
}
