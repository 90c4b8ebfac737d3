package practice

import (
	"time"

	"github.com/journey-os/journey-api/core/adaptive"
)

// GraphSource says where the prerequisites of a pick came from.
type GraphSource string

const (
	// GraphDatabase is the bank.
	GraphDatabase GraphSource = "database"
	// GraphLive is the graph database, asked for this pick.
	GraphLive GraphSource = "live"
	// GraphCached is what was read of the graph database before: it can't be reached.
	GraphCached GraphSource = "cached"
	// GraphNone is no prerequisites: the graph database can't be reached, and never was.
	GraphNone GraphSource = "none"
)

// Given is an item that was given to a student, with the reasons.
type Given struct {
	SessionID string
	StudentID string
	// Position counts the items of the session from 1.
	Position int
	Pick     adaptive.Pick
	// Ability is the student's that the pick was made for.
	Ability Ability
	Graph   GraphSource
	At      time.Time
	// Inputs is what else the pick was made of.
	Inputs Inputs
	// Answer is nil while the item is open.
	Answer *Outcome
}

// Outcome is what became of an item.
type Outcome struct {
	AttemptID string
	// At is when the answer was given, as the attempt has it.
	At      time.Time
	Correct bool
	// Ability is the student's after it.
	Ability Ability
	// SessionCorrect is how many answers of the session were right, this one included.
	SessionCorrect int
}

// Lately is an item given to a student, without its reasons.
type Lately struct {
	SessionID string
	Position  int
	ItemID    string
	ConceptID string
}

// Settled is an item with what became of it.
type Settled struct {
	StudentID string
	Lately
	Outcome
}

// Repeat is an answer that was given in a session before, with what its reply said.
type Repeat struct {
	Given Given
	// Next is the item after it; nil if the answer ended the session.
	Next *Given
}
