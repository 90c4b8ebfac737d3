package irt_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/journey-os/journey-api/core/irt"
)

// scores turns a function of person and item into answers; a negative score is a missing one.
func scores(people, items int, score func(r *rand.Rand, i, j int) int) []answer {
	r := rand.New(rand.NewPCG(3, 5))
	var all []answer
	for i := range people {
		for j := range items {
			if s := score(r, i, j); s >= 0 {
				all = append(all, answer{fmt.Sprintf("p%04d", i), fmt.Sprintf("i%03d", j), s == 1})
			}
		}
	}
	return all
}

// ordinary draws an answer to an ordinary item of a person whose ability follows from the number.
func ordinary(r *rand.Rand, i, j int) int {
	theta := math.Sqrt2 * math.Erfinv(2*(float64(i%199)+.5)/199-1)
	if r.Float64() < (irt.Params{A: 1.2, B: float64(j%7)/2 - 1.5, C: .2}).Probability(theta) {
		return 1
	}
	return 0
}

func TestHostileDataGetAnAnswerOrAClearError(t *testing.T) {
	for name, c := range map[string]struct {
		answers []answer
		least   int
		fails   bool
		skipped map[string]irt.SkipReason
		flagged map[string]irt.Flag
	}{
		"an item that all got right and one that all got wrong": {
			answers: scores(400, 12, func(r *rand.Rand, i, j int) int {
				if j < 2 {
					return j
				}
				return ordinary(r, i, j)
			}),
			skipped: map[string]irt.SkipReason{"i000": irt.SkipNoVariance, "i001": irt.SkipNoVariance},
		},
		"an item that only weak people get right": {
			answers: scores(600, 12, func(r *rand.Rand, i, j int) int {
				if j == 3 {
					return 1 - ordinary(r, i, j)
				}
				return ordinary(r, i, j)
			}),
			flagged: map[string]irt.Flag{"i003": irt.FlagNegativeDiscrimination},
		},
		"an item of 40 answers among hundreds": {
			answers: scores(500, 12, func(r *rand.Rand, i, j int) int {
				if j == 5 && i%12 > 0 {
					return -1
				}
				return ordinary(r, i, j)
			}),
			skipped: map[string]irt.SkipReason{"i005": irt.SkipInsufficientResponses},
		},
		"two of five answers missing": {
			answers: scores(500, 20, func(r *rand.Rand, i, j int) int {
				if r.Float64() < .4 {
					return -1
				}
				return ordinary(r, i, j)
			}),
		},
		"more items than people": {answers: scores(60, 200, ordinary), least: 1},
		"one item":               {answers: scores(300, 1, ordinary)},
		"one person":             {answers: scores(1, 50, ordinary), least: 1, fails: true},
		"two people":             {answers: scores(2, 50, ordinary), least: 1},
		"nobody":                 {fails: true},
		"all right":              {answers: scores(200, 10, func(*rand.Rand, int, int) int { return 1 }), fails: true},
		"all wrong":              {answers: scores(200, 10, func(*rand.Rand, int, int) int { return 0 }), fails: true},
		"coins":                  {answers: scores(300, 10, func(r *rand.Rand, _, _ int) int { return r.IntN(2) })},
		"a perfect ladder": {answers: scores(300, 20, func(_ *rand.Rand, i, j int) int {
			if i*20 >= j*300 {
				return 1
			}
			return 0
		})},
		"copies of one item":  {answers: scores(300, 10, func(_ *rand.Rand, i, _ int) int { return i % 2 })},
		"one right in a host": {answers: scores(2000, 4, func(_ *rand.Rand, i, j int) int { return max(0, 1-abs(i-j)) })},
		"two tests without a common person": {answers: scores(400, 20, func(r *rand.Rand, i, j int) int {
			if i%2 != j%2 {
				return -1
			}
			return ordinary(r, i, j)
		})},
		"three people who contradict one another": {answers: scores(3, 2, func(_ *rand.Rand, i, j int) int { return (i/2 + j) % 2 }), least: 1},
		"one answer a person": {answers: scores(600, 6, func(r *rand.Rand, i, j int) int {
			if i%6 != j {
				return -1
			}
			return ordinary(r, i, j)
		}), least: 1},
	} {
		for _, options := range []irt.Options{
			{}, {Prior: irt.PriorNone}, {Model: irt.Model2PL, Prior: irt.PriorNone}, {Model: irt.Model1PL},
		} {
			t.Run(fmt.Sprint(name, " ", options.Model, " ", options.Prior), func(t *testing.T) {
				t.Parallel()
				if testing.Short() && (options.Model != "" || options.Prior != "") {
					t.Skip("the full run has every model and prior")
				}
				options.MinResponses = c.least
				got, err := irt.Calibrate(t.Context(), dataOf(t, c.answers), options)
				if c.fails != errors.Is(err, irt.ErrInsufficientData) || !c.fails && err != nil {
					t.Fatalf("the error is %v", err)
				}
				holdSense(t, got)
				if c.skipped != nil {
					skipped := map[string]irt.SkipReason{}
					for _, s := range got.Skipped {
						skipped[s.ID] = s.Reason
					}
					if diff := cmp.Diff(c.skipped, skipped); diff != "" {
						t.Error(diff)
					}
				}
				for _, item := range got.Items {
					if flag := c.flagged[item.ID]; flag != "" && !slices.Contains(item.Flags, flag) {
						t.Errorf("%s has the flags %v, want %s", item.ID, item.Flags, flag)
					}
				}
			})
		}
	}
}

func abs(x int) int { return max(x, -x) }

// holdSense reports what no data may lead to.
func holdSense(t *testing.T, r irt.Result) {
	t.Helper()
	holdFinite(t, "result", reflect.ValueOf(r))
	for _, item := range r.Items {
		if item.A < .2 || item.A > 3 || item.C < 0 || item.C > .35 {
			t.Errorf("%s is out of its bounds: %+v", item.ID, item.Params)
		}
		for _, se := range []irt.Optional{item.SE.A, item.SE.B, item.SE.C} {
			if se.Known && (se.Value <= 0 || se.Value > 12) {
				t.Errorf("%s has the standard errors %+v", item.ID, item.SE)
			}
		}
	}
	for _, p := range r.People {
		if math.Abs(p.Theta) > 6 || p.SD < 0 {
			t.Errorf("%s has the ability %+v", p.ID, p)
		}
	}
}

// holdFinite walks through a value and reports every number that is none.
func holdFinite(t *testing.T, at string, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Float64:
		if x := v.Float(); math.IsNaN(x) || math.IsInf(x, 0) {
			t.Errorf("%s is %v", at, x)
		}
	case reflect.Struct:
		for k := range v.NumField() {
			holdFinite(t, at+"."+v.Type().Field(k).Name, v.Field(k))
		}
	case reflect.Slice:
		for k := range v.Len() {
			holdFinite(t, fmt.Sprintf("%s[%d]", at, k), v.Index(k))
		}
	}
}
