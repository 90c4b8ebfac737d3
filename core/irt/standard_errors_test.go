package irt_test

import (
	"slices"
	"testing"

	"github.com/journey-os/journey-api/core/irt"
)

// What the blocks leave out is what ties items to one another. With 40 items or more it hardly matters, but for the one
// discrimination of the 1PL, which is nothing but a tie: with 20 answers a person its error comes out 6 % too large.
func TestStandardErrorsItemByItemAreCloseToTheFullMatrix(t *testing.T) {
	if testing.Short() {
		t.Skip("the reference values hold the full matrix; this compares the two ways on whole sets")
	}
	for name, c := range map[string]struct {
		data    *irt.Data
		options irt.Options
	}{
		"dense, 3pl":  {readResponses(t, "dense_2000x40.txt.gz"), irt.Options{Density: irt.DensityNormal}},
		"dense, 2pl":  {readResponses(t, "dense_2000x40.txt.gz"), irt.Options{Model: irt.Model2PL, Density: irt.DensityNormal}},
		"sparse, 3pl": {readResponses(t, "sparse_3000x60.txt.gz"), irt.Options{Density: irt.DensityNormal}},
		"sparse, 1pl": {readResponses(t, "sparse_3000x60.txt.gz"), irt.Options{Model: irt.Model1PL, Density: irt.DensityNormal}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			full, blocks, err := irt.StandardErrorsBothWays(t.Context(), c.data, c.options)
			if err != nil {
				t.Fatal(err)
			}
			for of, pick := range map[string]func(irt.StandardErrors) irt.Optional{
				"a": func(se irt.StandardErrors) irt.Optional { return se.A },
				"b": func(se irt.StandardErrors) irt.Optional { return se.B },
				"c": func(se irt.StandardErrors) irt.Optional { return se.C },
			} {
				var ratios []float64
				for j := range full {
					one, other := pick(full[j]), pick(blocks[j])
					if one.Known != other.Known {
						t.Errorf("item %d: the error of %s is known: %v and %v", j, of, one.Known, other.Known)
					} else if one.Known {
						ratios = append(ratios, other.Value/one.Value)
					}
				}
				if slices.Sort(ratios); len(ratios) > 0 {
					t.Logf("%s: ratios from %.3f to %.3f, median %.4f", of, ratios[0], ratios[len(ratios)-1], ratios[len(ratios)/2])
					bound := .02
					if c.options.Model == irt.Model1PL && of == "a" {
						bound = .06
					}
					near(t, "the median ratio of the errors of "+of, ratios[len(ratios)/2], 1, bound)
				}
			}
		})
	}
}

// The values of the literature for the 1PL: Rizopoulos (2006), "ltm: An R package", whose LSAT data are section 6.
func TestThe1PLOfLSAT6IsThatOfTheLiterature(t *testing.T) {
	got, err := irt.Calibrate(t.Context(), readPatterns(t, "lsat6_patterns.csv"), irt.Options{
		Model: irt.Model1PL, Threshold: 1e-5, Density: irt.DensityNormal,
	})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "the log-likelihood", got.LogLikelihood, -2466.938, .001)
	for j, want := range []struct{ b, se float64 }{
		{-3.6153, .3266}, {-1.3224, .1422}, {-.3176, .0977}, {-1.7301, .1691}, {-2.7802, .2510},
	} {
		item := got.Items[j]
		near(t, item.ID+" a", item.A, .7551, .0003)
		near(t, item.ID+" error of a", item.SE.A.Value, .0694, .0002)
		near(t, item.ID+" b", item.B, want.b, .001)
		near(t, item.ID+" error of b", item.SE.B.Value, want.se, .0005)
		if item.C != 0 || item.SE.C.Known {
			t.Errorf("%s has c %v with error %v", item.ID, item.C, item.SE.C)
		}
	}
}

// Made by the reference implementation with the same prior on log a and d.
func TestThe2PLUnderThePriorGivesTheReferenceValues(t *testing.T) {
	got, err := irt.Calibrate(t.Context(), readResponses(t, "dense_2000x40.txt.gz"), irt.Options{
		Model: irt.Model2PL, Threshold: 1e-4, Density: irt.DensityNormal,
	})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "the log-likelihood", got.LogLikelihood, -42754.401188, .002)
	for j, want := range readTable(t, "dense_2pl_HD.csv") {
		item := got.Items[j]
		near(t, item.ID+" a", item.A, number(t, want["a"]).Value, .001)
		near(t, item.ID+" b", item.B, number(t, want["b"]).Value, .001)
		near(t, item.ID+" error of a", item.SE.A.Value/number(t, want["a_se"]).Value, 1, .01)
		near(t, item.ID+" error of b", item.SE.B.Value/number(t, want["b_se"]).Value, 1, .01)
	}
}
