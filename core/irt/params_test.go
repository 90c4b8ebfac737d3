package irt_test

import (
	"math"
	"testing"

	"github.com/journey-os/journey-api/core/irt"
)

func TestProbabilityAndInformationAreRightTo1e12(t *testing.T) {
	rows := readTable(t, "icc_information.csv")
	if len(rows) < 500 {
		t.Fatalf("only %d rows", len(rows))
	}
	for _, row := range rows {
		p := irt.Params{A: number(t, row["a"]).Value, B: number(t, row["b"]).Value, C: number(t, row["c"]).Value}
		theta := number(t, row["theta"]).Value
		for what, pair := range map[string][2]float64{
			"probability": {p.Probability(theta), number(t, row["p"]).Value},
			"information": {p.Information(theta), number(t, row["information"]).Value},
		} {
			if !(math.Abs(pair[0]-pair[1]) <= 1e-12*pair[1]) {
				t.Errorf("the %s of %+v at %v is %.17g, want %.17g", what, p, theta, pair[0], pair[1])
			}
		}
	}
}

func TestInformationIsLargestWhereBirnbaumSaysSo(t *testing.T) {
	for _, row := range readTable(t, "information_maximum.csv") {
		p := irt.Params{A: number(t, row["a"]).Value, B: number(t, row["b"]).Value, C: number(t, row["c"]).Value}
		theta, largest := number(t, row["theta_max"]).Value, number(t, row["information_max"]).Value
		near(t, "the largest information", p.Information(theta), largest, 1e-12*largest)
		for _, off := range []float64{-.01, .01} {
			if p.Information(theta+off) >= largest {
				t.Errorf("%+v has more information beside its maximum", p)
			}
		}
	}
}

func TestInformationIsFiniteFarAway(t *testing.T) {
	p := irt.Params{A: 3, B: 0, C: .2}
	for _, theta := range []float64{-1e3, 1e3, -1e6, 1e6} {
		if i := p.Information(theta); i != 0 {
			t.Errorf("the information at %v is %v, want 0", theta, i)
		}
	}
}

func TestParamsOutOfRangeAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		params irt.Params
		valid  bool
	}{
		"usual parameters":        {irt.Params{A: 1, B: 0, C: .25}, true},
		"no guessing":             {irt.Params{A: 1}, true},
		"no discrimination":       {irt.Params{B: 1}, false},
		"negative discrimination": {irt.Params{A: -1}, false},
		"infinite discrimination": {irt.Params{A: math.Inf(1)}, false},
		"difficulty that is NaN":  {irt.Params{A: 1, B: math.NaN()}, false},
		"infinite difficulty":     {irt.Params{A: 1, B: math.Inf(-1)}, false},
		"negative guessing":       {irt.Params{A: 1, C: -.1}, false},
		"certain guessing":        {irt.Params{A: 1, C: 1}, false},
		"guessing that is NaN":    {irt.Params{A: 1, C: math.NaN()}, false},
	} {
		if err := c.params.Validate(); (err == nil) != c.valid {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}
