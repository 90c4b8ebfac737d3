package portstest

import (
	"errors"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/core/practice"
)

func sessionAsWritten(t *testing.T, s *practiceFixture) {
	ctx := t.Context()
	plan := practice.Plan{Scope: []string{"c3", "c1", "c3"}, Questions: 5, TimeMode: practice.Timed, Timer: time.Minute, Stop: practice.StopRules{SD: .01, AllMastered: true}}
	view, err := s.open(ctx, "ana", plan)
	must(t, err)
	if view.Status != practice.StatusActive || len(view.Scope) != 2 || view.Open == nil || view.Open.Position != 1 || view.Open.Stem != "Which?" ||
		view.Open.Pick.Prerequisite != "c0" || view.Open.Pick.NeededBy != "c1" {
		t.Fatalf("opened %+v", view)
	}
	for k := 1; k <= 5; k++ {
		shown, err := s.service.Next(ctx, practises("ana", core.RecordPractice), view.ID)
		must(t, err)
		if !reflect.DeepEqual(view, shown) {
			t.Errorf("at %d the store has other than was said:\n%+v\n%+v", k, view, shown)
		}
		got, err := s.answer(ctx, "ana", view.ID, view.Open.Pick.Item.ID, "AB"[k%2:k%2+1])
		must(t, err)
		if got.Answered != k || got.Correct != k/2 || got.Attempt.Correct != (k%2 == 0) || got.Attempt.SessionID != view.ID || got.Solution.Key != "A" {
			t.Errorf("answer %d: %+v", k, got)
		}
		view = got.SessionView
	}
	if view.Open != nil || view.Status != practice.StatusCompleted || view.EndedBy != practice.EndedByCount || len(view.After) != len(view.Before) {
		t.Errorf("ended %+v", view)
	}
	shown, err := s.service.Show(ctx, practises("ana", core.RecordRead), view.ID)
	must(t, err)
	if !reflect.DeepEqual(view, shown) {
		t.Errorf("at the end the store has other than was said:\n%+v\n%+v", view, shown)
	}
	wantCode(t, core.CodeSessionCompleted, func() error {
		_, err := s.service.Next(ctx, practises("ana", core.RecordPractice), view.ID)
		return err
	})
}

func wantCode(t *testing.T, want core.Code, call func() error) {
	t.Helper()
	if err := call(); core.CodeOf(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func answerAgain(t *testing.T, s *practiceFixture) {
	ctx := t.Context()
	view, err := s.open(ctx, "ana", practice.Plan{Scope: []string{"c0"}, Questions: 2})
	must(t, err)
	item := view.Open.Pick.Item.ID
	var replies []practice.Answered
	items := []string{item}
	for k := range 2 {
		first, err := s.answer(ctx, "ana", view.ID, items[k], "A")
		must(t, err)
		replies = append(replies, first)
		if first.Open != nil {
			items = append(items, first.Open.Pick.Item.ID)
		}
		for back := range k + 1 {
			again, err := s.answer(ctx, "ana", view.ID, items[back], "A")
			must(t, err)
			if !again.Replayed {
				t.Errorf("the repeat of %d is new", back)
			}
			again.Replayed = false
			if !reflect.DeepEqual(replies[back], again) {
				t.Errorf("the repeat of %d after %d:\n%+v\n%+v", back, k, replies[back], again)
			}
		}
		if k == 0 {
			_, err = s.answer(ctx, "ana", view.ID, items[0], "B")
			wantReason(t, core.ReasonAlreadyAnswered, err)
			_, err = s.answer(ctx, "ana", view.ID, "c5-0", "A")
			wantReason(t, core.ReasonNotTheGivenItem, err)
			_, err = s.answer(ctx, "ana", view.ID, "nobodys", "A")
			wantReason(t, core.ReasonNotTheGivenItem, err)
		}
	}
	for _, item := range []string{"c5-0", "nobodys"} {
		wantCode(t, core.CodeSessionCompleted, func() error { _, err := s.answer(ctx, "ana", view.ID, item, "A"); return err })
	}
	wantCode(t, core.CodeSessionCompleted, func() error { _, err := s.answer(ctx, "ana", view.ID, items[0], "B"); return err })
	wantCode(t, core.CodeSessionNotFound, func() error { _, err := s.answer(ctx, "ana", "none", item, "A"); return err })
	_, err = s.answer(ctx, "ben", view.ID, item, "A")
	wantReason(t, core.ReasonNotOwnRecord, err)
	history, err := s.store.History(ctx, core.Record{StudentID: "ana", InstitutionID: "inst-1"}, mastery.HistoryQuery{Limit: 10})
	must(t, err)
	if len(history) != 2 {
		t.Errorf("%d attempts were kept, want 2", len(history))
	}
}

func wantReason(t *testing.T, want core.Reason, err error) {
	t.Helper()
	if err == nil || core.AsError(err).Reason != want {
		t.Errorf("got %v, want the reason %s", err, want)
	}
}

func tabsAtOnce(t *testing.T, s *practiceFixture) {
	ctx := t.Context()
	view, err := s.open(ctx, "ana", practice.Plan{Scope: []string{"c0", "c1"}, Questions: 50})
	must(t, err)
	for range 4 {
		replies, errs := [4]practice.Answered{}, [4]error{}
		var tabs sync.WaitGroup
		for tab := range replies {
			tabs.Go(func() {
				replies[tab], errs[tab] = s.answer(ctx, "ana", view.ID, view.Open.Pick.Item.ID, "AB"[tab%2:tab%2+1])
			})
		}
		tabs.Wait()
		var won []practice.Answered
		for tab, err := range errs {
			if err == nil {
				replies[tab].Replayed = false
				won = append(won, replies[tab])
				continue
			}
			wantReason(t, core.ReasonAlreadyAnswered, err)
		}
		if len(won) != 2 || !reflect.DeepEqual(won[0], won[1]) {
			t.Fatalf("of four tabs %d were right: %v", len(won), errs)
		}
		view = won[0].SessionView
	}
	if view.Answered != 4 {
		t.Errorf("%d answers count, want 4", view.Answered)
	}
}

func oneActiveSession(t *testing.T, s *practiceFixture) {
	ctx := t.Context()
	var (
		tabs   sync.WaitGroup
		opened [4]practice.SessionView
		errs   [4]error
	)
	for tab := range opened {
		tabs.Go(func() {
			opened[tab], errs[tab] = s.open(ctx, "ana", practice.Plan{Scope: []string{"c0"}, Questions: 2})
		})
	}
	tabs.Wait()
	winner := slices.Index(errs[:], nil)
	if winner < 0 {
		t.Fatal(errs)
	}
	active := opened[winner].ID
	for tab, err := range errs {
		if failure := core.AsError(err); tab != winner && (err == nil || failure.Code != core.CodeSessionAlreadyActive || failure.Details[practice.DetailSession] != active) {
			t.Errorf("while %s is active: %v %v", active, err, failure.Details)
		}
	}
	ended, err := s.service.Complete(ctx, practises("ana", core.RecordPractice), active)
	must(t, err)
	if ended.EndedBy != practice.EndedByStudent || ended.CompletedAt.IsZero() || ended.After["c0"] != .1 {
		t.Errorf("completed %+v", ended)
	}
	wantCode(t, core.CodeSessionCompleted, func() error {
		_, err := s.service.Complete(ctx, practises("ana", core.RecordPractice), active)
		return err
	})
	_, err = s.open(ctx, "ana", practice.Plan{Scope: []string{"c0"}, Questions: 2})
	must(t, err)
}

func abandonedSession(t *testing.T, s *practiceFixture) {
	ctx := t.Context()
	first, err := s.open(ctx, "ana", practice.Plan{Scope: []string{"c0"}, Questions: 9})
	must(t, err)
	s.pass(practice.AbandonedAfter - time.Minute)
	got, err := s.answer(ctx, "ana", first.ID, first.Open.Pick.Item.ID, "A")
	must(t, err)
	s.pass(practice.AbandonedAfter)
	wantCode(t, core.CodeSessionCompleted, func() error {
		_, err := s.answer(ctx, "ana", first.ID, got.Open.Pick.Item.ID, "A")
		return err
	})
	shown, err := s.service.Show(ctx, practises("ana", core.RecordRead), first.ID)
	must(t, err)
	if shown.Status != practice.StatusAbandoned || shown.EndedBy != practice.EndedByTimeout || shown.Open != nil {
		t.Errorf("shown %+v", shown)
	}
	for status, want := range map[practice.Status]int{practice.StatusAbandoned: 1, practice.StatusActive: 0, practice.StatusCompleted: 0, "": 1} {
		_, total, err := s.service.List(ctx, practises("ana", core.RecordRead), practice.ListQuery{Status: status, Page: bank.Page{Limit: 5}})
		if err != nil || total != want {
			t.Errorf("%d sessions are %q, want %d: %v", total, status, want, err)
		}
	}
	_, err = s.open(ctx, "ana", practice.Plan{Scope: []string{"c0"}, Questions: 9})
	must(t, err)
	held, err := s.store.Session(ctx, first.ID)
	if err != nil || held.Status != practice.StatusAbandoned {
		t.Errorf("the store has it as %+v: %v", held, err)
	}
}

func nothingKeptOfSession(t *testing.T, s *practiceFixture) {
	ctx := t.Context()
	view, err := s.open(ctx, "ana", practice.Plan{Scope: []string{"c0"}, Questions: 9})
	must(t, err)
	cause := errors.New("decided against")
	arrival := practice.AnswerLookup{AnswerLookup: mastery.AnswerLookup{StudentID: "ana"}, SessionID: view.ID}
	err = s.store.Practise(ctx, arrival, func(found practice.AnswerData) (practice.Change, error) {
		found.Session.Answered = 7
		return practice.Change{Session: found.Session}, cause
	})
	if !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
	held, err := s.store.Session(ctx, view.ID)
	if err != nil || held.Answered != 0 {
		t.Errorf("it was kept: %+v %v", held, err)
	}
	none, err := s.store.Session(ctx, "none")
	if none != nil || err != nil {
		t.Errorf("a session of nobody: %v %v", none, err)
	}
}
