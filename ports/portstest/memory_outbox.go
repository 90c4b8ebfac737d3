package portstest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/ports"
)

var (
	_ ports.Outbox    = (*Memory)(nil)
	_ ports.Removals  = (*Memory)(nil)
	_ ports.LagReader = (*Memory)(nil)
)

// refusal is why the graph did not take a state, and when to try again.
type refusal struct {
	cause string
	due   time.Time
}

// DueStates returns the states that the graph does not have yet.
func (m *Memory) DueStates(ctx context.Context, now time.Time, limit int) ([]mastery.GraphState, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var pending, refused []mastery.State
	for student, states := range m.states {
		for _, state := range states {
			switch {
			case slices.Contains(m.removals, student):
			case state.Sync == mastery.SyncPending:
				pending = append(pending, state)
			case state.Sync == mastery.SyncFailed && !m.refused[[2]string{student, state.ConceptID}].due.After(now):
				refused = append(refused, state)
			}
		}
	}
	older := func(a, b mastery.State) int { return a.UpdatedAt.Compare(b.UpdatedAt) }
	slices.SortFunc(pending, older)
	slices.SortFunc(refused, older)
	var due []mastery.GraphState
	for _, state := range slices.Concat(pending, refused) {
		if len(due) < limit {
			due = append(due, mastery.GraphState{
				StudentID: state.StudentID, ConceptID: state.ConceptID, Mastery: state.Mastery, Trend: state.Trend(),
				Evidence: state.Evidence, UpdatedAt: state.UpdatedAt, Version: state.Version,
			})
		}
	}
	return due, ctx.Err()
}

// SaveOutcomes saves the outcomes of a sync.
func (m *Memory) SaveOutcomes(ctx context.Context, outcomes []mastery.SyncOutcome) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, one := range outcomes {
		state, ok := m.states[one.StudentID][one.ConceptID]
		if !ok || state.Version != one.Version {
			continue
		}
		state.Sync = mastery.SyncSynced
		if one.Refused != "" {
			state.Sync = mastery.SyncFailed
			m.refused[[2]string{one.StudentID, one.ConceptID}] = refusal{one.Refused, one.RetryAt}
		}
		m.states[one.StudentID][one.ConceptID] = state
	}
	return ctx.Err()
}

// Requeue makes states pending that the graph refused or that were never queued.
func (m *Memory) Requeue(ctx context.Context) (requeued int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, states := range m.states {
		for conceptID, state := range states {
			if state.Sync == mastery.SyncOff || state.Sync == mastery.SyncFailed {
				state.Sync = mastery.SyncPending
				states[conceptID] = state
				requeued++
			}
		}
	}
	return requeued, ctx.Err()
}

// Removals lists the students who are yet to be removed from the graph.
func (m *Memory) Removals(ctx context.Context, limit int) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	slices.Sort(m.removals)
	return slices.Clone(m.removals[:min(limit, len(m.removals))]), ctx.Err()
}

// DeleteRemovals drops the entries of students who were removed from the graph.
func (m *Memory) DeleteRemovals(ctx context.Context, studentIDs []string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.removals = slices.DeleteFunc(m.removals, func(id string) bool { return slices.Contains(studentIDs, id) })
	return ctx.Err()
}

// Lag returns how far the graph is behind.
func (m *Memory) Lag(ctx context.Context) (mastery.Lag, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	lag := mastery.Lag{Removals: len(m.removals)}
	causes := map[string]int{}
	for _, states := range m.states {
		for _, state := range states {
			switch state.Sync {
			case mastery.SyncPending:
				if lag.Pending++; lag.OldestPending.IsZero() || state.UpdatedAt.Before(lag.OldestPending) {
					lag.OldestPending = state.UpdatedAt
				}
			case mastery.SyncFailed:
				causes[m.refused[[2]string{state.StudentID, state.ConceptID}].cause]++
			default:
			}
		}
	}
	for cause, states := range causes {
		lag.Refused = append(lag.Refused, mastery.Refusal{Cause: cause, States: states})
	}
	slices.SortFunc(lag.Refused, func(a, b mastery.Refusal) int {
		return cmp.Or(cmp.Compare(b.States, a.States), cmp.Compare(a.Cause, b.Cause))
	})
	return lag, ctx.Err()
}
