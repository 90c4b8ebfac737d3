package irt_test

import (
	"math"
	"slices"
	"testing"

	"github.com/journey-os/journey-api/core/irt"
)

// fits are the calibrations that the reference implementation has done by another way: it maximises the marginal
// log-posterior itself, to a gradient below 1e-8.
func fits(t testing.TB) map[string]struct {
	data    *irt.Data
	options irt.Options
	within  irt.Params // the bounds of the differences
	logLik  float64
} {
	lsat6, lsat7 := readPatterns(t, "lsat6_patterns.csv"), readPatterns(t, "lsat7_patterns.csv")
	dense, sparse := readResponses(t, "dense_2000x40.txt.gz"), readResponses(t, "sparse_3000x60.txt.gz")
	tight, loose := irt.Params{A: .001, B: .001, C: .0002}, irt.Params{A: .001, B: .001, C: .0005}
	type fit = struct {
		data    *irt.Data
		options irt.Options
		within  irt.Params
		logLik  float64
	}
	normal, none := irt.DensityNormal, irt.PriorNone
	return map[string]fit{
		"lsat6_2pl_mle":        {lsat6, irt.Options{Model: irt.Model2PL, Prior: none, Threshold: 1e-5, Density: normal}, tight, .001},
		"lsat7_2pl_mle":        {lsat7, irt.Options{Model: irt.Model2PL, Prior: none, Threshold: 1e-5, Density: normal}, tight, .001},
		"lsat6_3pl_HD":         {lsat6, irt.Options{Threshold: 1e-4, Density: normal}, tight, .002},
		"lsat7_3pl_HD":         {lsat7, irt.Options{Threshold: 1e-4, Density: normal}, tight, .002},
		"dense_3pl_HD":         {dense, irt.Options{Threshold: 1e-4, Density: normal}, tight, .002},
		"dense_3pl_mle":        {dense, irt.Options{Prior: none, Threshold: 1e-4, Density: normal}, loose, .002},
		"sparse_min1_3pl_HD":   {sparse, irt.Options{MinResponses: 1, Threshold: 1e-4, Density: normal}, tight, .002},
		"sparse_min100_3pl_HD": {sparse, irt.Options{Threshold: 1e-4, Density: normal}, tight, .002},
	}
}

func TestCalibrateGivesTheReferenceValues(t *testing.T) {
	for name, c := range fits(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() && (name == "dense_3pl_mle" || name == "sparse_min1_3pl_HD") {
				t.Skip("much the same as its sibling")
			}
			want := readReference(t, name)
			got, err := irt.Calibrate(t.Context(), c.data, c.options)
			if err != nil {
				t.Fatal(err)
			}
			if !got.Converged {
				t.Errorf("not converged after %d iterations", got.Iterations)
			}
			near(t, "log-likelihood", got.LogLikelihood, want.LogLikelihood, c.logLik)
			if len(got.Items) != len(want.items) || len(got.People) != want.Persons {
				t.Fatalf("%d items and %d people, want %d and %d", len(got.Items), len(got.People), len(want.items), want.Persons)
			}
			ratios := map[string][]float64{}
			for j, item := range got.Items {
				want := want.items[j]
				if item.ID != want["item_id"] {
					t.Fatalf("item %d is %s, want %s", j, item.ID, want["item_id"])
				}
				near(t, item.ID+" a", item.A, number(t, want["a"]).Value, c.within.A)
				near(t, item.ID+" b", item.B, number(t, want["b"]).Value, c.within.B)
				near(t, item.ID+" c", item.C, number(t, want["c"]).Value, c.within.C)
				holdErrors(t, item, want, ratios)
				holdFit(t, item, want)
			}
			for of, r := range ratios {
				slices.Sort(r)
				if median := r[len(r)/2]; median < .99 || median > 1.01 {
					t.Errorf("the median ratio of the standard errors of %s to the reference is %.4f", of, median)
				}
			}
			for i, theta := range want.Theta {
				near(t, got.People[i].ID+" theta", got.People[i].Theta, theta, 5e-4)
				near(t, got.People[i].ID+" sd", got.People[i].SD, want.SD[i], 5e-4)
			}
		})
	}
}

// holdErrors holds standard errors against the reference and gathers the ratios.
func holdErrors(t *testing.T, item irt.Item, want map[string]string, ratios map[string][]float64) {
	t.Helper()
	for of, got := range map[string]irt.Optional{"a": item.SE.A, "b": item.SE.B, "c": item.SE.C} {
		expected := number(t, want[of+"_se"])
		if got.Known != expected.Known {
			t.Errorf("%s: the standard error of %s is known: %v, want %v", item.ID, of, got.Known, expected.Known)
			continue
		}
		if got.Known {
			ratio := got.Value / expected.Value
			near(t, item.ID+" ratio of the standard error of "+of, ratio, 1, .01)
			ratios[of] = append(ratios[of], ratio)
		}
	}
}

func holdFit(t *testing.T, item irt.Item, want map[string]string) {
	t.Helper()
	near(t, item.ID+" infit", item.Fit.Infit, number(t, want["infit_mnsq"]).Value, 1e-4)
	near(t, item.ID+" outfit", item.Fit.Outfit, number(t, want["outfit_mnsq"]).Value, 1e-4)
	near(t, item.ID+" rmsd", item.Fit.RMSD, number(t, want["rmsd"]).Value, 1e-4)
	near(t, item.ID+" item-rest", item.Fit.ItemRest.Value, number(t, want["item_rest_r"]).Value, 1e-8)
	sx2 := number(t, want["sx2"])
	if item.Fit.SX2.Known != sx2.Known {
		t.Errorf("%s: S-X² is known: %v, want %v", item.ID, item.Fit.SX2.Known, sx2.Known)
	}
	near(t, item.ID+" S-X²", item.Fit.SX2.Statistic, sx2.Value, .005)
	near(t, item.ID+" df", float64(item.Fit.SX2.DF), number(t, want["sx2_df"]).Value, 0)
	near(t, item.ID+" p", item.Fit.SX2.P.Value, number(t, want["sx2_p"]).Value, 1e-3)
	near(t, item.ID+" rmsea", item.Fit.SX2.RMSEA.Value, number(t, want["sx2_rmsea"]).Value, 1e-4)
}

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s is %.7g, want %.7g within %g", what, got, want, within)
	}
}

func TestLSATPatternsHaveTheAbilitiesOfTheLiterature(t *testing.T) {
	for _, section := range []string{"lsat6", "lsat7"} {
		var all map[string]struct {
			Patterns map[string][2]float64 `json:"eap_by_pattern"`
		}
		readJSON(t, "reference.json", &all)
		want := all[section+"_2pl_mle"].Patterns
		if len(want) != 32 {
			t.Fatalf("%d patterns in the reference", len(want))
		}
		got, err := irt.Calibrate(t.Context(), readPatterns(t, section+"_patterns.csv"), irt.Options{
			Model: irt.Model2PL, Prior: irt.PriorNone, Threshold: 1e-5, Density: irt.DensityNormal,
		})
		if err != nil {
			t.Fatal(err)
		}
		for pattern, ability := range want {
			var responses []irt.Response
			for j, mark := range pattern {
				responses = append(responses, irt.Response{Params: got.Items[j].Params, Correct: mark == '1'})
			}
			a := irt.EstimateAbility(responses, 0)
			near(t, section+" "+pattern+" theta", a.Theta, ability[0], 2e-4)
			near(t, section+" "+pattern+" sd", a.SD, ability[1], 2e-4)
		}
	}
}

func TestNoGoodItemOfTheDenseSetIsFlagged(t *testing.T) {
	got, err := irt.Calibrate(t.Context(), readResponses(t, "dense_2000x40.txt.gz"), irt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range got.Items {
		if len(item.Flags) > 0 {
			t.Errorf("%s has the flags %v", item.ID, item.Flags)
		}
	}
}

func TestOnlyTheFaultyItemsOfTheSparseSetAreFlaggedOrSkipped(t *testing.T) {
	for name, least := range map[string]int{"one answer is enough": 1, "100 answers are needed": 100} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() && least == 1 {
				t.Skip("much the same as its sibling")
			}
			got, err := irt.Calibrate(t.Context(), readResponses(t, "sparse_3000x60.txt.gz"), irt.Options{MinResponses: least})
			if err != nil {
				t.Fatal(err)
			}
			want := []irt.Skipped{{ID: "I059", Reason: irt.SkipNoVariance, Responses: 1141}}
			if least == 100 {
				want = append(want, irt.Skipped{ID: "I060", Reason: irt.SkipInsufficientResponses, Responses: 40})
			}
			if !slices.Equal(got.Skipped, want) {
				t.Errorf("skipped %v, want %v", got.Skipped, want)
			}
			for _, item := range got.Items {
				if flagged := len(item.Flags) > 0; flagged != (item.ID == "I058") {
					t.Errorf("%s has the flags %v", item.ID, item.Flags)
				}
			}
			if got.Density != irt.DensityNormal {
				t.Errorf("normal people are said to be %s: %+v", got.Density, got.DensityTrial)
			}
		})
	}
}
