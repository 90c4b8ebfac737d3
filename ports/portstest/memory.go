package portstest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/ports"
)

// Memory is a store in memory, for tests of the code around the stores. MasterySuite tests it as it tests the real
// ones.
type Memory struct {
	mu            sync.Mutex
	students      map[string]core.Record
	concepts      map[string]bank.Concept
	prerequisites map[bank.Prerequisite]bool
	items         map[string]bank.Item
	attempts      map[string][]mastery.Attempt // by student, by position
	states        map[string]map[string]mastery.State
	snapshots     []mastery.Snapshot
	keys          map[mastery.Key]mastery.KeyedAnswer
	parameters    map[string][]mastery.Parameters // by concept, the version less 1 being the index
	inForce       map[string]int
	removals      []string
	refused       map[[2]string]refusal
}

var (
	_ ports.Recorder     = (*Memory)(nil)
	_ ports.RecordReader = (*Memory)(nil)
	_ ports.Catalogue    = (*Memory)(nil)
	_ ports.BankWriter   = (*Memory)(nil)
)

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{
		students: map[string]core.Record{}, concepts: map[string]bank.Concept{}, prerequisites: map[bank.Prerequisite]bool{},
		items: map[string]bank.Item{}, attempts: map[string][]mastery.Attempt{},
		states: map[string]map[string]mastery.State{}, keys: map[mastery.Key]mastery.KeyedAnswer{},
		parameters: map[string][]mastery.Parameters{}, inForce: map[string]int{}, refused: map[[2]string]refusal{},
	}
}

// Answer records one answer.
func (m *Memory) Answer(ctx context.Context, arrival mastery.AnswerLookup, decide func(mastery.AnswerData) (mastery.Change, error)) error {
	return m.change(ctx, func() (mastery.Change, error) {
		found := mastery.AnswerData{StudentData: m.held(arrival.StudentID, []string{arrival.ConceptID})}
		if concept, ok := m.concepts[arrival.ConceptID]; ok {
			found.Concept = &concept
		}
		if item, ok := m.items[arrival.ItemID]; ok {
			found.Item = &item
		}
		if arrival.Key != nil {
			if keyed, ok := m.keys[*arrival.Key]; ok {
				found.Keyed = &keyed
			}
			return decide(found)
		}
		for _, one := range m.attempts[arrival.StudentID] {
			if one.ConceptID == arrival.ConceptID && one.ItemID == arrival.ItemID && one.At.Equal(arrival.At) && one.Identity == "" {
				found.Same = append(found.Same, one)
			}
		}
		return decide(found)
	})
}

// Revise changes many attempts of one student.
func (m *Memory) Revise(ctx context.Context, revision mastery.Revision, decide func(mastery.StudentData) (mastery.Change, error)) error {
	return m.change(ctx, func() (mastery.Change, error) {
		held := m.held(revision.StudentID, revision.Concepts)
		for _, one := range m.attempts[revision.StudentID] {
			if !one.At.Before(revision.From) && !one.At.After(revision.To) {
				held.Existing = append(held.Existing, mastery.PlacedAttempt{ConceptID: one.ConceptID, Position: one.Position})
			}
		}
		return decide(held)
	})
}

func (m *Memory) change(ctx context.Context, decide func() (mastery.Change, error)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	change, err := decide()
	if err != nil {
		return err
	}
	return m.keep(change)
}

func (m *Memory) held(studentID string, concepts []string) mastery.StudentData {
	held := mastery.StudentData{States: map[string]mastery.State{}, Models: map[string]mastery.Model{}}
	if student, ok := m.students[studentID]; ok {
		held.Student = &student
	}
	for _, conceptID := range concepts {
		held.Models[conceptID] = m.versionInForce(conceptID).Model
		if state, ok := m.states[studentID][conceptID]; ok {
			held.States[conceptID] = state
		}
	}
	held.ReplayTail = func(conceptID string, before mastery.Position) (mastery.ReplayTail, error) {
		return m.past(studentID, conceptID, before, held.Models[conceptID].Version), nil
	}
	return held
}

func (m *Memory) past(studentID, conceptID string, before mastery.Position, version int) mastery.ReplayTail {
	var past mastery.ReplayTail
	for _, one := range m.snapshots {
		if one.StudentID == studentID && one.ConceptID == conceptID && one.ParametersVersion == version &&
			one.At.Compare(before) < 0 && (past.From == nil || past.From.At.Compare(one.At) < 0) {
			past.From = &one
		}
	}
	for _, one := range m.attempts[studentID] {
		if one.ConceptID == conceptID && (past.From == nil || past.From.At.Compare(one.Position) < 0) {
			past.Attempts = append(past.Attempts, one.Position)
		}
	}
	return past
}

func (m *Memory) keep(change mastery.Change) error {
	for _, one := range change.Attempts {
		if slices.ContainsFunc(m.attempts[one.StudentID], func(known mastery.Attempt) bool {
			return known.ConceptID == one.ConceptID && known.Position == one.Position
		}) {
			return errors.New("the attempt is there already")
		}
	}
	if change.Student != nil {
		m.students[change.Student.StudentID] = *change.Student
	}
	if change.Concept != nil {
		m.concepts[change.Concept.ID] = *change.Concept
	}
	if change.Item != nil {
		m.items[change.Item.ID] = *change.Item
	}
	for _, one := range change.Attempts {
		all := slices.Concat(m.attempts[one.StudentID], []mastery.Attempt{one})
		slices.SortStableFunc(all, func(a, b mastery.Attempt) int {
			return cmp.Or(a.Compare(b.Position), cmp.Compare(a.ConceptID, b.ConceptID))
		})
		m.attempts[one.StudentID] = all
	}
	for _, one := range change.States {
		if m.states[one.StudentID] == nil {
			m.states[one.StudentID] = map[string]mastery.State{}
		}
		m.states[one.StudentID][one.ConceptID] = one
	}
	for _, stale := range change.Stale {
		m.snapshots = slices.DeleteFunc(m.snapshots, func(one mastery.Snapshot) bool {
			return one.StudentID == stale.StudentID && one.ConceptID == stale.ConceptID && one.At.Compare(stale.From) >= 0
		})
	}
	m.snapshots = append(m.snapshots, change.Snapshots...)
	if change.Key != nil {
		m.keys[change.Key.Key] = *change.Key
	}
	return nil
}

// Student returns the institution of a student's record.
func (m *Memory) Student(ctx context.Context, studentID string) (*core.Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if student, ok := m.students[studentID]; ok {
		return &student, ctx.Err()
	}
	return nil, ctx.Err()
}

// States lists states, and counts them.
func (m *Memory) States(ctx context.Context, record core.Record, query mastery.StateQuery) (mastery.StatePage, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var page mastery.StatePage
	if m.students[record.StudentID] != record {
		return page, ctx.Err()
	}
	for _, state := range m.states[record.StudentID] {
		if (query.ConceptID != "" && state.ConceptID != query.ConceptID) || state.Mastery < query.Min || state.Mastery > query.Max {
			continue
		}
		page.States = append(page.States, state)
		page.Total++
		if state.Mastery >= query.Mastered {
			page.Mastered++
		}
	}
	slices.SortFunc(page.States, func(a, b mastery.State) int {
		return cmp.Or(cmp.Compare(a.Mastery, b.Mastery), cmp.Compare(a.ConceptID, b.ConceptID))
	})
	page.States = part(page.States, bank.Page{Limit: query.Limit, Offset: query.Offset})
	return page, ctx.Err()
}

// History lists attempts.
func (m *Memory) History(ctx context.Context, record core.Record, query mastery.HistoryQuery) ([]mastery.Attempt, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.students[record.StudentID] != record {
		return nil, ctx.Err()
	}
	var attempts []mastery.Attempt
	for _, one := range m.attempts[record.StudentID] {
		if (query.ConceptID == "" || one.ConceptID == query.ConceptID) && !one.At.Before(query.Since) {
			attempts = append(attempts, one)
		}
	}
	return part(attempts, bank.Page{Limit: query.Limit, Offset: query.Offset}), ctx.Err()
}
