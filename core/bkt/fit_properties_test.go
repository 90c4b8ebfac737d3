package bkt_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/core/bkt"
)

// simulate draws the answers of students from the model.
func simulate(rng *rand.Rand, p bkt.Params, students, least, most int) []bkt.Student {
	all := make([]bkt.Student, students)
	for i := range all {
		all[i] = bkt.Student{ID: fmt.Sprintf("S%05d", i), Answers: make([]bool, least+rng.IntN(most-least+1))}
		known := rng.Float64() < p.L0
		for step := range all[i].Answers {
			all[i].Answers[step] = rng.Float64() < pick(known, 1-p.S, p.G)
			known = rng.Float64() < pick(known, 1-p.F, p.T)
		}
	}
	return all
}

// likelihoodByPaths is P(answers) by its definition, the sum over every sequence of hidden states.
func likelihoodByPaths(p bkt.Params, answers []bool) float64 {
	sum := 0.
	for path := range 1 << len(answers) {
		known := func(step int) bool { return path>>step&1 == 1 }
		joint := 1.
		for step, correct := range answers {
			now := p.L0
			if step > 0 {
				now = pick(known(step-1), 1-p.F, p.T)
			}
			right := pick(known(step), 1-p.S, p.G)
			joint *= pick(known(step), now, 1-now) * pick(correct, right, 1-right)
		}
		sum += joint
	}
	return sum
}

func logPosteriorByPaths(p bkt.Params, students []bkt.Student) float64 {
	sum := 0.
	for _, student := range students {
		sum += math.Log(likelihoodByPaths(p, student.Answers))
	}
	mode := func(m, x float64) float64 { return 10 * (m*math.Log(x) + (1-m)*math.Log(1-x)) }
	return sum + mode(.1, p.L0) + mode(.2, p.T) + mode(.25, p.G) + mode(.1, p.S)
}

func TestLogLikelihoodIsTheSumOverAllHiddenPaths(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 1))
	for range 50 {
		params := randomParams(rng)
		students := simulate(rng, params, 6, 0, 8)
		want := 0.
		for _, student := range students {
			want += math.Log(likelihoodByPaths(params, student.Answers))
		}
		if got := params.LogLikelihood(students); !near(got, want, 1e-10) {
			t.Fatalf("%+v: got %v, want %v", params, got, want)
		}
	}
}

func TestFitIsAMaximumOfThePosteriorByItsDefinition(t *testing.T) {
	for _, forgetting := range []bool{false, true} {
		t.Run(fmt.Sprintf("forgetting %v", forgetting), func(t *testing.T) {
			truth := bkt.Params{L0: .3, T: .2, G: .2, S: .1, F: pick(forgetting, .15, 0)}
			students := simulate(rand.New(rand.NewPCG(12, 1)), truth, 60, 4, 7)
			options := bkt.DefaultOptions()
			options.Threshold, options.MaxIterations, options.Forgetting = 1e-8, 1000, forgetting
			got := fit(t, students, options).Params
			highest := logPosteriorByPaths(got, students)
			around := []func(*bkt.Params) *float64{
				func(p *bkt.Params) *float64 { return &p.L0 }, func(p *bkt.Params) *float64 { return &p.T },
				func(p *bkt.Params) *float64 { return &p.G }, func(p *bkt.Params) *float64 { return &p.S },
			}
			if forgetting {
				around = append(around, func(p *bkt.Params) *float64 { return &p.F })
			}
			for i, coordinate := range around {
				for _, by := range []float64{-1e-3, 1e-3} {
					beside := got
					*coordinate(&beside) += by
					if there := logPosteriorByPaths(beside, students); there > highest {
						t.Errorf("coordinate %d, %+v: %v is above %v at %+v", i, by, there, highest, got)
					}
				}
			}
			if forgetting != (got.F > 0) {
				t.Errorf("F is %v", got.F)
			}
		})
	}
}

func TestTheOrderOfStudentsLeavesNoTrace(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 1))
	students := simulate(rng, bkt.Params{L0: .3, T: .1, G: .3, S: .2}, 400, 0, 15)
	want := fit(t, students, bkt.DefaultOptions())
	for range 5 {
		rng.Shuffle(len(students), func(i, j int) { students[i], students[j] = students[j], students[i] })
		if diff := cmp.Diff(want, fit(t, students, bkt.DefaultOptions())); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestOneStudentMoreWithoutAnAnswerChangesNothing(t *testing.T) {
	students := simulate(rand.New(rand.NewPCG(14, 1)), bkt.Defaults(), 70, 1, 9)
	want := fit(t, students, bkt.DefaultOptions())
	if diff := cmp.Diff(want, fit(t, append(students, bkt.Student{ID: "silent"}), bkt.DefaultOptions())); diff != "" {
		t.Error(diff)
	}
}

func TestIterationsAreBounded(t *testing.T) {
	students := readAnswers(t, "D_weak")
	for _, most := range []int{1, 2, 3, 4, 7} {
		options := bkt.DefaultOptions()
		options.MaxIterations = most
		if got := fit(t, students, options); got.Iterations != most || got.Converged {
			t.Errorf("at most %d: %d iterations, converged %v", most, got.Iterations, got.Converged)
		}
	}
}

func TestACancelledFitEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := bkt.Fit(ctx, readAnswers(t, "D_weak"), bkt.DefaultOptions()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	late, cancelLate := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancelLate()
	if _, err := bkt.Fit(late, readAnswers(t, "D_weak"), bkt.DefaultOptions()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestAStudentWhoAnswersAHundredThousandTimesIsFitted(t *testing.T) {
	students := simulate(rand.New(rand.NewPCG(15, 1)), bkt.Defaults(), 1, 100_000, 100_000)
	options := bkt.DefaultOptions()
	options.MaxIterations = 3
	if got := fit(t, students, options); math.IsNaN(got.LogLikelihood) || math.IsInf(got.LogLikelihood, 0) {
		t.Errorf("log-likelihood %v", got.LogLikelihood)
	}
}

func TestHeldOutStudentsJudge(t *testing.T) {
	truth := bkt.Params{L0: .4, T: .1, G: .2, S: .08}
	students := simulate(rand.New(rand.NewPCG(16, 1)), truth, 300, 8, 14)
	heldOut := slices.DeleteFunc(slices.Clone(students), func(s bkt.Student) bool { return !bkt.IsHeldOut(s.ID) })

	options := bkt.DefaultOptions()
	better := fit(t, students, options)
	if better.HeldOut.Students != len(heldOut) || better.Verdict() != bkt.VerdictBetter {
		t.Errorf("against the defaults: %+v, verdict %s", better.HeldOut, better.Verdict())
	}
	if want := options.Current.LogLikelihood(heldOut); better.HeldOut.Current != want {
		t.Errorf("in force: log-likelihood %v, want %v", better.HeldOut.Current, want)
	}

	options.Current = fit(t, heldOut, options).Params // nothing does better on them than their own fit
	if worse := fit(t, students, options); worse.Verdict() != bkt.VerdictWorseOnHeldOut {
		t.Errorf("against the fit of the held-out students: %+v, verdict %s", worse.HeldOut, worse.Verdict())
	}
}

func TestTheHeldOutFifthIsThatOfTheHash(t *testing.T) {
	// sha256sum of the ids: S001 begins with c5 (197), S003 with f5 (245).
	for id, want := range map[string]bool{"S001": false, "S003": true} {
		if got := bkt.IsHeldOut(id); got != want {
			t.Errorf("%s: %v", id, got)
		}
	}
}

func TestFewerThanFiftyStudentsAreJudgedByIdentification(t *testing.T) {
	few := simulate(rand.New(rand.NewPCG(17, 1)), bkt.Params{L0: .4, T: .1, G: .2, S: .08}, 49, 30, 30)
	got := fit(t, few, bkt.DefaultOptions())
	if got.HeldOut != (bkt.HeldOut{}) || !got.Identified() || got.Verdict() != bkt.VerdictBetter {
		t.Errorf("many answers of 49 students: %+v", got)
	}
	got = fit(t, few[:3], bkt.DefaultOptions())
	if got.Identified() || got.Verdict() != bkt.VerdictNotIdentified {
		t.Errorf("three students: %+v", got)
	}
}

func TestWarnings(t *testing.T) {
	for _, test := range []struct {
		name       string
		truth      bkt.Params
		students   int
		want       []bkt.Warning
		identified bool
	}{
		{"nothing to warn of", bkt.Params{L0: .4, T: .1, G: .2, S: .08}, 500, nil, true},
		{"the defaults may raise mastery by a wrong answer", bkt.Defaults(), 500, []bkt.Warning{bkt.WarningWrongAnswerCanRaiseMastery}, true},
		{"two students", bkt.Params{L0: .9, T: .5, G: .2, S: .08}, 2, []bkt.Warning{bkt.WarningImprecise}, false},
		{"answers that say little", bkt.Params{L0: .3, T: .05, G: .4, S: .35}, 500, []bkt.Warning{bkt.WarningIllConditioned}, false},
		{"answers that say nearly nothing", bkt.Params{L0: .4, T: .1, G: .45, S: .45}, 500,
			[]bkt.Warning{bkt.WarningImprecise, bkt.WarningAnswersSayLittle}, false},
		{"students who forget", bkt.Params{L0: .4, T: .2, G: .1, S: .08, F: .2}, 500,
			[]bkt.Warning{bkt.WarningForgettingFitsBetter}, true},
		{"a guess above one half", bkt.Params{L0: .2, T: .1, G: .7, S: .05}, 500, []bkt.Warning{bkt.WarningAtBound}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			students := simulate(rand.New(rand.NewPCG(18, 1)), test.truth, test.students, 8, 20)
			got := fit(t, students, bkt.DefaultOptions())
			for _, warning := range test.want {
				if !slices.Contains(got.Warnings, warning) {
					t.Errorf("%+v has not %s", got, warning)
				}
			}
			if got.Identified() != test.identified || test.want == nil && got.Warnings != nil {
				t.Errorf("identified: %v, %v", got.Identified(), got.Warnings)
			}
		})
	}
}

func TestEnoughToFit(t *testing.T) {
	answers := func(n int) bkt.Student { return bkt.Student{Answers: make([]bool, n)} }
	for _, test := range []struct {
		students []bkt.Student
		want     bool
	}{
		{nil, false},
		{[]bkt.Student{answers(9)}, false},
		{[]bkt.Student{answers(2), answers(1), answers(1)}, false},
		{[]bkt.Student{answers(2), answers(2)}, true},
	} {
		if got := bkt.EnoughToFit(test.students); got != test.want {
			t.Errorf("%v: %v", test.students, got)
		}
	}
}

func BenchmarkFit(b *testing.B) {
	for _, bench := range []struct {
		name        string
		truth       bkt.Params
		least, most int
	}{
		{"default", bkt.Defaults(), 10, 10},
		{"default, 4 to 16 answers", bkt.Defaults(), 4, 16},
		{"weak", bkt.Params{L0: .3, T: .05, G: .4, S: .35}, 10, 10},
		{"weak, 4 to 16 answers", bkt.Params{L0: .3, T: .05, G: .4, S: .35}, 4, 16},
	} {
		students := simulate(rand.New(rand.NewPCG(19, 1)), bench.truth, 5000, bench.least, bench.most)
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				fit(b, students, bkt.DefaultOptions())
			}
		})
	}
}
