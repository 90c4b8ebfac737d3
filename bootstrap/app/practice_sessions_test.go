package app_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/journey-os/journey-api/bootstrap/app"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/core/practice"
)

// sessionsOf gives each record of the matrix an active session whose open item is that of the samples.
type sessionsOf struct {
	t     *testing.T
	store app.Store
	ids   map[core.Record]string
}

// parameters name the record's session. One that a request ended or answered in is followed by another.
func (s *sessionsOf) parameters(record core.Record) map[string]string {
	s.t.Helper()
	held, err := s.store.Session(s.t.Context(), s.ids[record])
	if err != nil {
		s.t.Fatal(err)
	}
	if held == nil || held.Open == nil || held.Status != practice.StatusActive {
		s.ids[record] = s.open(record)
	}
	return map[string]string{"session_id": s.ids[record]}
}

// open begins a session, and ends the one that is active.
func (s *sessionsOf) open(record core.Record) string {
	s.t.Helper()
	now := time.Now()
	opened := practice.Session{
		ID: uuid.Must(uuid.NewV7()).String(), StudentID: record.StudentID, Status: practice.StatusActive, StartedAt: now, TouchedAt: now,
		Plan:   practice.Plan{Scope: []string{"anion-gap"}, Questions: 5, TimeMode: practice.Untimed},
		Before: map[string]float64{"anion-gap": .1},
	}
	given := practice.GivenItem{
		SessionID: opened.ID, StudentID: record.StudentID, Position: 1, Graph: practice.GraphDatabase, At: now,
		Pick: adaptive.Pick{Item: adaptive.Item{ID: "anion-gap-01", Concept: "anion-gap"}, Strategy: adaptive.StrategyWeakestConcept},
	}
	arrival := practice.AnswerLookup{AnswerLookup: mastery.AnswerLookup{StudentID: record.StudentID}}
	err := s.store.Practise(s.t.Context(), arrival, func(found practice.AnswerData) (practice.Change, error) {
		change := practice.Change{Opened: &opened, Next: &given}
		if found.Session != nil {
			found.Session.Status = practice.StatusCompleted
			change.Session = found.Session
		}
		return change, nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return opened.ID
}
