package bkt_test

import (
	"bufio"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/core/bkt"
)

// referenceFit is what testdata has of a fit: the maximum that two other methods agreed on, with standard errors that
// are null at a bound.
type referenceFit struct {
	Params    map[string]float64  `json:"params"`
	SE        map[string]*float64 `json:"se"`
	LogLik    float64             `json:"loglik"`
	Condition float64             `json:"scaled_information_condition"`
}

func readJSON(t testing.TB, name string, into any) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

func readAnswers(t testing.TB, set string) []bkt.Student {
	t.Helper()
	file, err := os.Open("testdata/answers_" + set + ".csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var students []bkt.Student
	lines := bufio.NewScanner(file)
	lines.Scan() // the header
	for lines.Scan() {
		fields := strings.Split(lines.Text(), ",")
		if fields[1] == "1" {
			students = append(students, bkt.Student{ID: fields[0]})
		}
		last := &students[len(students)-1]
		last.Answers = append(last.Answers, fields[2] == "1")
	}
	return students
}

func named(p bkt.Params) map[string]float64 {
	return map[string]float64{"L0": p.L0, "T": p.T, "G": p.G, "S": p.S, "F": p.F}
}

func namedErrors(s bkt.StandardErrors) map[string]*float64 {
	return map[string]*float64{"L0": s.L0, "T": s.T, "G": s.G, "S": s.S, "F": s.F}
}

// holdAgainst asserts the targets: parameters within the larger of .001 and a twentieth of their standard error, the
// log-likelihood within .01, standard errors within 1 %.
func holdAgainst(t *testing.T, got bkt.Fitted, want referenceFit) {
	t.Helper()
	params, errors := named(got.Params), namedErrors(got.SE)
	for name, value := range want.Params {
		tolerance := .001
		if se := want.SE[name]; se != nil {
			tolerance = max(tolerance, .05**se)
		}
		if !near(params[name], value, tolerance) {
			t.Errorf("%s is %v, want %v within %v", name, params[name], value, tolerance)
		}
	}
	for name, value := range want.SE {
		if got := errors[name]; (got == nil) != (value == nil) || got != nil && !near(*got / *value, 1, .01) {
			t.Errorf("standard error of %s: got %v, want %v", name, text(got), text(value))
		}
	}
	if !near(got.LogLikelihood, want.LogLik, .01) {
		t.Errorf("log-likelihood %v, want %v", got.LogLikelihood, want.LogLik)
	}
}

func text(number *float64) string {
	if number == nil {
		return "none"
	}
	return strconv.FormatFloat(*number, 'g', -1, 64)
}

func fit(t testing.TB, students []bkt.Student, options bkt.Options) bkt.Fitted {
	t.Helper()
	fitted, err := bkt.Fit(t.Context(), students, options)
	if err != nil {
		t.Fatal(err)
	}
	return fitted
}

func TestFitReachesTheReferenceMaximum(t *testing.T) {
	var reference struct {
		Sets map[string]struct {
			Students, Answers int
			Map               referenceFit `json:"map_w10"`
		} `json:"sets"`
	}
	readJSON(t, "reference.json", &reference)
	for set, want := range reference.Sets {
		t.Run(set, func(t *testing.T) {
			got := fit(t, readAnswers(t, set), bkt.DefaultOptions())
			holdAgainst(t, got, want.Map)
			if !near(got.Condition/want.Map.Condition, 1, .02) {
				t.Errorf("condition number %v, want %v", got.Condition, want.Map.Condition)
			}
			if !got.Converged || got.Iterations > 62 {
				t.Errorf("converged: %v after %d iterations", got.Converged, got.Iterations)
			}
			if got.Students != want.Students || got.Answers != want.Answers {
				t.Errorf("%d students, %d answers, want %d and %d", got.Students, got.Answers, want.Students, want.Answers)
			}
		})
	}
}

func TestFitOfHardlyAnyOrOneSidedAnswersReachesTheReferenceMaximum(t *testing.T) {
	var cases map[string]struct {
		Sequences [][]int      `json:"sequences"`
		Map       referenceFit `json:"map_w10"`
	}
	readJSON(t, "degenerate.json", &cases)
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			students := make([]bkt.Student, len(test.Sequences))
			for i, sequence := range test.Sequences {
				students[i].ID = strconv.Itoa(i)
				for _, answer := range sequence {
					students[i].Answers = append(students[i].Answers, answer == 1)
				}
			}
			got := fit(t, students, bkt.DefaultOptions())
			holdAgainst(t, got, test.Map)
		})
	}
}
