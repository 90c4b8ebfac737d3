package portstest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/calibration"
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/core/practice"
	"github.com/journey-os/journey-api/ports"
)

// PracticeStore is what a store of practice implements.
type PracticeStore interface {
	MasteryStore
	ports.PracticeRecorder
	ports.PracticeReader
	ports.BankReader
	ports.ScaleStore
}

// PracticeSuite tests a store against the contracts of practice. open returns an empty store of its own; what it opened
// is closed with t.
func PracticeSuite(t *testing.T, open func(t *testing.T) PracticeStore) {
	tests := map[string]func(*testing.T, *practiceFixture){
		"a session is read as it was written":                          sessionAsWritten,
		"the same answer again gets the first reply, and counts once":  answerAgain,
		"tabs that answer at once are one answer":                      tabsAtOnce,
		"a student has one active session":                             oneActiveSession,
		"a session that nobody answers in for a day is abandoned":      abandonedSession,
		"an answer to the open item is one in its session":             answersByUpdate,
		"the ability is that of the newest first attempts":             abilityOfFirstAttempts,
		"what the bank has of others, and what is retired, never come": neverPicked,
		"a change of the bank is seen":                                 bankChanges,
		"sessions are listed by record, status and page":               listsOfSessions,
		"every pick can be made again":                                 picksAgain,
		"what is decided against is not kept of a session":             nothingKeptOfSession,
	}
	for name, run := range tests {
		t.Run(name, func(t *testing.T) { run(t, newPracticeFixture(t, open(t))) })
	}
}

// practiceFixture is a store with a small bank, and the use case on it. Its clock moves by a second with each reading.
type practiceFixture struct {
	store   PracticeStore
	mastery *mastery.Service
	service *practice.Service

	mu  sync.Mutex
	now time.Time
	ids int
}

// The fixture's concepts: c0 to c5, each but the first built on the one before; every one has four items.
const (
	studioConcepts = 6
	studioItems    = 4
)

func newPracticeFixture(t *testing.T, store PracticeStore) *practiceFixture {
	t.Helper()
	s := &practiceFixture{store: store, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	var rows bank.Rows
	for c := range studioConcepts {
		concept := fmt.Sprint("c", c)
		rows.Concepts = append(rows.Concepts, bank.Concept{ID: concept, Name: fmt.Sprint("Concept ", c), Weight: 1})
		if c > 0 {
			rows.Prerequisites = append(rows.Prerequisites, bank.Prerequisite{PrerequisiteID: fmt.Sprint("c", c-1), ConceptID: concept})
		}
		for i := range studioItems {
			rows.Items = append(rows.Items, bank.Item{
				ID: fmt.Sprint(concept, "-", i), ConceptID: concept, Key: "A", Stem: "Which?", Explanation: "The first.",
				Options: []bank.Option{{Key: "A", Text: "this"}, {Key: "B", Text: "that"}},
			})
		}
	}
	must(t, store.Put(t.Context(), rows))
	s.build(practice.Config{Settings: adaptive.DefaultSettings(), Drift: .005})
	return s
}

// build replaces the use case by one with other settings.
func (s *practiceFixture) build(config practice.Config) {
	config.Now, config.NewID = s.clock, s.id
	s.mastery = mastery.New(mastery.Config{Mastered: .95, Now: s.clock, NewID: s.id}, mastery.Stores{Recorder: s.store, Reader: s.store})
	s.service = practice.New(config, s.mastery, practice.Stores{
		Recorder: s.store, Reader: s.store, Students: s.store, Bank: s.store, InForce: calibration.NewInForce(s.store, s.clock),
	})
}

func (s *practiceFixture) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(time.Second)
	return s.now
}

func (s *practiceFixture) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// id returns UUIDs in their order.
func (s *practiceFixture) id() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ids++
	return fmt.Sprintf("00000000-0000-7000-8000-%012d", s.ids)
}

// practises is a student's access, of inst-1.
func practises(student string, action core.RecordAction) *core.RecordAccess {
	return core.NewRecordAccess(action, core.AuthTokenPayload{Subject: student, Role: core.RoleStudent, InstitutionID: "inst-1"})
}

func (s *practiceFixture) open(ctx context.Context, student string, plan practice.Plan) (practice.SessionView, error) {
	if plan.TimeMode == "" {
		plan.TimeMode = practice.Untimed
	}
	return s.service.Open(ctx, practises(student, core.RecordPractice), plan)
}

// answer answers an item now; right is A.
func (s *practiceFixture) answer(ctx context.Context, student, session, item, response string) (practice.Answered, error) {
	return s.service.Answer(ctx, practises(student, core.RecordPractice), practice.Answer{
		SessionID: session, ItemID: item, Response: &response, Latency: time.Second, At: s.clock(),
	})
}

// update answers an item of any concept by the route of mastery.
func (s *practiceFixture) update(ctx context.Context, student string, answer mastery.Answer) (mastery.Recorded, error) {
	answer.StudentID, answer.ConceptID = student, answer.ItemID[:2]
	if answer.At.IsZero() {
		answer.At = s.clock()
	}
	return s.service.Record(ctx, practises(student, core.RecordAnswer), answer)
}
