package portstest

import (
	"testing"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/mastery"
)

// following is the use case with states written to a graph.
func (c *masteryFixture) following() *mastery.Service {
	return mastery.New(mastery.Config{
		Mastered: .95, SyncGraph: true, Now: func() time.Time { return c.now }, NewID: c.newID,
	}, mastery.Stores{Recorder: c.store, Reader: c.store, Parameters: c.store, Answers: c.store})
}

// answers records a right answer of a student, a second after the one before.
func (c *masteryFixture) answers(t *testing.T, service *mastery.Service, studentID, conceptID, itemID string) mastery.Recorded {
	t.Helper()
	c.now = c.now.Add(time.Second)
	correct := true
	recorded, err := service.Record(t.Context(), core.NewRecordAccess(core.RecordAnswer, student(studentID)), mastery.Answer{
		StudentID: studentID, ConceptID: conceptID, ItemID: itemID, Correct: &correct, At: c.now,
	})
	must(t, err)
	return recorded
}

func (c *masteryFixture) due(t *testing.T, limit int) []mastery.GraphState {
	t.Helper()
	due, err := c.store.DueStates(t.Context(), c.now, limit)
	must(t, err)
	return due
}

func (c *masteryFixture) syncOfAna(t *testing.T, service *mastery.Service) map[string]mastery.SyncStatus {
	t.Helper()
	page, err := service.Mastery(t.Context(), core.NewRecordAccess(core.RecordRead, student("ana")), "ana", mastery.StateQuery{Max: 1, Limit: 100})
	must(t, err)
	found := map[string]mastery.SyncStatus{}
	for _, state := range page.States {
		found[state.ConceptID] = state.Sync
	}
	return found
}

func outcome(state mastery.GraphState, refused string, retry time.Time) mastery.SyncOutcome {
	return mastery.SyncOutcome{StudentID: state.StudentID, ConceptID: state.ConceptID, Version: state.Version, Refused: refused, RetryAt: retry}
}

func statesAreDue(t *testing.T, c *masteryFixture) {
	service := c.following()
	first := c.answers(t, service, "ana", "renal", "r1")
	if first.Attempt.Shown.Sync != mastery.SyncPending {
		t.Errorf("the reply says %s", first.Attempt.Shown.Sync)
	}
	began := mastery.StoredTime(c.now)
	second := c.answers(t, service, "bea", "cardiac", "c1")
	due := c.due(t, 10)
	want := []mastery.GraphState{
		{StudentID: "ana", ConceptID: "renal", Mastery: first.Attempt.Shown.After, Trend: first.Attempt.Shown.Trend, Evidence: 1, UpdatedAt: began, Version: 1},
		{StudentID: "bea", ConceptID: "cardiac", Mastery: second.Attempt.Shown.After, Trend: second.Attempt.Shown.Trend, Evidence: 1, UpdatedAt: mastery.StoredTime(c.now), Version: 1},
	}
	if len(due) != 2 || due[0] != want[0] || due[1] != want[1] {
		t.Errorf("due are %+v, want %+v", due, want)
	}
	if one := c.due(t, 1); len(one) != 1 || one[0] != want[0] {
		t.Errorf("the first one due is %+v", one)
	}
	lag, err := c.store.Lag(t.Context())
	if must(t, err); lag.Pending != 2 || !lag.OldestPending.Equal(began) || lag.Removals != 0 || len(lag.Refused) != 0 {
		t.Errorf("the lag is %+v", lag)
	}
	must(t, c.store.SaveOutcomes(t.Context(), []mastery.SyncOutcome{outcome(due[1], "", time.Time{}), outcome(due[0], "", time.Time{})}))
	if due := c.due(t, 10); len(due) != 0 {
		t.Errorf("still due are %+v", due)
	}
	if got := c.syncOfAna(t, service)["renal"]; got != mastery.SyncSynced {
		t.Errorf("the state is %s", got)
	}
	if got := c.syncOfAna(t, c.service)["renal"]; got != mastery.SyncOff {
		t.Errorf("without a graph the state is %s", got)
	}
}

func refusedStates(t *testing.T, c *masteryFixture) {
	service := c.following()
	c.answers(t, service, "ana", "renal", "r1")
	c.answers(t, c.service, "bea", "cardiac", "c1") // no graph followed then
	due := c.due(t, 10)
	if len(due) != 1 {
		t.Fatalf("due are %+v", due)
	}
	must(t, c.store.SaveOutcomes(t.Context(), []mastery.SyncOutcome{outcome(due[0], "no such concept", c.now.Add(time.Hour))}))
	if got := c.syncOfAna(t, service)["renal"]; got != mastery.SyncFailed || len(c.due(t, 10)) != 0 {
		t.Errorf("the refused state is %s, and due %+v", got, c.due(t, 10))
	}
	lag, err := c.store.Lag(t.Context())
	if must(t, err); lag.Pending != 0 || len(lag.Refused) != 1 || lag.Refused[0] != (mastery.Refusal{Cause: "no such concept", States: 1}) {
		t.Errorf("the lag is %+v", lag)
	}
	c.now = c.now.Add(time.Hour)
	if later := c.due(t, 10); len(later) != 1 || later[0] != due[0] {
		t.Errorf("an hour later due are %+v", later)
	}
	c.now = c.now.Add(-time.Minute)
	requeued, err := c.store.Requeue(t.Context())
	if must(t, err); requeued != 2 || len(c.due(t, 10)) != 2 {
		t.Errorf("%d were requeued, and due are %+v", requeued, c.due(t, 10))
	}
}

func changedMeanwhile(t *testing.T, c *masteryFixture) {
	service := c.following()
	c.answers(t, service, "ana", "renal", "r1")
	before := c.due(t, 10)
	c.answers(t, service, "ana", "renal", "r2")
	must(t, c.store.SaveOutcomes(t.Context(), []mastery.SyncOutcome{outcome(before[0], "", time.Time{})}))
	after := c.due(t, 10)
	if len(after) != 1 || after[0].Version != 2 {
		t.Errorf("due are %+v", after)
	}
	must(t, c.store.SaveOutcomes(t.Context(), []mastery.SyncOutcome{outcome(before[0], "refused", c.now)}))
	if got := c.syncOfAna(t, service)["renal"]; got != mastery.SyncPending {
		t.Errorf("what an older version became made the state %s", got)
	}
}
