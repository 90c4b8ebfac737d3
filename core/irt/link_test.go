package irt_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/journey-os/journey-api/core/irt"
)

// bank draws items by the platform's generator.
func bank(items int) map[string]irt.Params {
	r := rand.New(rand.NewPCG(11, 13))
	all := map[string]irt.Params{}
	for j := range items {
		all[fmt.Sprintf("I%03d", j)] = platformItem(r)
	}
	return all
}

// moved returns the bank on the scale θ' = slope·θ + intercept.
func moved(bank map[string]irt.Params, slope, intercept float64) map[string]irt.Params {
	all := map[string]irt.Params{}
	for id, p := range bank {
		all[id] = irt.Params{A: p.A / slope, B: slope*p.B + intercept, C: p.C}
	}
	return all
}

func TestLinkFindsTheLineBetweenTwoScales(t *testing.T) {
	for _, line := range []struct{ slope, intercept float64 }{{1, 0}, {1.3, -.4}, {.6, 1.5}, {2, 2}} {
		from := bank(30)
		onto := moved(from, line.slope, line.intercept)
		onto["only there"], from["only here"] = irt.Params{A: 1}, irt.Params{A: 2, B: 3}
		got, err := irt.Link(from, onto)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "the slope", got.Slope, line.slope, 1e-7)
		near(t, "the intercept", got.Intercept, line.intercept, 1e-7)
		if got.Items != 30 || got.Drifted != nil {
			t.Errorf("%d items, drifted %v", got.Items, got.Drifted)
		}
		for id, p := range from {
			back := got.Params(p)
			if want, common := onto[id]; common && math.Abs(back.B-want.B)+math.Abs(back.A-want.A) > 1e-5 {
				t.Errorf("%s lands at %+v, want %+v", id, back, want)
			}
		}
	}
}

func TestLinkLeavesOutItemsThatDrifted(t *testing.T) {
	from := bank(30)
	onto := moved(from, 1.2, .3)
	for _, id := range []string{"I004", "I017"} {
		p := onto[id]
		p.B += 1.5
		onto[id] = p
	}
	got, err := irt.Link(from, onto)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Drifted, []string{"I004", "I017"}) || got.Items != 28 {
		t.Errorf("drifted %v, %d items", got.Drifted, got.Items)
	}
	near(t, "the slope", got.Slope, 1.2, 1e-6)
	near(t, "the intercept", got.Intercept, .3, 1e-6)
}

func TestLinkNeedsTwoCommonItems(t *testing.T) {
	one := map[string]irt.Params{"x": {A: 1}}
	if _, err := irt.Link(one, one); !errors.Is(err, irt.ErrNoLink) {
		t.Errorf("the error is %v", err)
	}
	// Two items that moved apart leave nothing to draw a line from.
	from := map[string]irt.Params{"x": {A: 1, B: 0}, "y": {A: 1, B: 0}}
	onto := map[string]irt.Params{"x": {A: 1, B: -2}, "y": {A: 1, B: 2}}
	if got, err := irt.Link(from, onto); !errors.Is(err, irt.ErrNoLink) {
		t.Errorf("%+v, and the error is %v", got, err)
	}
}

func TestLinkIsFiniteWhateverTheItems(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 8))
	for range 40 {
		from, onto := map[string]irt.Params{}, map[string]irt.Params{}
		for j := range 2 + r.IntN(6) {
			id := fmt.Sprint(j)
			from[id] = irt.Params{A: .2 * math.Exp(3*r.Float64()), B: 40 * r.NormFloat64(), C: .35 * r.Float64()}
			onto[id] = irt.Params{A: .2 * math.Exp(3*r.Float64()), B: 40 * r.NormFloat64(), C: .35 * r.Float64()}
		}
		got, err := irt.Link(from, onto)
		if err == nil && !(got.Slope > 0 && got.Slope < 1e3 && math.Abs(got.Intercept) < 1e6) {
			t.Errorf("%+v from %v onto %v", got, from, onto)
		}
	}
}

func TestStandardErrorsFollowTheLine(t *testing.T) {
	line := irt.Linking{Slope: 2, Intercept: 1}
	got := line.StandardErrors(irt.StandardErrors{A: irt.Some(.2), C: irt.Some(.05)})
	if want := (irt.StandardErrors{A: irt.Some(.1), C: irt.Some(.05)}); got != want {
		t.Errorf("the standard errors are %+v, want %+v", got, want)
	}
}
