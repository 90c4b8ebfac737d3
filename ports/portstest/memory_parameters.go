package portstest

import (
	"context"
	"maps"
	"slices"

	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/bkt"
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/ports"
)

var (
	_ ports.ParameterStore = (*Memory)(nil)
	_ ports.AnswerReader   = (*Memory)(nil)
)

func (m *Memory) versionInForce(conceptID string) mastery.Parameters {
	if version := m.inForce[conceptID]; version > 0 {
		return m.parameters[conceptID][version-1]
	}
	return mastery.Parameters{ConceptID: conceptID, Model: mastery.DefaultModel()}
}

// InForce returns the parameters of a concept that are in force.
func (m *Memory) InForce(ctx context.Context, scope bank.Scope, conceptID string) (*mastery.Parameters, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	concept, ok := m.concepts[conceptID]
	if !ok || !scope.Sees(concept.InstitutionID) || ctx.Err() != nil {
		return nil, ctx.Err()
	}
	found := m.versionInForce(conceptID)
	return &found, nil
}

// AddFit saves a fit, and puts it into force if it is applied.
func (m *Memory) AddFit(ctx context.Context, fit mastery.Parameters, replaced int) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case fit.Applied && m.inForce[fit.ConceptID] != replaced:
		return 0, mastery.ErrReplaced
	}
	fit.Version = len(m.parameters[fit.ConceptID]) + 1
	m.parameters[fit.ConceptID] = append(m.parameters[fit.ConceptID], fit)
	if fit.Applied {
		m.inForce[fit.ConceptID] = fit.Version
	}
	return fit.Version, nil
}

// Restore puts a version into force.
func (m *Memory) Restore(ctx context.Context, conceptID string, version int) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, isConcept := m.concepts[conceptID]
	if ctx.Err() != nil || !isConcept || version < 0 || version > len(m.parameters[conceptID]) {
		return false, ctx.Err()
	}
	m.inForce[conceptID] = version
	return true, nil
}

// Answers returns what all students answered to a concept.
func (m *Memory) Answers(ctx context.Context, conceptID string) ([]bkt.Student, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var students []bkt.Student
	for _, studentID := range slices.Sorted(maps.Keys(m.attempts)) {
		of := bkt.Student{ID: studentID}
		for _, one := range m.attempts[studentID] {
			if one.ConceptID == conceptID {
				of.Answers = append(of.Answers, one.Correct)
			}
		}
		if len(of.Answers) > 0 {
			students = append(students, of)
		}
	}
	return students, ctx.Err()
}

// CountOutdated counts such states by concept.
func (m *Memory) CountOutdated(ctx context.Context, conceptID string) (map[string]int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	counts := map[string]int{}
	for _, states := range m.states {
		for id, state := range states {
			if (conceptID == "" || conceptID == id) && state.ParametersVersion != m.inForce[id] {
				counts[id]++
			}
		}
	}
	return counts, ctx.Err()
}

// Outdated returns students whose state was computed with other parameters than those in force.
func (m *Memory) Outdated(ctx context.Context, conceptID string, limit int) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var students []string
	for _, studentID := range slices.Sorted(maps.Keys(m.states)) {
		state, ok := m.states[studentID][conceptID]
		if ok && state.ParametersVersion != m.inForce[conceptID] && len(students) < limit {
			students = append(students, studentID)
		}
	}
	return students, ctx.Err()
}
