package practice

import (
	"maps"
	"slices"
	"time"
)

// Status is how far a session is.
type Status string

// A session is active until it ends. One that nobody answered in for AbandonedAfter is abandoned.
const (
	StatusActive    Status = "active"
	StatusCompleted Status = "completed"
	StatusAbandoned Status = "abandoned"
)

// EndedBy says what ended a session.
type EndedBy string

// What ends a session: all questions are answered, a stop rule holds, the student completes it, no item is left, nobody
// answered for AbandonedAfter.
const (
	EndedByCount         EndedBy = "count"
	EndedByStop          EndedBy = "stop"
	EndedByStudent       EndedBy = "student"
	EndedByPoolExhausted EndedBy = "pool_exhausted"
	EndedByTimeout       EndedBy = "timeout"
)

// AbandonedAfter is how long after its opening or its last answer a session is abandoned.
const AbandonedAfter = 24 * time.Hour

// TimeMode is whether questions have a time limit.
type TimeMode string

// The limit of a timed question is kept by the client.
const (
	Timed   TimeMode = "timed"
	Untimed TimeMode = "untimed"
)

// Plan is what a student asks for.
type Plan struct {
	// Scope is the concepts to practise, each once, in the order in which they were named.
	Scope []string
	// Questions is how many items are given at most.
	Questions int
	TimeMode  TimeMode
	// Timer is the limit of each question; 0 if the session is untimed.
	Timer time.Duration
	Stop  Stop
}

// Stop says what else ends a session, after each answer.
type Stop struct {
	// SD ends it once the standard deviation of the ability is at most this; 0 for no such rule.
	SD float64
	// AllMastered ends it once every concept in scope needs no practice any more: its mastery is at least
	// adaptive.Settings.Ready.
	AllMastered bool
}

// Session is a student's practice of some concepts.
type Session struct {
	// ID is a UUIDv7.
	ID        string
	StudentID string
	Plan
	Status Status
	// EndedBy is empty while the session is active.
	EndedBy           EndedBy
	Answered, Correct int
	StartedAt         time.Time
	// TouchedAt is when it was opened or answered in last.
	TouchedAt time.Time
	// CompletedAt is zero unless the session is completed.
	CompletedAt time.Time
	// Before is the mastery of each concept in scope at the opening, and of what was practised outside of it before its
	// first item; After is that of the same concepts at the end, and nil until then.
	Before, After map[string]float64
	// Ability is the student's at the last answer, or at the opening.
	Ability Ability
}

// At returns the session as it is at a time: abandoned, if it is active and nobody answered for too long.
func (s Session) At(now time.Time) Session {
	if s.Status == StatusActive && now.Sub(s.TouchedAt) >= AbandonedAfter {
		s.Status, s.EndedBy = StatusAbandoned, EndedByTimeout
	}
	return s
}

// end completes the session.
func (s *Session) end(by EndedBy, now time.Time, c choice) {
	s.Status, s.EndedBy, s.CompletedAt = StatusCompleted, by, now
	s.After = c.masteryOf(slices.Collect(maps.Keys(s.Before)))
}

// Concepts returns those of Before: the scope in its order, then the others in order of their ids.
func (s Session) Concepts() []string {
	concepts := slices.Clone(s.Scope)
	for _, concept := range slices.Sorted(maps.Keys(s.Before)) {
		if !slices.Contains(s.Scope, concept) {
			concepts = append(concepts, concept)
		}
	}
	return concepts
}
