package portstest

import (
	"context"
	"iter"
	"maps"
	"slices"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/core/students"
	"github.com/journey-os/journey-api/ports"
)

var _ ports.Students = (*Memory)(nil)

// Delete deletes every row of a record.
func (m *Memory) Delete(ctx context.Context, record core.Record, followed bool) (deleted bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	id := record.StudentID
	if m.students[id] != record || ctx.Err() != nil {
		return false, ctx.Err()
	}
	if followed && !slices.Contains(m.removals, id) {
		m.removals = append(m.removals, id)
	}
	delete(m.students, id)
	delete(m.attempts, id)
	delete(m.states, id)
	m.snapshots = slices.DeleteFunc(m.snapshots, func(one mastery.Snapshot) bool { return one.StudentID == id })
	maps.DeleteFunc(m.keys, func(_ mastery.Key, keyed mastery.KeyedAnswer) bool { return keyed.Attempt.StudentID == id })
	return true, nil
}

// Rows yields every row of a record.
func (m *Memory) Rows(_ context.Context, record core.Record) iter.Seq2[students.Row, error] {
	m.mu.Lock()
	defer m.mu.Unlock()
	id := record.StudentID
	var rows []students.Row
	add := func(part string, columns []string, values ...any) {
		rows = append(rows, students.Row{Table: part, Columns: append([]string{"student_id"}, columns...), Values: append([]any{id}, values...)})
	}
	if m.students[id] == record {
		add("students", []string{"institution_id"}, record.InstitutionID)
		for _, one := range m.attempts[id] {
			add("attempts", []string{"item_id", "answered_at", "correct"}, one.ItemID, one.At, one.Correct)
		}
		for _, conceptID := range slices.Sorted(maps.Keys(m.states[id])) {
			add("states", []string{"concept_id", "p_mastered"}, conceptID, m.states[id][conceptID].Mastery)
		}
		for key, keyed := range m.keys {
			if keyed.Attempt.StudentID == id {
				add("idempotency_keys", []string{"key"}, key.Text)
			}
		}
	}
	return func(yield func(students.Row, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}
