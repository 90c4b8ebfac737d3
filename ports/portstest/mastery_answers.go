package portstest

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/mastery"
)

// reference computes mastery from the model's formulas, with the defaults, as a hidden Markov model: the weights of
// both hidden states are carried from answer to answer, so that neither is a difference of rounded numbers. It returns
// the value after each answer.
func reference(answers []bool) []float64 {
	const l0, learn, guess, slip = .1, .2, .25, .1
	known, unknown, values := l0, 1-l0, make([]float64, 0, len(answers))
	for _, right := range answers {
		if right {
			known, unknown = known*(1-slip), unknown*guess
		} else {
			known, unknown = known*slip, unknown*(1-guess)
		}
		known, unknown = known+unknown*learn, unknown*(1-learn)
		known, unknown = known/(known+unknown), unknown/(known+unknown)
		values = append(values, known)
	}
	return values
}

func sixAnswers(t *testing.T, c *masteryFixture) {
	want := []float64{.428571, .783784, .460674, .803681, .949166, .988273}
	trends := []string{"stable", "stable", "stable", "stable", "improving", "improving"}
	before := .1
	for i, right := range []bool{true, true, false, true, true, true} {
		got := c.recorded(t, student("ana"), c.answer("ana", i, "r1", right)).Attempt
		shown := got.Shown
		if math.Abs(shown.After-want[i]) > 5e-7 || math.Abs(shown.Before-before) > 1e-15 {
			t.Errorf("answer %d: %v then %v, want %v then %v", i+1, shown.Before, shown.After, before, want[i])
		}
		if next := shown.After*.9 + (1-shown.After)*.25; math.Abs(shown.NextCorrect-next) > 1e-12 {
			t.Errorf("answer %d: the next is right with %v, want %v", i+1, shown.NextCorrect, next)
		}
		if shown.Evidence != i+1 || string(shown.Trend) != trends[i] || shown.IsMastered != (i == 5) || shown.Sync != "off" {
			t.Errorf("answer %d: %+v", i+1, shown)
		}
		before = shown.After
	}
}

// shuffled are answers with ties of every kind, in an order by chance.
func (c *masteryFixture) shuffled(count int, chance *rand.Rand) []mastery.Answer {
	answers := make([]mastery.Answer, count)
	for i := range answers {
		item := []string{"r1", "r2", "r3"}[chance.IntN(3)]
		answers[i] = c.answer("", chance.IntN(count), item, chance.IntN(2) == 0)
		if chance.IntN(3) == 0 {
			answers[i].Key = fmt.Sprintf("key-%d", i)
		}
	}
	return answers
}

// replayed is what an independent replay makes of the answers: by time, then item, then wrong before right.
func replayed(answers []mastery.Answer) []float64 {
	ordered := slices.SortedFunc(slices.Values(answers), func(a, b mastery.Answer) int {
		byOutcome := 0
		if *a.Correct != *b.Correct {
			byOutcome = 1
			if *b.Correct {
				byOutcome = -1
			}
		}
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ItemID, b.ItemID), byOutcome)
	})
	outcomes := make([]bool, len(ordered))
	for i, one := range ordered {
		outcomes[i] = *one.Correct
	}
	return reference(outcomes)
}

// withoutRepeats drops repeats of answers without a key.
func withoutRepeats(answers []mastery.Answer) []mastery.Answer {
	var kept []mastery.Answer
	for _, a := range answers {
		if a.Key == "" && slices.ContainsFunc(kept, func(b mastery.Answer) bool {
			return b.Key == "" && a.At.Equal(b.At) && a.ItemID == b.ItemID && *a.Correct == *b.Correct
		}) {
			continue
		}
		kept = append(kept, a)
	}
	return kept
}

func anyOrder(t *testing.T, c *masteryFixture) {
	for seed := range uint64(4) {
		chance := rand.New(rand.NewPCG(seed, 7)) //nolint:gosec // an order of a test
		answers := withoutRepeats(c.shuffled(40+60*int(seed), chance))
		values := replayed(answers)
		want := values[len(values)-1]
		var first mastery.State
		for round := range 3 {
			studentID := fmt.Sprintf("s%d-%d", seed, round)
			chance.Shuffle(len(answers), func(i, j int) { answers[i], answers[j] = answers[j], answers[i] })
			for _, one := range answers {
				one.StudentID = studentID
				if c.recorded(t, student(studentID), one).Replayed {
					t.Fatalf("seed %d: an answer that is new was taken for a repeat: %+v", seed, one)
				}
			}
			state := c.state(t, studentID)
			if state.Evidence != len(answers) || math.Abs(state.Mastery-want) > 1e-12 {
				t.Fatalf("seed %d: %d answers give %v, want %d and %v", seed, state.Evidence, state.Mastery, len(answers), want)
			}
			if round == 0 {
				first = state
			}
			if state.State != first.State {
				t.Fatalf("seed %d, order %d: %+v, want the same bits as %+v", seed, round, state.State, first.State)
			}
		}
	}
}

func repeats(t *testing.T, c *masteryFixture) {
	plain, keyed := c.answer("bea", 1, "r1", true), c.answer("bea", 1, "r1", true)
	keyed.Key = "once"
	for _, one := range []mastery.Answer{plain, keyed} {
		first := c.recorded(t, student("bea"), one)
		c.recorded(t, student("bea"), c.answer("bea", 30+len(one.Key), "r2", false))
		again := c.recorded(t, student("bea"), one)
		if first.Replayed || !again.Replayed || again.Attempt != first.Attempt {
			t.Errorf("with key %q: first %+v, again %+v", one.Key, first, again)
		}
	}
	if state := c.state(t, "bea"); state.Evidence != 4 || state.Version != 4 {
		t.Errorf("four answers and two repeats left %+v", state)
	}
	other := c.answer("bea", 2, "r1", true)
	other.Key = "once"
	if _, err := c.record(t, student("bea"), other); core.AsError(err).Reason != core.ReasonIdempotencyKeyReused {
		t.Errorf("the key with another answer: %v", err)
	}
	contradiction := c.answer("bea", 1, "r1", false)
	if got := c.recorded(t, student("bea"), contradiction); got.Replayed || !got.Late || got.Attempt.Shown.Evidence != 5 {
		t.Errorf("wrong and right at one moment both count: %+v", got)
	}
	staff := c.answer("bea", 1, "r1", true)
	staff.Key = "once"
	if got := c.recorded(t, caller(core.RoleFaculty, "prof", "inst-1"), staff); got.Replayed {
		t.Error("the key of another caller was taken for the same")
	}
}

func atOnce(t *testing.T, c *masteryFixture) {
	const people, each = 8, 25
	var group sync.WaitGroup
	faults := make(chan error, people)
	for p := range people {
		group.Go(func() {
			for i := range each {
				answer := c.answer("cem", i, "r1", (p+i)%3 > 0)
				answer.Key = fmt.Sprintf("%d-%d", p, i)
				if _, err := c.service.Record(t.Context(), core.NewRecordAccess(core.RecordAnswer, student("cem")), answer); err != nil {
					faults <- err
					return
				}
			}
		})
	}
	group.Wait()
	close(faults)
	for err := range faults {
		t.Error(err)
	}
	var answers []mastery.Answer
	for p := range people {
		for i := range each {
			one := c.answer("cem", i, "r1", (p+i)%3 > 0)
			one.Key = fmt.Sprintf("%d-%d", p, i)
			answers = append(answers, one)
		}
	}
	want := replayed(answers)
	if state := c.state(t, "cem"); state.Evidence != people*each || math.Abs(state.Mastery-want[len(want)-1]) > 1e-12 {
		t.Errorf("got %d answers and %v, want %d and %v", state.Evidence, state.Mastery, people*each, want[len(want)-1])
	}
}

func nothingKept(t *testing.T, c *masteryFixture) {
	refused := errors.New("refused")
	arrival := mastery.AnswerLookup{StudentID: "dan", ConceptID: "renal", ItemID: "r1", At: c.minute(1)}
	err := c.store.Answer(t.Context(), arrival, func(found mastery.AnswerData) (mastery.Change, error) {
		if found.Student != nil || found.Item == nil || found.Concept == nil || len(found.States) > 0 {
			t.Errorf("found %+v", found)
		}
		return mastery.Change{Student: &core.Record{StudentID: "dan", InstitutionID: "inst-1"}}, refused
	})
	if !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
	if record, err := c.store.Student(t.Context(), "dan"); record != nil || err != nil {
		t.Errorf("there is a record %v, %v", record, err)
	}
}

func panics(t *testing.T, c *masteryFixture) {
	arrival := mastery.AnswerLookup{StudentID: "eva", ConceptID: "renal", ItemID: "r1", At: c.minute(1)}
	err := func() (err error) {
		defer func() {
			if recover() != nil {
				err = errors.New("panicked")
			}
		}()
		return c.store.Answer(t.Context(), arrival, func(mastery.AnswerData) (mastery.Change, error) { panic("a bug") })
	}()
	if err == nil {
		t.Error("it succeeded")
	}
	c.recorded(t, student("eva"), c.answer("eva", 1, "r1", true))
}
