package bkt

import "testing"

func TestStepsAreSettledIfTheRestOfTheirSeriesIsBelowTheThreshold(t *testing.T) {
	for _, test := range []struct {
		name         string
		before, last float64 // the largest changes of the two steps
		threshold    float64
		want         bool
	}{
		{"the ratio is taken as .9 at least: .001·9 is .009", .01, .001, .0091, true},
		{"and that is not below .0089", .01, .001, .0089, false},
		{"a ratio above .9 counts: .0095·19 is .1805", .01, .0095, .181, true},
		{"and that is not below .18", .01, .0095, .18, false},
		{"growing steps are not settled", .001, .0011, 1, false},
		{"steps that do not move are", .001, 1e-14, 1e-15, true},
		{"no step at all is", 0, 0, 1e-15, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			at := vector{.5, .5, .25, .25}
			first := at
			first[1] += test.before
			second := first
			second[1] -= test.last
			if got := settled(at, first, second, test.threshold); got != test.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestNothingIsSettledInTheFirstCycle(t *testing.T) {
	options := DefaultOptions()
	options.Threshold = 1
	fitted, err := Fit(t.Context(), []Student{{ID: "a", Answers: []bool{true, false}}, {ID: "b", Answers: []bool{true, true}}}, options)
	if err != nil || !fitted.Converged || fitted.Iterations < 4 || fitted.Iterations > 5 {
		t.Errorf("converged %v after %d iterations, %v", fitted.Converged, fitted.Iterations, err)
	}
}

func TestAnExtrapolationLeadsWhereAGeometricSeriesEnds(t *testing.T) {
	// Steps of .1, .05, .025, … from .3 end at .5; α = -.1/.05 = -2, and .3 + 2·2·.1 - 4·.05 = .5.
	m := newModel(newTree(nil), false)
	got, is := m.extrapolate(vector{.3, .5, .25, .25}, vector{.4, .5, .25, .25}, vector{.45, .5, .25, .25})
	if want := (vector{.5, .5, .25, .25}); !is || largestChange(got, want) > 1e-15 {
		t.Errorf("got %v, %v", got, is)
	}
	if _, is := m.extrapolate(vector{.25}, vector{.5}, vector{.75}); is {
		t.Error("steps of one length lead nowhere")
	}
	if _, is := m.extrapolate(vector{.3}, vector{.31}, vector{.35}); is {
		t.Error("growing steps were extrapolated")
	}
}
