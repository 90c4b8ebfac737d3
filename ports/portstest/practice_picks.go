package portstest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/irt"
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/core/practice"
)

func answersByUpdate(t *testing.T, s *practiceFixture) {
	ctx := t.Context()
	right, wrong := "A", "B"
	view, err := s.open(ctx, "ana", practice.Plan{Scope: []string{"c0"}, Questions: 9})
	must(t, err)
	position := func() int {
		t.Helper()
		shown, err := s.service.Next(ctx, practises("ana", core.RecordPractice), view.ID)
		must(t, err)
		view = shown
		return shown.Open.Position
	}
	open := func() string { return view.Open.Pick.Item.ID }

	// An answer to the open item is one in the session, named or not; one to another item is not.
	for want, answer := range []mastery.Answer{
		{ItemID: open(), Response: &right},
		{ItemID: "c5-1", Response: &right},
		{Response: &wrong, SessionID: view.ID},
		{Response: &right, Key: "k1"},
	} {
		if answer.ItemID == "" {
			answer.ItemID = open()
		}
		first, err := s.update(ctx, "ana", answer)
		must(t, err)
		if belongs := first.Attempt.SessionID == view.ID; belongs != (want != 1) {
			t.Errorf("answer %d belongs to %q", want, first.Attempt.SessionID)
		}
		answer.At = first.Attempt.At
		again, err := s.update(ctx, "ana", answer)
		must(t, err)
		if !again.Replayed || again.Attempt.ID != first.Attempt.ID {
			t.Errorf("the repeat of answer %d: %+v", want, again)
		}
		if got := position(); got != []int{2, 2, 3, 4}[want] {
			t.Errorf("after answer %d the session is at %d", want, got)
		}
	}
	_, err = s.update(ctx, "ana", mastery.Answer{ItemID: "c5-2", Response: &right, SessionID: view.ID})
	wantReason(t, core.ReasonNotTheGivenItem, err)
	wantCode(t, core.CodeSessionNotFound, func() error {
		_, err := s.update(ctx, "ana", mastery.Answer{ItemID: "c5-2", Response: &right, SessionID: "none"})
		return err
	})
	_, err = s.update(ctx, "ana", mastery.Answer{ItemID: open(), Response: &wrong, Key: "k1"})
	wantReason(t, core.ReasonIdempotencyKeyReused, err)
	_, err = s.update(ctx, "ben", mastery.Answer{ItemID: open(), Response: &right, SessionID: view.ID})
	wantReason(t, core.ReasonNotOwnRecord, err)
}

// The ability that is updated from the saved one equals that of all first attempts from the beginning, to the last bit.
func abilityOfFirstAttempts(t *testing.T, s *practiceFixture) {
	ctx := t.Context()
	random := rand.New(rand.NewPCG(3, 5)) //nolint:gosec // a test's
	type first struct {
		at      time.Time
		item    string
		correct bool
	}
	var firsts []first
	note := func(attempt mastery.Attempt) {
		at := slices.IndexFunc(firsts, func(f first) bool { return f.item == attempt.ItemID })
		one := first{attempt.At, attempt.ItemID, attempt.Correct}
		switch {
		case at < 0:
			firsts = append(firsts, one)
		case one.at.Before(firsts[at].at):
			firsts[at] = one
		}
		slices.SortFunc(firsts, func(a, b first) int { return a.at.Compare(b.at) })
	}
	view, err := s.open(ctx, "ana", practice.Plan{Scope: []string{"c0", "c1", "c2", "c3"}, Questions: 60})
	must(t, err)
	for view.Open != nil {
		item := view.Open.Pick.Item.ID
		response := []string{"A", "B"}[random.IntN(2)]
		if random.IntN(4) == 0 { // outside of the session, late at times
			other := mastery.Answer{ItemID: fmt.Sprint("c5-", random.IntN(4)), Response: &response, At: s.clock().Add(-time.Duration(random.IntN(120)) * time.Second)}
			recorded, err := s.update(ctx, "ana", other)
			must(t, err)
			note(recorded.Attempt)
		}
		got, err := s.answer(ctx, "ana", view.ID, item, response)
		must(t, err)
		note(got.Attempt)
		var responses []irt.Response
		for _, one := range firsts {
			responses = append(responses, irt.Response{Params: adaptive.Uncalibrated(), Correct: one.correct})
		}
		if want := irt.EstimateAbility(responses, .005); got.Ability.Ability != want || got.Ability.Responses != len(firsts) {
			t.Fatalf("after %d answers and %d first ones the ability is %+v, want %+v", got.Answered, len(firsts), got.Ability, want)
		}
		view = got.SessionView
	}
	if view.EndedBy != practice.EndedByPoolExhausted {
		t.Errorf("%d items in scope and 20 that are not given again: it ended by %s after %d", 4*studioItems, view.EndedBy, view.Answered)
	}
}

func neverPicked(t *testing.T, s *practiceFixture) {
	ctx := t.Context()
	must(t, s.store.Put(ctx, bank.Rows{
		Concepts:      []bank.Concept{{ID: "theirs", Weight: 9, InstitutionID: "inst-2"}},
		Prerequisites: []bank.Prerequisite{{PrerequisiteID: "theirs", ConceptID: "c0"}},
		Items: []bank.Item{
			{ID: "c0-0", ConceptID: "c0", Retired: true}, {ID: "c0-00", ConceptID: "c0", InstitutionID: "inst-2"},
			{ID: "theirs-1", ConceptID: "theirs"}, {ID: "theirs-2", ConceptID: "theirs", InstitutionID: "inst-2"},
		},
	}))
	view, err := s.open(ctx, "ana", practice.Plan{Scope: []string{"c0"}, Questions: 50})
	must(t, err)
	given := map[string]bool{}
	for view.Open != nil {
		given[view.Open.Pick.Item.ID] = true
		got, err := s.answer(ctx, "ana", view.ID, view.Open.Pick.Item.ID, "B")
		must(t, err)
		view = got.SessionView
	}
	if want := map[string]bool{"c0-1": true, "c0-2": true, "c0-3": true}; !maps.Equal(given, want) || view.EndedBy != practice.EndedByPoolExhausted {
		t.Errorf("given %v, ended by %s", given, view.EndedBy)
	}
	wantCode(t, core.CodePoolExhausted, func() error {
		_, err := s.open(ctx, "ana", practice.Plan{Scope: []string{"c0"}, Questions: 1})
		return err
	})
	_, err = s.open(ctx, "ana", practice.Plan{Scope: []string{"c1", "theirs", "nobodys"}, Questions: 1})
	if failure := core.AsError(err); failure.Code != core.CodeValidation || len(failure.Violations) != 2 {
		t.Errorf("got %v %+v", err, failure.Violations)
	}
}

func bankChanges(t *testing.T, s *practiceFixture) {
	ctx := t.Context()
	before, err := s.store.BankVersion(ctx)
	must(t, err)
	must(t, s.store.Put(ctx, bank.Rows{Concepts: []bank.Concept{{ID: "new", Name: "New", Weight: 2}}, Items: []bank.Item{{ID: "new-1", ConceptID: "new"}}}))
	put, err := s.store.BankVersion(ctx)
	must(t, err)
	version, err := s.store.AddFit(ctx, mastery.Parameters{ConceptID: "new", Model: mastery.Model{Params: mastery.DefaultModel().Params}, Applied: true, FittedAt: s.clock()}, 0)
	must(t, err)
	fitted, err := s.store.BankVersion(ctx)
	must(t, err)
	all, err := s.store.Bank(ctx)
	must(t, err)
	if before >= put || put >= fitted || all.Version != fitted || all.Initial["new"] != .1 || len(all.Concepts) != studioConcepts+1 || version != 1 {
		t.Errorf("versions %d, %d, %d; the bank is %d with %v", before, put, fitted, all.Version, all.Initial)
	}
	if last := all.Items[len(all.Items)-1]; last.ID != "new-1" || all.Items[0].Explanation != "The first." || len(all.Items[0].Options) != 2 {
		t.Errorf("the items are %+v", all.Items)
	}
	view, err := s.open(ctx, "ana", practice.Plan{Scope: []string{"new"}, Questions: 1})
	if err != nil || view.Open.Pick.Item.ID != "new-1" {
		t.Errorf("opened %+v: %v", view, err)
	}
}

// Every pick of a few students' sessions, by each criterion, is the same when it is computed again from the saved
// inputs.
func picksAgain(t *testing.T, s *practiceFixture) {
	ctx := t.Context()
	random := rand.New(rand.NewPCG(7, 11)) //nolint:gosec // a test's
	picks := 0
	for _, criterion := range []adaptive.Criterion{adaptive.CriterionInformation, adaptive.CriterionMEPV} {
		settings := adaptive.DefaultSettings()
		settings.Criterion, settings.Randomesque = criterion, 2
		s.build(practice.Config{Settings: settings, Drift: .005})
		for n := range 6 {
			student := fmt.Sprint(criterion, n/2)
			view, err := s.open(ctx, student, practice.Plan{Scope: []string{"c0", "c2", "c3", "c5"}, Questions: 8})
			must(t, err)
			for view.Open != nil {
				got, err := s.answer(ctx, student, view.ID, view.Open.Pick.Item.ID, []string{"A", "A", "B"}[random.IntN(3)])
				must(t, err)
				view = got.SessionView
			}
			for position := 1; position <= view.Answered; position++ {
				explained, err := s.service.Explain(ctx, view.ID, position)
				must(t, err)
				if !reflect.DeepEqual(explained.Given.Pick, explained.Again) || explained.BankChanged {
					t.Fatalf("%s, position %d: changed %t:\n%+v\n%+v", student, position, explained.BankChanged, explained.Given.Pick, explained.Again)
				}
				picks++
			}
		}
	}
	if picks < 60 {
		t.Errorf("only %d picks were made again", picks)
	}
}
