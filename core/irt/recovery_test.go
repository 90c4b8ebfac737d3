package irt_test

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/core/irt"
)

// errorsOf are root mean squared errors of a calibration against the truth.
type errorsOf struct{ a, b, c, curve, theta float64 }

func (e errorsOf) plus(o errorsOf) errorsOf {
	return errorsOf{e.a + o.a, e.b + o.b, e.c + o.c, e.curve + o.curve, e.theta + o.theta}
}

func (e errorsOf) over(n float64) errorsOf {
	return errorsOf{e.a / n, e.b / n, e.c / n, e.curve / n, e.theta / n}
}

// hold reports each error that is above its bound; a bound of 0 is none.
func (e errorsOf) hold(t *testing.T, bounds errorsOf) {
	t.Helper()
	t.Logf("root mean squared errors: a %.3f, b %.3f, c %.4f, curve %.4f, theta %.3f", e.a, e.b, e.c, e.curve, e.theta)
	for name, pair := range map[string][2]float64{
		"a": {e.a, bounds.a}, "b": {e.b, bounds.b}, "c": {e.c, bounds.c},
		"curve": {e.curve, bounds.curve}, "theta": {e.theta, bounds.theta},
	} {
		if pair[1] > 0 && !(pair[0] <= pair[1]) {
			t.Errorf("the error of %s is %.4f, want at most %.4f", name, pair[0], pair[1])
		}
	}
}

// recover calibrates a simulation. An item that all got right, or all wrong, is left out. Difficulties count if the truth is within 2.5; the
// curve's error is taken over N(0, 1).
func (s simulation) recover(t *testing.T, options irt.Options) (irt.Result, errorsOf) {
	t.Helper()
	got, err := irt.Calibrate(t.Context(), s.data, options)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Items)+len(got.Skipped) != len(s.items) || len(got.Skipped) > 2 || !got.Converged {
		t.Fatalf("%d of %d items, converged: %v", len(got.Items), len(s.items), got.Converged)
	}
	var a, b, c, curve, theta mean
	for _, item := range got.Items {
		truth := s.truth(t, item.ID)
		a.add(square(item.A - truth.A))
		c.add(square(item.C - truth.C))
		if math.Abs(truth.B) < 2.5 {
			b.add(square(item.B - truth.B))
		}
		for x := -4.0; x <= 4; x += .25 {
			curve.addWeighted(square(item.Probability(x)-truth.Probability(x)), math.Exp(-x*x/2))
		}
	}
	for i, person := range got.People {
		theta.add(square(person.Theta - s.theta[i]))
	}
	return got, errorsOf{a.root(), b.root(), c.root(), curve.root(), theta.root()}
}

// truth returns the parameters that an item was drawn from.
func (s simulation) truth(t *testing.T, id string) irt.Params {
	t.Helper()
	j, err := strconv.Atoi(strings.TrimPrefix(id, "I"))
	if err != nil {
		t.Fatal(err)
	}
	return s.items[j]
}

type mean struct{ sum, weight float64 }

func (m *mean) add(x float64)                 { m.addWeighted(x, 1) }
func (m *mean) addWeighted(x, weight float64) { m.sum, m.weight = m.sum+weight*x, m.weight+weight }
func (m *mean) root() float64                 { return math.Sqrt(m.sum / m.weight) }

func square(x float64) float64 { return x * x }

func TestTheTruthOfASimulationComesBack(t *testing.T) {
	if testing.Short() {
		t.Skip("the reference values hold the estimates; this holds them against the truth")
	}
	t.Run("500 people and 1000 items of the platform", func(t *testing.T) {
		t.Parallel()
		got, e := design{people: 500, items: 1000}.draw(t, 1).recover(t, irt.Options{})
		e.hold(t, errorsOf{a: .33, b: .29, c: .075, curve: .037, theta: .13})
		if share := flagged(got); share > .08 {
			t.Errorf("%.1f %% of good items are flagged, want at most 8", share*100)
		}
	})
	t.Run("skewed people", func(t *testing.T) {
		t.Parallel()
		s := design{people: 2000, items: 45, ability: skewedAbility}.draw(t, 1)
		got, e := s.recover(t, irt.Options{})
		_, normal := s.recover(t, irt.Options{Density: irt.DensityNormal})
		e.hold(t, errorsOf{a: .3, b: .32, c: .095})
		if got.Density != irt.DensityEstimated || e.a > .7*normal.a {
			t.Errorf("the density is %s, %+v; the error of a is %.3f, and %.3f with a normal density",
				got.Density, got.DensityTrial, e.a, normal.a)
		}
	})
	t.Run("skewed people and too few iterations", func(t *testing.T) {
		t.Parallel()
		s := design{people: 2000, items: 45, ability: skewedAbility}.draw(t, 1)
		normal, _ := s.recover(t, irt.Options{Density: irt.DensityNormal})
		for spare, want := range map[int]bool{0: true, 3: true, 400: false} {
			got, _ := s.recover(t, irt.Options{MaxIterations: normal.Iterations + spare})
			if got.DensityTrial.CutOff != want || (got.Density == irt.DensityNormal) != want || !got.Converged {
				t.Errorf("%d iterations for the density: %s, converged %t, %+v", spare, got.Density, got.Converged, got.DensityTrial)
			}
		}
		if normal.DensityTrial.CutOff {
			t.Error("a density that was not asked for was cut off")
		}
	})
	t.Run("answers at random to some of the items", func(t *testing.T) {
		t.Parallel()
		got, e := design{people: 4000, items: 200, each: 30}.draw(t, 1).recover(t, irt.Options{})
		e.hold(t, errorsOf{curve: .037, c: .08})
		if share := flagged(got); share > .05 {
			t.Errorf("%.1f %% of good items are flagged, want at most 5", share*100)
		}
	})
}
