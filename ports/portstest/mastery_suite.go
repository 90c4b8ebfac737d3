package portstest

import (
	"context"
	"fmt"
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
		"a state read in a refit is the old one or the new one":      readsInARefit,
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
