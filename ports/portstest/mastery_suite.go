package portstest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/ports"
)

// MasteryStore is what a store of records and bank implements.
type MasteryStore interface {
	ports.Recorder
	ports.RecordReader
	ports.Catalogue
	ports.BankWriter
	ports.ParameterStore
	ports.AnswerReader
	ports.Outbox
	ports.Removals
	ports.LagReader
	ports.Students
}

// MasterySuite tests a store against the contracts of mastery and bank. open returns an empty store of its own; what it
// opened is closed with t.
func MasterySuite(t *testing.T, open func(t *testing.T) MasteryStore) {
	tests := map[string]func(*testing.T, *masteryFixture){
		"six answers give the values of the formulas":                sixAnswers,
		"any order of arrival gives the same state, to the last bit": anyOrder,
		"a repeat gets the first reply and changes nothing":          repeats,
		"answers at once all count":                                  atOnce,
		"what is decided against is not kept":                        nothingKept,
		"a decision that panics stops nobody else":                   panics,
		"a late answer takes up from a snapshot":                     lateFromSnapshot,
		"mastery that has rounded to 1 comes down again":             comesDown,
		"lists of states are filtered, counted, ordered and paged":   listsOfStates,
		"a history has what was shown, by time":                      historyAsShown,
		"the bank shows each institution its own and what is shared": bankOfInstitutions,
		"rows of the bank take the place of those with the same id":  bankRowsReplace,
		"an open bank takes in what it does not have":                openBank,
		"an item that many bring into an open bank has one concept":  openBankAtOnce,
		"a record belongs to the institution of the student's token": recordMoves,
		"an import gives the states of the replay, once":             imports,
		"a call whose context has ended changes nothing":             endedContext,
		"each text, time and number comes back as it was":            comesBack,
		"parameters are kept as versions, and one is in force":       versionsOfParameters,
		"no fit replaces others than those it was held against":      fitHeldAgainstReplaced,
		"parameters are seen where their concept is":                 parametersWithinInstitutions,
		"a concept's answers come in the order of their replay":      answersOfAConcept,
		"states of older parameters are found and computed again":    statesOfOlderParameters,
		"states that the graph has yet to get are due":               statesAreDue,
		"refused states are due again later, or when requeued":       refusedStates,
		"what changed meanwhile stays due":                           changedMeanwhile,
		"an export has every row of a record, and no other":          exportsAll,
		"a deletion leaves no row, and later answers begin anew":     deletesAll,
	}
	for name, run := range tests {
		t.Run(name, func(t *testing.T) { run(t, newMasteryFixture(t, open(t))) })
	}
}

// masteryFixture is a store with a small bank and the use case on it. Its clock stands still.
type masteryFixture struct {
	store   MasteryStore
	service *mastery.Service
	now     time.Time

	mu    sync.Mutex
	ids   int
	moves []string
}

func newMasteryFixture(t *testing.T, store MasteryStore) *masteryFixture {
	t.Helper()
	c := &masteryFixture{store: store, now: time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)}
	c.service = c.serviceOf(false)
	must(t, store.Put(t.Context(), bank.Rows{
		Concepts: []bank.Concept{
			{ID: "renal", Name: "Clearance", Weight: 1}, {ID: "cardiac", Name: "Cardiac output", Weight: 2.5},
			{ID: "secret", Name: "Of another institution", Weight: 1, InstitutionID: "inst-2"},
		},
		Prerequisites: []bank.Prerequisite{{PrerequisiteID: "cardiac", ConceptID: "renal"}, {PrerequisiteID: "secret", ConceptID: "renal"}},
		Items: []bank.Item{
			{ID: "r1", ConceptID: "renal"}, {ID: "r2", ConceptID: "renal"}, {ID: "r3", ConceptID: "renal"},
			{ID: "k1", ConceptID: "renal", Key: "B", Stem: "What is filtered?", Explanation: "U × V ÷ P",
				Options: []bank.Option{{Key: "A", Text: "60 mL/min"}, {Key: "B", Text: "120 mL/min"}}},
			{ID: "c1", ConceptID: "cardiac", Retired: true},
			{ID: "s1", ConceptID: "secret", InstitutionID: "inst-2"}, {ID: "r9", ConceptID: "renal", InstitutionID: "inst-2"},
		},
	}))
	return c
}

func (c *masteryFixture) serviceOf(isOpen bool) *mastery.Service {
	return mastery.New(mastery.Config{
		Mastered: .95, OpenBank: isOpen, Now: func() time.Time { return c.now }, NewID: c.newID,
		StudentMoved: func(_ context.Context, studentID, from, to string) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.moves = append(c.moves, studentID+" "+from+" "+to)
		},
	}, mastery.Stores{Recorder: c.store, Reader: c.store, Parameters: c.store, Answers: c.store})
}

// newID makes ids that sort in no particular order, as those of several copies do.
func (c *masteryFixture) newID() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ids++
	return fmt.Sprintf("%08x-0000-7000-8000-000000000000", uint32(c.ids)*2654435761) //nolint:gosec // a few ids of a test
}

func caller(role core.Role, subject, institutionID string) core.AuthTokenPayload {
	return core.AuthTokenPayload{Subject: subject, Email: subject + "@example.org", Role: role, InstitutionID: institutionID}
}

func student(subject string) core.AuthTokenPayload {
	return caller(core.RoleStudent, subject, "inst-1")
}

func (c *masteryFixture) record(t *testing.T, by core.AuthTokenPayload, answer mastery.Answer) (mastery.Recorded, error) {
	t.Helper()
	return c.service.Record(t.Context(), core.NewRecordAccess(core.RecordAnswer, by), answer)
}

// recorded is record for an answer that has to succeed.
func (c *masteryFixture) recorded(t *testing.T, by core.AuthTokenPayload, answer mastery.Answer) mastery.Recorded {
	t.Helper()
	recorded, err := c.record(t, by, answer)
	must(t, err)
	return recorded
}

func (c *masteryFixture) states(t *testing.T, studentID string) []mastery.State {
	t.Helper()
	page, err := c.service.Mastery(t.Context(), core.NewRecordAccess(core.RecordRead, student(studentID)), studentID,
		mastery.StateQuery{Max: 1, Limit: 1000})
	must(t, err)
	return page.States
}

// state is the student's of the concept renal.
func (c *masteryFixture) state(t *testing.T, studentID string) mastery.State {
	t.Helper()
	for _, state := range c.states(t, studentID) {
		if state.ConceptID == "renal" {
			return state
		}
	}
	t.Fatalf("%s has no state of renal", studentID)
	return mastery.State{}
}

// minute is the time of an answer, some minutes into the past.
func (c *masteryFixture) minute(n int) time.Time {
	return c.now.Add(time.Duration(n-5000) * time.Minute)
}

func (c *masteryFixture) answer(studentID string, minute int, itemID string, correct bool) mastery.Answer {
	return mastery.Answer{
		StudentID: studentID, ConceptID: "renal", ItemID: itemID, Correct: &correct,
		Latency: 1500 * time.Millisecond, At: c.minute(minute),
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// reference computes mastery from the formulas of engines-model.md, with the defaults, as a hidden Markov model: the
// weights of both hidden states are carried from answer to answer, so that neither is a difference of rounded numbers. It
// returns the value after each answer.
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
