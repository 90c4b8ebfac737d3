package portstest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/mastery"
)

func lateFromSnapshot(t *testing.T, c *masteryFixture) {
	var answers []mastery.Answer
	for i := range 200 {
		answers = append(answers, c.answer("fay", 2*i, "r1", i%4 > 0))
		c.recorded(t, student("fay"), answers[i])
	}
	arrival := mastery.AnswerLookup{StudentID: "fay", ConceptID: "renal", ItemID: "r1", At: c.minute(301)}
	must(t, c.store.Answer(t.Context(), arrival, func(found mastery.AnswerData) (mastery.Change, error) {
		past, err := found.ReplayTail("renal", mastery.Position{At: arrival.At, ItemID: "r1"})
		if err != nil || past.From == nil || past.From.Evidence != 128 || len(past.Attempts) != 200-128 {
			t.Errorf("the past of answer 151 of 200 is %+v with %d attempts, %v", past.From, len(past.Attempts), err)
		}
		past, err = found.ReplayTail("renal", mastery.Position{})
		if err != nil || past.From != nil || len(past.Attempts) != 200 {
			t.Errorf("the whole past is %+v with %d attempts, %v", past.From, len(past.Attempts), err)
		}
		return mastery.Change{}, nil
	}))
	for _, minute := range []int{301, 3, 150} {
		late := c.answer("fay", minute, "r2", false)
		answers = append(answers, late)
		got := c.recorded(t, student("fay"), late)
		values := replayed(answers)
		if shown := got.Attempt.Shown; !got.Late || shown.Evidence != len(answers) || math.Abs(shown.After-values[len(values)-1]) > 1e-12 {
			t.Errorf("late at %d: %+v, want %v", minute, got, values[len(values)-1])
		}
	}
}

func comesDown(t *testing.T, c *masteryFixture) {
	const right, wrong = 70, 60
	var answers []mastery.Answer
	for i := range right + wrong {
		answers = append(answers, c.answer("hal", 2*i, "r1", i < right))
	}
	answers = append(answers, c.answer("hal", 2*right-3, "r2", false)) // late, and before it a snapshot
	for i, one := range answers {
		shown := c.recorded(t, student("hal"), one).Attempt.Shown
		values := replayed(answers[:i+1])
		if want := values[len(values)-1]; math.Abs(shown.After-want) > 1e-12 || i == right-1 && shown.After != 1 {
			t.Fatalf("answer %d: %v, want %v", i+1, shown.After, want)
		}
	}
}

// spread gives a student six concepts with masteries between .05 and .98.
func spread(t *testing.T, c *masteryFixture) []mastery.State {
	t.Helper()
	change := mastery.Change{Student: &core.Record{StudentID: "gus", InstitutionID: "inst-1"}}
	for i, value := range []float64{.05, .3, .3, .7, .95, .98} {
		state := mastery.State{
			StudentID: "gus", ConceptID: fmt.Sprintf("c%d", 5-i), Version: 1, UpdatedAt: mastery.StoredTime(c.now), Sync: mastery.SyncOff,
			Last: mastery.Position{At: mastery.StoredTime(c.minute(i)), ItemID: "r1", Correct: true},
		}
		state.Mastery, state.Evidence = value, 1
		change.States = append(change.States, state)
	}
	must(t, c.store.Revise(t.Context(), mastery.Revision{StudentID: "gus"}, func(mastery.StudentData) (mastery.Change, error) { return change, nil }))
	return change.States
}

func listsOfStates(t *testing.T, c *masteryFixture) {
	spread(t, c)
	tests := map[string]struct {
		query           mastery.StateQuery
		total, mastered int
		want            string
	}{
		"all":                        {mastery.StateQuery{Max: 1, Limit: 10}, 6, 2, "c5 c3 c4 c2 c1 c0"},
		"a page in the middle":       {mastery.StateQuery{Max: 1, Limit: 2, Offset: 2}, 6, 2, "c4 c2"},
		"a page past the end":        {mastery.StateQuery{Max: 1, Limit: 2, Offset: 6}, 6, 2, ""},
		"both bounds are included":   {mastery.StateQuery{Min: .3, Max: .95, Limit: 10}, 4, 1, "c3 c4 c2 c1"},
		"one concept":                {mastery.StateQuery{ConceptID: "c1", Max: 1, Limit: 10}, 1, 1, "c1"},
		"a concept without attempts": {mastery.StateQuery{ConceptID: "none", Max: 1, Limit: 10}, 0, 0, ""},
		"bounds that nothing fits":   {mastery.StateQuery{Min: .9, Max: .1, Limit: 10}, 0, 0, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			page, err := c.service.Mastery(t.Context(), core.NewRecordAccess(core.RecordRead, student("gus")), "gus", test.query)
			var concepts []string
			for _, state := range page.States {
				concepts = append(concepts, state.ConceptID)
			}
			if got := strings.Join(concepts, " "); err != nil || got != test.want || page.Total != test.total || page.Mastered != test.mastered {
				t.Errorf("got %q of %d, %d mastered, %v; want %q of %d, %d", got, page.Total, page.Mastered, err, test.want, test.total, test.mastered)
			}
		})
	}
	elsewhere := core.Record{StudentID: "gus", InstitutionID: "inst-2"}
	if page, err := c.store.States(t.Context(), elsewhere, mastery.StateQuery{Max: 1, Limit: 10}); err != nil || page.Total+len(page.States) > 0 {
		t.Errorf("another institution sees %+v, %v", page, err)
	}
	if history, err := c.store.History(t.Context(), elsewhere, mastery.HistoryQuery{Limit: 10}); err != nil || len(history) > 0 {
		t.Errorf("another institution sees %+v, %v", history, err)
	}
}

func historyAsShown(t *testing.T, c *masteryFixture) {
	var shown []string
	for _, minute := range []int{10, 30, 20} { // the last one comes late
		got := c.recorded(t, student("hal"), c.answer("hal", minute, "r1", true))
		shown = append(shown, fmt.Sprint(got.Attempt.Shown.After))
	}
	one := c.answer("hal", 15, "c1", true)
	one.ConceptID = "cardiac"
	other := c.recorded(t, student("hal"), one)
	tests := map[string]struct {
		query mastery.HistoryQuery
		want  string
	}{
		"all, by time":      {mastery.HistoryQuery{Limit: 10}, strings.Join([]string{shown[0], fmt.Sprint(other.Attempt.Shown.After), shown[2], shown[1]}, " ")},
		"one concept":       {mastery.HistoryQuery{ConceptID: "renal", Limit: 10}, shown[0] + " " + shown[2] + " " + shown[1]},
		"since, included":   {mastery.HistoryQuery{ConceptID: "renal", Since: mastery.StoredTime(c.minute(20)), Limit: 10}, shown[2] + " " + shown[1]},
		"a page":            {mastery.HistoryQuery{ConceptID: "renal", Limit: 1, Offset: 1}, shown[2]},
		"a page beyond":     {mastery.HistoryQuery{Limit: 10, Offset: 4}, ""},
		"a concept unknown": {mastery.HistoryQuery{ConceptID: "none", Limit: 10}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			attempts, err := c.service.History(t.Context(), core.NewRecordAccess(core.RecordRead, student("hal")), "hal", test.query)
			var values []string
			for _, one := range attempts {
				values = append(values, fmt.Sprint(one.Shown.After))
			}
			if got := strings.Join(values, " "); err != nil || got != test.want {
				t.Errorf("got %q, %v; want %q", got, err, test.want)
			}
		})
	}
}

func recordMoves(t *testing.T, c *masteryFixture) {
	faculty := func(institution string) core.AuthTokenPayload { return caller(core.RoleFaculty, "prof", institution) }
	c.recorded(t, faculty("inst-1"), c.answer("kim", 1, "r1", true)) // new: belongs to the staff's institution
	if _, err := c.record(t, faculty("inst-2"), c.answer("kim", 2, "r1", true)); core.AsError(err).Code != core.CodeNotFound {
		t.Errorf("staff of another institution: %v", err)
	}
	c.recorded(t, caller(core.RoleStudent, "kim", "inst-2"), c.answer("kim", 3, "r1", true))
	if record, err := c.store.Student(t.Context(), "kim"); err != nil || record.InstitutionID != "inst-2" {
		t.Errorf("the record is %+v, %v", record, err)
	}
	c.recorded(t, faculty("inst-2"), c.answer("kim", 4, "r1", true))
	if _, err := c.record(t, faculty("inst-1"), c.answer("kim", 5, "r1", true)); core.AsError(err).Code != core.CodeNotFound {
		t.Errorf("staff of the former institution: %v", err)
	}
	if got := fmt.Sprint(c.moves); got != "[kim inst-1 inst-2]" {
		t.Errorf("moves %s", got)
	}
	if state := c.state(t, "kim"); state.Evidence != 3 {
		t.Errorf("the record has %d answers, want 3", state.Evidence)
	}
}

func endedContext(t *testing.T, c *masteryFixture) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := c.service.Record(ctx, core.NewRecordAccess(core.RecordAnswer, student("lea")), c.answer("lea", 1, "r1", true))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if record, err := c.store.Student(t.Context(), "lea"); record != nil || err != nil {
		t.Errorf("there is a record %v, %v", record, err)
	}
}

func comesBack(t *testing.T, c *masteryFixture) {
	choice := "B"
	answer := mastery.Answer{
		StudentID: "mo:~-._9", ConceptID: "renal", ItemID: "k1", Response: &choice, SessionID: "session-1",
		Latency: 3599999 * time.Millisecond, Key: `a "quoted" key, 100% ' ; --`,
		At: time.Date(2026, 2, 28, 23, 59, 59, 999999999, time.FixedZone("", 5*3600)),
	}
	got := c.recorded(t, student("mo:~-._9"), answer).Attempt
	history, err := c.store.History(t.Context(), core.Record{StudentID: "mo:~-._9", InstitutionID: "inst-1"}, mastery.HistoryQuery{Limit: 10})
	if err != nil || len(history) != 1 || history[0] != got {
		t.Fatalf("kept %+v, %v; want %+v", history, err, got)
	}
	if want := time.Date(2026, 2, 28, 18, 59, 59, 999999000, time.UTC); got.At != want || got.Response != "B" || !got.Correct || got.GradedBy != mastery.GradedByService {
		t.Errorf("got %+v", got)
	}
	state := c.state(t, "mo:~-._9")
	if state.Last != got.Position || state.UpdatedAt != mastery.StoredTime(c.now) || state.Version != 1 {
		t.Errorf("got %+v", state)
	}
}
