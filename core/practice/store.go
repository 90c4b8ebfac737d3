package practice

import (
	"context"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/irt"
	"github.com/journey-os/journey-api/core/mastery"
)

// Recorder changes one student's practice at a time, in a transaction that holds the student's record. It works as
// mastery.Recorder does, and its errors are the same.
type Recorder interface {
	Practise(ctx context.Context, arrival Arrival, decide func(Found) (Change, error)) error
}

// Arrival says what a decision needs.
type Arrival struct {
	// Arrival is that of the answer. Without an ItemID there is none: Found has the student alone.
	mastery.Arrival
	// SessionID names the session; empty for the student's active one.
	SessionID string
	// Window is how many of the items given last a pick looks at.
	Window int
}

// Found is what a decision finds.
type Found struct {
	mastery.Found
	// Session is the one that the arrival names, whosever it is; without a name the student's own whose status is
	// active. It is nil if there is none.
	Session *Session
	// Open is the item that Session gave and that has no answer yet.
	Open *Lately
	// Past reads what a pick needs of the student.
	Past func() (Past, error)
	// Repeat reads the last answer to an item in the session; nil if it was not answered there.
	Repeat func(itemID string) (*Repeat, *mastery.Attempt, error)
}

// Past is what a pick needs of a student.
type Past struct {
	// Mastery is by concept, of those with attempts.
	Mastery map[string]float64
	// Lately are the items given last, over all sessions, the newest first: as many as the arrival asks for.
	Lately []Lately
	// Estimate is the ability that was kept last, nil if there is none, or if attempts came in without it.
	Estimate *Estimate
	// First is when the student answered the arrival's item first; zero for never.
	First time.Time
	// Responses reads the newest first attempts at each item, as many as are asked for, by their position.
	Responses func(limit int) ([]Response, error)
}

// Response is a student's first attempt at an item.
type Response struct {
	ItemID  string
	At      time.Time
	Correct bool
}

// Ability is what a student's answers say of the ability, on the scale of the parameters in force.
type Ability struct {
	irt.Ability
	// RunID is the calibration that the parameters in force came from last; empty if there is none.
	RunID string
	// Responses is how many answers count.
	Responses int
}

// Estimate is an ability that goes on with the next answer.
type Estimate struct {
	StudentID string
	Ability
	// Posterior is the distribution after the answers.
	Posterior irt.Posterior
	// Drift is the one that it was made with.
	Drift float64
	// Last is the response that counted last.
	Last      Response
	UpdatedAt time.Time
}

// Change is what a decision keeps. Its zero value keeps nothing.
type Change struct {
	mastery.Change
	// Abandoned is a session that is active in the store and was found to be abandoned.
	Abandoned *Session
	// Opened is a new session; Session takes the place of the one with its id.
	Opened, Session *Session
	// IsWider reports whether Before of Session has a concept more.
	IsWider bool
	// Settled is an item that was open.
	Settled *Settled
	// Next is a new item.
	Next *Given
	// Estimate takes the place of the student's.
	Estimate *Estimate
}

// Reader reads sessions. Its errors are those of mastery.Reader. It may be called by many goroutines at once and ends with
// ctx.
type Reader interface {
	// Session returns a session with the record that it belongs to and the item that is open; nil for none. It is for
	// deciding who may read it.
	Session(ctx context.Context, sessionID string) (*Held, error)
	// Sessions lists the sessions within the bounds of a core.RecordAccess, the newest first.
	Sessions(ctx context.Context, bounds core.Record, query Query) (held []Held, total int, err error)
	// SessionItems lists what a session of a record gave, by position.
	SessionItems(ctx context.Context, record core.Record, sessionID string) ([]Given, error)
	// GivenBefore lists the items given to the record's student before a position of a session, the newest first.
	GivenBefore(ctx context.Context, record core.Record, sessionID string, position, limit int) ([]Lately, error)
}

// Held is a session with its record.
type Held struct {
	Record core.Record
	Session
	// Open is the item that it gave and that has no answer yet.
	Open *Given
}

// Query says which sessions a list has, and which part of it is wanted.
type Query struct {
	// Status is empty for all. A session whose status is active in the store and that was not touched since
	// ActiveSince counts as abandoned.
	Status      Status
	ActiveSince time.Time
	bank.Page
}

// BankReader reads all of the bank, for picks. Its errors are those of bank.Catalogue. It may be called by many
// goroutines at once and ends with ctx.
type BankReader interface {
	// BankVersion counts the changes of the bank, of its parameters of mastery included.
	BankVersion(ctx context.Context) (int64, error)
	// Bank returns all of it, of one moment.
	Bank(ctx context.Context) (Bank, error)
}

// Bank is what there is to practise.
type Bank struct {
	Version  int64
	Concepts []bank.Concept
	// Initial is the mastery before the first answer of the concepts that were fitted.
	Initial map[string]float64
	Items   []bank.Item
}
