package practice

import (
	"time"

	"github.com/journey-os/journey-api/core/adaptive"
)

// GraphSource is where the prerequisites of a pick came from.
type GraphSource string

const (
	// GraphDatabase is the bank.
	GraphDatabase GraphSource = "database"
	// GraphLive is the graph database, asked for this pick.
	GraphLive GraphSource = "live"
	// GraphCached is what was read from the graph database earlier: it can't be reached.
	GraphCached GraphSource = "cached"
	// GraphNone is no prerequisites: the graph database can't be reached, and nothing was read from it before.
	GraphNone GraphSource = "none"
)

// GivenItem is an item that was given to a student, with the reasons.
type GivenItem struct {
	SessionID string
	StudentID string
	// Position counts the items of the session from 1.
	Position int
	Pick     adaptive.Pick
	// Ability is the student's ability that the pick was made for.
	Ability Ability
	Graph   GraphSource
	At      time.Time
	// Inputs are the other inputs of the pick.
	Inputs PickInputs
	// Answer is nil while the item is open.
	Answer *Outcome
}

// Outcome is the result of a given item.
type Outcome struct {
	AttemptID string
	// At is when the answer was given, as the attempt has it.
	At      time.Time
	Correct bool
	// Ability is the student's ability after it.
	Ability Ability
	// SessionCorrect is how many answers of the session were right, this one included.
	SessionCorrect int
}

// RecentItem is an item that was given to a student, without the reasons.
type RecentItem struct {
	SessionID string
	Position  int
	ItemID    string
	ConceptID string
}

// AnsweredItem is a given item with its outcome.
type AnsweredItem struct {
	StudentID string
	RecentItem
	Outcome
}

// RepeatedAnswer is an earlier answer in a session, with what its reply said.
type RepeatedAnswer struct {
	Given GivenItem
	// Next is the item after it; nil if the answer ended the session.
	Next *GivenItem
}
