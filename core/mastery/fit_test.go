package mastery_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/bkt"
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/ports/portstest"
)

// fitFixture is the use case on a store with a concept, whose parts a test can replace.
type fitFixture struct {
	*portstest.Memory
	service *mastery.Service
	// revise and answers, if set, come before those of the store.
	revise   func(studentID string) error
	answers  func()
	replaced []string
	outdated []error
}

func newSchool(t *testing.T) *fitFixture {
	t.Helper()
	s := &fitFixture{Memory: portstest.NewMemory()}
	ids := 0
	s.service = mastery.New(mastery.Config{
		Mastered: .95, Now: func() time.Time { return now }, NewID: func() string { ids++; return fmt.Sprint(ids) },
		ParametersReplaced: func(_ context.Context, conceptID string, from, to int) {
			s.replaced = append(s.replaced, fmt.Sprint(conceptID, " ", from, " ", to))
		},
		StatesOutdated: func(_ context.Context, _ string, cause error) { s.outdated = append(s.outdated, cause) },
	}, mastery.Stores{Recorder: s, Reader: s, Parameters: s, Answers: s})
	rows := bank.Rows{Concepts: []bank.Concept{{ID: "renal"}}, Items: []bank.Item{{ID: "r1", ConceptID: "renal"}}}
	if err := s.Put(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *fitFixture) Revise(ctx context.Context, revision mastery.Revision, decide func(mastery.StudentData) (mastery.Change, error)) error {
	if s.revise != nil {
		if err := s.revise(revision.StudentID); err != nil {
			return err
		}
	}
	return s.Memory.Revise(ctx, revision, decide)
}

func (s *fitFixture) Answers(ctx context.Context, conceptID string) ([]bkt.Student, error) {
	students, err := s.Memory.Answers(ctx, conceptID)
	if s.answers != nil {
		s.answers()
	}
	return students, err
}

// identified is the answers of 500 students that a reference fit stands for, in their order.
func identified(t *testing.T) map[string][]bool {
	t.Helper()
	file, err := os.Open("../bkt/testdata/answers_B_identified.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	outcomes := map[string][]bool{}
	for _, row := range rows[1:] {
		outcomes[row[0]] = append(outcomes[row[0]], row[2] == "1")
	}
	return outcomes
}

// attend records the answers, of students of two institutions, in an order of arrival by chance.
func (s *fitFixture) attend(t *testing.T, outcomes map[string][]bool) {
	t.Helper()
	var answers []mastery.Answer
	for studentID, right := range outcomes {
		for i := range right {
			answers = append(answers, mastery.Answer{
				StudentID: studentID, InstitutionID: fmt.Sprintf("inst-%d", len(right)%2), ConceptID: "renal", ItemID: "r1",
				Correct: &right[i], At: now.Add(time.Duration(i-1000) * time.Minute),
			})
		}
	}
	slices.SortFunc(answers, func(a, b mastery.Answer) int { return a.At.Compare(b.At) })
	chance := rand.New(rand.NewPCG(1, 2))
	chance.Shuffle(len(answers), func(i, j int) { answers[i], answers[j] = answers[j], answers[i] })
	root := by(core.RoleSuperadmin, "root", "")
	for _, one := range answers {
		if _, err := s.service.Record(t.Context(), root, one); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *fitFixture) fit(t *testing.T, force bool) (mastery.FitResult, error) {
	t.Helper()
	return s.service.Fit(t.Context(), mastery.FitRequest{ConceptID: "renal", MaxIterations: 100, Threshold: 1e-3, Force: force, By: "root"})
}

// wantStates compares every state with the model's formulas under the parameters.
func (s *fitFixture) wantStates(t *testing.T, outcomes map[string][]bool, l0, learn, guess, slip float64) {
	t.Helper()
	for studentID, answers := range outcomes {
		p := l0
		for _, right := range answers {
			known, unknown := p*slip, (1-p)*(1-guess)
			if right {
				known, unknown = p*(1-slip), (1-p)*guess
			}
			p = known/(known+unknown) + unknown/(known+unknown)*learn
		}
		record := core.Record{StudentID: studentID, InstitutionID: fmt.Sprintf("inst-%d", len(answers)%2)}
		page, err := s.States(t.Context(), record, mastery.StateQuery{Max: 1, Limit: 10})
		if err != nil || len(page.States) != 1 || math.Abs(page.States[0].Mastery-p) > 1e-12 {
			t.Fatalf("%s: %+v, %v; want %v", studentID, page, err, p)
		}
	}
}

func TestAFitReachesTheReferenceAndEveryStateFollows(t *testing.T) {
	s, outcomes := newSchool(t), identified(t)
	s.attend(t, outcomes)
	got, err := s.fit(t, false)
	if err != nil {
		t.Fatal(err)
	}
	// map_w10 of B_identified in core/bkt/testdata/reference.json.
	for name, pair := range map[string][2]float64{
		"L0": {got.Params.L0, 0.330957173}, "T": {got.Params.T, 0.105491716}, "G": {got.Params.G, 0.201230655}, "S": {got.Params.S, 0.079763170},
	} {
		if math.Abs(pair[0]-pair[1]) > .0012 { // .05 standard errors of L0
			t.Errorf("%s is %v, the reference %v", name, pair[0], pair[1])
		}
	}
	if math.Abs(got.LogLikelihood-(-3288.888958)) > .01 || got.Students != 500 || !got.Identified() {
		t.Errorf("got %+v", got.Fitted)
	}
	if !got.Applied || got.Verdict != bkt.VerdictBetter || got.Version != 1 || got.Previous.Params != bkt.Defaults() || !got.StatesCurrent {
		t.Errorf("got %+v", got)
	}
	p := got.Params
	s.wantStates(t, outcomes, p.L0, p.T, p.G, p.S)
	inForce, err := s.service.Parameters(t.Context(), bank.Within("inst-0"), "renal")
	want := mastery.Parameters{
		ConceptID: "renal", Model: mastery.Model{Params: p, Version: 1}, Students: 500, LogLikelihood: got.LogLikelihood,
		Iterations: got.Iterations, Converged: true, Applied: true, FittedAt: now, FittedBy: "root",
	}
	if err != nil || inForce != want {
		t.Errorf("in force is %+v, %v; want %+v", inForce, err, want)
	}

	// The same answers again: those in force have seen the students that are held out, and do better on them.
	again, err := s.fit(t, false)
	if err != nil || again.Applied || again.Verdict != bkt.VerdictWorseOnHeldOut || again.Version != 2 || again.Previous.Version != 1 {
		t.Errorf("again: %+v, %v", again, err)
	}
	if forced, err := s.fit(t, true); err != nil || !forced.Applied || forced.Verdict != bkt.VerdictWorseOnHeldOut || forced.Version != 3 {
		t.Errorf("forced: %+v, %v", forced, err)
	}
	if _, err := s.service.Restore(t.Context(), "renal", 0); err != nil {
		t.Error(err)
	}
	s.wantStates(t, outcomes, .1, .2, .25, .1)
	if got := fmt.Sprint(s.replaced); got != "[renal 0 1 renal 1 3 renal 3 0]" {
		t.Errorf("replaced: %s", got)
	}
}

var few = map[string][]bool{"ana": {false, true, true}, "bea": {true, true}, "cem": {false, false, true, true}}

func TestAFitThatWasOvertakenIsRefused(t *testing.T) {
	s := newSchool(t)
	s.attend(t, few)
	s.answers = func() {
		s.answers = nil
		if _, err := s.fit(t, true); err != nil {
			t.Error(err)
		}
	}
	if got, err := s.fit(t, true); !errors.Is(err, mastery.ErrReplaced) {
		t.Errorf("got %+v, %v", got, err)
	}
	if inForce, err := s.service.Parameters(t.Context(), bank.Scope{}, "renal"); err != nil || inForce.Version != 1 {
		t.Errorf("in force is %+v, %v", inForce, err)
	}
}

func TestStatesThatAreLeftBehindAreReportedAndMadeGood(t *testing.T) {
	s := newSchool(t)
	s.attend(t, few)
	lost := errors.New("the store is gone")
	s.revise = func(studentID string) error {
		if studentID == "bea" {
			return lost
		}
		return nil
	}
	got, err := s.fit(t, true)
	if err != nil || !got.Applied || got.StatesCurrent {
		t.Errorf("got %+v, %v", got, err)
	}
	if len(s.outdated) != 1 || !errors.Is(s.outdated[0], lost) {
		t.Errorf("the log was told %v", s.outdated)
	}
	s.revise = nil
	restored, err := s.service.Restore(t.Context(), "renal", got.Version)
	if err != nil || !restored.StatesCurrent || restored.Version != got.Version || len(s.replaced) != 1 {
		t.Errorf("again: %+v, %v, %v", restored, err, s.replaced)
	}
	s.wantStates(t, few, got.Params.L0, got.Params.T, got.Params.G, got.Params.S)
}

func TestACallerWhoIsGoneLeavesNoStateBehind(t *testing.T) {
	s := newSchool(t)
	s.attend(t, few)
	ctx, leave := context.WithTimeout(t.Context(), time.Minute)
	defer leave()
	s.revise = func(string) error { leave(); return nil }
	got, err := s.service.Fit(ctx, mastery.FitRequest{ConceptID: "renal", MaxIterations: 100, Threshold: 1e-3, Force: true})
	if err != nil || !got.StatesCurrent {
		t.Errorf("got %+v, %v", got, err)
	}
	s.wantStates(t, few, got.Params.L0, got.Params.T, got.Params.G, got.Params.S)
}
