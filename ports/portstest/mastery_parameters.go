package portstest

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/bkt"
	"github.com/journey-os/journey-api/core/mastery"
)

// fitOf is a version of the parameters of renal, with a value of its own in each field.
func fitOf(applied bool) mastery.Parameters {
	return mastery.Parameters{
		ConceptID: "renal", Model: mastery.Model{Params: bkt.Params{L0: .3, T: 1. / 3, G: .15, S: .05, F: .02}},
		Students: 57, LogLikelihood: -1234.5678901234567, Iterations: 19, Converged: true, Applied: applied,
		FittedAt: time.Date(2026, 2, 3, 4, 5, 6, 789012000, time.UTC), FittedBy: "root",
	}
}

// inForce is the parameters of a concept in force; there have to be some.
func (c *masteryFixture) inForce(t *testing.T, conceptID string) mastery.Parameters {
	t.Helper()
	found, err := c.store.InForce(t.Context(), bank.Everywhere(), conceptID)
	if err != nil || found == nil {
		t.Fatalf("the parameters of %s are %v, %v", conceptID, found, err)
	}
	return *found
}

func versionsOfParameters(t *testing.T, c *masteryFixture) {
	defaults := mastery.Parameters{ConceptID: "renal", Model: mastery.DefaultModel()}
	if got := c.inForce(t, "renal"); got != defaults {
		t.Errorf("before any fit: %+v", got)
	}
	first, second := fitOf(false), fitOf(true)
	second.L0, second.Converged, second.Students = .7, false, 3
	for i, fit := range []*mastery.Parameters{&first, &second} {
		version, err := c.store.AddFit(t.Context(), *fit, 0)
		if fit.Version = i + 1; err != nil || version != fit.Version {
			t.Errorf("fit %d became version %d, %v", i+1, version, err)
		}
		want := defaults
		if fit.Applied {
			want = *fit
		}
		if got := c.inForce(t, "renal"); got != want {
			t.Errorf("after fit %d: %+v, want %+v", i+1, got, want)
		}
	}
	for _, want := range []mastery.Parameters{first, defaults, second} {
		found, err := c.store.Restore(t.Context(), "renal", want.Version)
		if got := c.inForce(t, "renal"); err != nil || !found || got != want {
			t.Errorf("version %d again: %+v, %v, %v; want %+v", want.Version, got, found, err, want)
		}
	}
	for conceptID, version := range map[string]int{"renal": 3, "cardiac": 1, "none": 0} {
		if found, err := c.store.Restore(t.Context(), conceptID, version); found || err != nil {
			t.Errorf("version %d of %s: %v, %v", version, conceptID, found, err)
		}
	}
	must(t, c.store.Put(t.Context(), bank.Rows{Concepts: []bank.Concept{{ID: "renal", Name: "Imported again", Weight: 2}}}))
	if got := c.inForce(t, "renal"); got != second {
		t.Errorf("after an import of the concept: %+v", got)
	}
	if got := c.inForce(t, "cardiac").Version; got != 0 {
		t.Errorf("another concept has version %d", got)
	}
}

func fitHeldAgainstReplaced(t *testing.T, c *masteryFixture) {
	_, err := c.store.AddFit(t.Context(), fitOf(true), 0)
	must(t, err)
	if version, err := c.store.AddFit(t.Context(), fitOf(true), 0); !errors.Is(err, mastery.ErrReplaced) {
		t.Errorf("a fit held against replaced parameters: %d, %v", version, err)
	}
	version, err := c.store.AddFit(t.Context(), fitOf(false), 0)
	if err != nil || version != 2 || c.inForce(t, "renal").Version != 1 {
		t.Errorf("one that replaces nothing: version %d, %v", version, err)
	}
}

func parametersWithinInstitutions(t *testing.T, c *masteryFixture) {
	for name, test := range map[string]struct {
		scope   bank.Scope
		concept string
		want    bool
	}{
		"what is shared":            {bank.Within("inst-1"), "renal", true},
		"the owner's":               {bank.Within("inst-2"), "secret", true},
		"another institution's":     {bank.Within("inst-1"), "secret", false},
		"another's, everywhere":     {bank.Everywhere(), "secret", true},
		"what is not there":         {bank.Everywhere(), "none", false},
		"an institution of no name": {bank.Scope{}, "secret", false},
	} {
		found, err := c.store.InForce(t.Context(), test.scope, test.concept)
		if err != nil || (found != nil) != test.want {
			t.Errorf("%s: %v, %v", name, found, err)
		}
	}
}

func answersOfAConcept(t *testing.T, c *masteryFixture) {
	if students, err := c.store.Answers(t.Context(), "renal"); err != nil || len(students) > 0 {
		t.Errorf("before any answer: %v, %v", students, err)
	}
	for _, one := range []struct {
		studentID, institution string
		minute                 int
		itemID                 string
		correct                bool
	}{
		{"zoe", "inst-1", 9, "r1", true}, {"zoe", "inst-1", 3, "r2", false}, {"zoe", "inst-1", 9, "r1", false},
		{"Ann", "inst-2", 1, "r3", true}, {"Ann", "inst-2", 1, "r1", false}, {"ann", "inst-1", 2, "r1", true},
	} {
		c.recorded(t, caller(core.RoleStudent, one.studentID, one.institution), c.answer(one.studentID, one.minute, one.itemID, one.correct))
	}
	other := c.answer("bob", 1, "c1", true)
	other.ConceptID = "cardiac"
	c.recorded(t, student("bob"), other)
	students, err := c.store.Answers(t.Context(), "renal")
	if got, want := fmt.Sprint(students), "[{Ann [false true]} {ann [true]} {zoe [false false true]}]"; err != nil || got != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
}

// outdated is the students whose states of renal were computed with other parameters than those in force.
func (c *masteryFixture) outdated(t *testing.T, limit int) string {
	t.Helper()
	students, err := c.store.Outdated(t.Context(), "renal", limit)
	must(t, err)
	return strings.Join(students, " ")
}

// underFit computes mastery from the model's formulas with the parameters of fitOf.
func underFit(answers []bool) float64 {
	p := .3
	for _, right := range answers {
		known, unknown := p*.05, (1-p)*.85
		if right {
			known, unknown = p*.95, (1-p)*.15
		}
		posterior := known / (known + unknown)
		p = posterior*.98 + (1-posterior)/3
	}
	return p
}

func statesOfOlderParameters(t *testing.T, c *masteryFixture) {
	outcomes := map[string][]bool{}
	for i, studentID := range []string{"una", "vic", "wim", "xia"} {
		for minute := range 70 + i { // over a snapshot
			outcomes[studentID] = append(outcomes[studentID], (minute+i)%3 > 0)
			c.recorded(t, student(studentID), c.answer(studentID, minute, "r1", (minute+i)%3 > 0))
		}
	}
	if got := c.outdated(t, 10); got != "" {
		t.Errorf("before a fit %q are outdated", got)
	}
	_, err := c.store.AddFit(t.Context(), fitOf(true), 0)
	must(t, err)
	if all, some := c.outdated(t, 10), c.outdated(t, 2); all != "una vic wim xia" || some != "una vic" {
		t.Errorf("after it: %q, the first two %q", all, some)
	}
	// What meets an outdated state computes it again first: an answer at the end, a late one, a restore.
	before := underFit(outcomes["una"])
	outcomes["una"] = append(outcomes["una"], true)
	got := c.recorded(t, student("una"), c.answer("una", 100, "r1", true)).Attempt.Shown
	if math.Abs(got.Before-before) > 1e-12 || math.Abs(got.After-underFit(outcomes["una"])) > 1e-12 {
		t.Errorf("an answer after it goes from %v to %v, want %v to %v", got.Before, got.After, before, underFit(outcomes["una"]))
	}
	outcomes["vic"] = slices.Insert(outcomes["vic"], 0, false)
	c.recorded(t, student("vic"), c.answer("vic", -5, "r1", false))
	if got := c.outdated(t, 10); got != "wim xia" {
		t.Errorf("after two answers %q are outdated", got)
	}
	if restored, err := c.service.Restore(t.Context(), "renal", 1); err != nil || !restored.StatesCurrent || c.outdated(t, 10) != "" {
		t.Errorf("a restore leaves %q, %+v, %v", c.outdated(t, 10), restored, err)
	}
	for studentID, answers := range outcomes {
		state := c.state(t, studentID)
		if state.ParametersVersion != 1 || state.Evidence != len(answers) || math.Abs(state.Mastery-underFit(answers)) > 1e-12 {
			t.Errorf("%s: %+v, want %v", studentID, state, underFit(answers))
		}
	}
	_, err = c.service.Restore(t.Context(), "renal", 0)
	must(t, err)
	for studentID, answers := range outcomes {
		values := reference(answers)
		if state := c.state(t, studentID); math.Abs(state.Mastery-values[len(values)-1]) > 1e-12 || state.ParametersVersion != 0 {
			t.Errorf("%s under the defaults again: %+v, want %v", studentID, state, values[len(values)-1])
		}
	}
}
