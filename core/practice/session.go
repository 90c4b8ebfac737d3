package practice

import (
	"maps"
	"slices"
	"time"
)

// Status is the state of a session.
type Status string

// A session is active until it ends. It is abandoned after AbandonedAfter without an answer.
const (
	StatusActive    Status = "active"
	StatusCompleted Status = "completed"
	StatusAbandoned Status = "abandoned"
)

// EndedBy is what ended a session.
type EndedBy string

// What ends a session: all questions are answered, a stop rule holds, the student completes it, no item is left, or
// there was no answer for AbandonedAfter.
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

// The client enforces the limit of a timed question.
const (
	Timed   TimeMode = "timed"
	Untimed TimeMode = "untimed"
)

// Plan is what a student asks for.
type Plan struct {
	// Scope is the concepts to practise, each once, in the order of the request.
	Scope []string
	// Questions is how many items are given at most.
	Questions int
	TimeMode  TimeMode
	// Timer is the limit of each question; 0 if the session is untimed.
	Timer time.Duration
	Stop  StopRules
}

// StopRules are further rules that end a session. They are checked after each answer.
type StopRules struct {
	// SD ends it once the standard deviation of the ability is at most this; 0 for no such rule.
	SD float64
	// AllMastered ends it once no concept in scope needs practice any more: the mastery of each is at least
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
	// TouchedAt is when it was opened, or when its last answer came.
	TouchedAt time.Time
	// CompletedAt is zero unless the session is completed.
	CompletedAt time.Time
	// Before is the mastery of each concept in scope at the opening, and of each concept practised outside the scope
	// before its first item. After is the mastery of the same concepts at the end, nil until then.
	Before, After map[string]float64
	// Ability is the student's ability at the last answer, or at the opening.
	Ability Ability
}

// At returns the session as it is at a time: abandoned if it is active and its last answer is too long ago.
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

// Concepts returns the concepts of Before: the scope in its order, then the others by id.
func (s Session) Concepts() []string {
	concepts := slices.Clone(s.Scope)
	for _, concept := range slices.Sorted(maps.Keys(s.Before)) {
		if !slices.Contains(s.Scope, concept) {
			concepts = append(concepts, concept)
		}
	}
	return concepts
}
