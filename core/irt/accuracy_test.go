package irt_test

import (
	"flag"
	"math"
	"testing"

	"github.com/journey-os/journey-api/core/irt"
)

// accuracy runs the long simulation studies: make accuracy.
var accuracy = flag.Bool("accuracy", false, "run the long simulation studies")

func study(t *testing.T) {
	t.Helper()
	if !*accuracy {
		t.Skip("a long study: make accuracy runs it")
	}
}

func TestAccuracyOfThePlatformsItems(t *testing.T) {
	study(t)
	var sum errorsOf
	beyond := 0
	for seed := range uint64(10) {
		s := design{people: 500, items: 1000}.draw(t, 100+seed)
		got, e := s.recover(t, irt.Options{})
		t.Logf("seed %d: %d iterations, %s, %+v, flags %.1f %%", 100+seed, got.Iterations, got.Density, got.DensityTrial, flagged(got)*100)
		e.hold(t, errorsOf{a: .33, b: .29, c: .075, curve: .037})
		if e.theta > .13 {
			beyond++
		}
		if share := flagged(got); share > .08 {
			t.Errorf("%.1f %% of good items are flagged", share*100)
		}
		sum = sum.plus(e)
	}
	// The mean of 500 people is off by .1 once in forty samples, and takes the error of theta to the bound by itself.
	if beyond > 1 {
		t.Errorf("the error of theta is above .13 for %d of 10 seeds", beyond)
	}
	sum.over(10).hold(t, errorsOf{a: .31, b: .26, c: .072, curve: .032, theta: .11})
}

func flagged(r irt.Result) float64 {
	count := 0
	for _, item := range r.Items {
		if len(item.Flags) > 0 {
			count++
		}
	}
	return float64(count) / float64(len(r.Items))
}

func TestAccuracyOfIntervals(t *testing.T) {
	study(t)
	var covered, known [3]float64
	for seed := range uint64(20) {
		s := design{people: 1500, items: 50, item: priorItem}.draw(t, 200+seed)
		got, e := s.recover(t, irt.Options{Density: irt.DensityNormal})
		e.hold(t, errorsOf{})
		for _, item := range got.Items {
			truth := s.truth(t, item.ID)
			for k, x := range []struct {
				se  irt.Optional
				off float64
			}{{item.SE.A, item.A - truth.A}, {item.SE.B, item.B - truth.B}, {item.SE.C, item.C - truth.C}} {
				if x.se.Known {
					known[k]++
					if math.Abs(x.off) <= 1.959964*x.se.Value {
						covered[k]++
					}
				}
			}
		}
	}
	for k, name := range []string{"a", "b", "c"} {
		share := covered[k] / known[k]
		t.Logf("%s: %.1f %% of %.0f intervals cover", name, share*100, known[k])
		if share < .92 || share > .97 {
			t.Errorf("%.1f %% of the 95 %% intervals of %s cover, want 92 to 97", share*100, name)
		}
	}
}

func TestAccuracyWithSkewedPeople(t *testing.T) {
	study(t)
	var sum, plain errorsOf
	for seed := range uint64(10) {
		s := design{people: 2000, items: 45, ability: skewedAbility}.draw(t, 300+seed)
		got, e := s.recover(t, irt.Options{})
		_, n := s.recover(t, irt.Options{Density: irt.DensityNormal})
		t.Logf("seed %d: %d iterations, %s, %+v; a %.3f b %.3f c %.3f, normal a %.3f b %.3f c %.3f", 300+seed, got.Iterations, got.Density, got.DensityTrial, e.a, e.b, e.c, n.a, n.b, n.c)
		sum, plain = sum.plus(e), plain.plus(n)
	}
	plain.over(10).hold(t, errorsOf{})
	sum.over(10).hold(t, errorsOf{a: .26, b: .28, c: .085})
}

// The rule by which an estimated distribution is kept, on people who are normal and on people who are not. What is held
// is what the rule achieves: it takes up to one normal sample in ten for another if few people answer many items, and
// sees a skewness of 1 in half of the samples with 45 items.
func TestAccuracyOfTheChoiceOfDensity(t *testing.T) {
	study(t)
	const seeds = 20
	for _, c := range []struct {
		name        string
		design      design
		least, most int // of the samples whose estimated distribution is kept
	}{
		{"normal, 500 x 1000", design{people: 500, items: 1000}, 0, 4},
		{"normal, 2000 x 45", design{people: 2000, items: 45}, 0, 0},
		{"normal, 300 x 200", design{people: 300, items: 200}, 0, 4},
		{"normal, 5000 x 60, 20 each", design{people: 5000, items: 60, each: 20}, 0, 0},
		{"skewness 1, 2000 x 45", design{people: 2000, items: 45, ability: gammaAbility(4)}, 4, seeds},
		{"skewness 1.4, 2000 x 45", design{people: 2000, items: 45, ability: skewedAbility}, 19, seeds},
		{"skewness 1.4, 500 x 1000", design{people: 500, items: 1000, ability: skewedAbility}, 19, seeds},
	} {
		t.Run(c.name, func(t *testing.T) {
			kept := 0
			for seed := range uint64(seeds) {
				got, _ := c.design.draw(t, 400+seed).recover(t, irt.Options{})
				t.Logf("%s: gain %.1f, distance %.4f, %d of %d iterations", got.Density, got.DensityTrial.Gain,
					got.DensityTrial.Distance, got.DensityTrial.Iterations, got.Iterations)
				if got.Density == irt.DensityEstimated {
					kept++
				}
			}
			t.Logf("kept in %d of %d", kept, seeds)
			if kept < c.least || kept > c.most {
				t.Errorf("the estimate is kept in %d of %d samples, want %d to %d", kept, seeds, c.least, c.most)
			}
		})
	}
}
