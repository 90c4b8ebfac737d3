package practice

import (
	"context"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/irt"
	"github.com/journey-os/journey-api/core/mastery"
)

// Recorder changes one student's practice at a time, in a transaction that locks the student's record. It works as
// mastery.Recorder does, and its errors are the same.
type Recorder interface {
	Practise(ctx context.Context, arrival AnswerLookup, decide func(AnswerData) (Change, error)) error
}

// AnswerLookup is what has to be loaded for a decision.
type AnswerLookup struct {
	// The embedded AnswerLookup is that of the answer. Without an ItemID there is no answer, and only the student is
	// loaded.
	mastery.AnswerLookup
	// SessionID names the session; empty for the student's active one.
	SessionID string
	// Window is how many of the items given last a pick uses.
	Window int
}

// AnswerData is what the store has for a decision.
type AnswerData struct {
	mastery.AnswerData
	// Session is the one that the lookup names, of any student. If it names none, it is the student's own active one.
	// It is nil if there is none.
	Session *Session
	// Open is the item of Session that has no answer yet.
	Open *RecentItem
	// History reads what a pick needs of the student.
	History func() (StudentHistory, error)
	// Repeat reads the last answer to an item in the session; nil if it was not answered there.
	Repeat func(itemID string) (*RepeatedAnswer, *mastery.Attempt, error)
}

// StudentHistory is what a pick needs of a student.
type StudentHistory struct {
	// Mastery is by concept, of the concepts with attempts.
	Mastery map[string]float64
	// RecentItems are the items given last, over all sessions, the newest first, AnswerLookup.Window of them.
	RecentItems []RecentItem
	// Estimate is the saved ability. It is nil if there is none, or if attempts were recorded without updating it.
	Estimate *Estimate
	// First is when the student first answered the lookup's item; zero for never.
	First time.Time
	// Responses reads the first attempts at each item, by their position: the newest ones, at most limit.
	Responses func(limit int) ([]Response, error)
}

// Response is a student's first attempt at an item.
type Response struct {
	ItemID  string
	At      time.Time
	Correct bool
}

// Ability is a student's ability, estimated from answers on the scale of the parameters in force.
type Ability struct {
	irt.Ability
	// RunID is the newest calibration in force; empty if there is none.
	RunID string
	// Responses is how many answers count.
	Responses int
}

// Estimate is an ability that the next answer can update.
type Estimate struct {
	StudentID string
	Ability
	// Posterior is the distribution after the answers.
	Posterior irt.Posterior
	// Drift is the drift that it was made with.
	Drift float64
	// Last is the last response that it includes.
	Last      Response
	UpdatedAt time.Time
}

// Change is what a decision saves. Its zero value saves nothing.
type Change struct {
	mastery.Change
	// Abandoned is a session that is active in the store and was found to be abandoned.
	Abandoned *Session
	// Opened is a new session; Session replaces the one with its id.
	Opened, Session *Session
	// AddsConcept reports whether Before of Session has a further concept.
	AddsConcept bool
	// Answered is the item that was open.
	Answered *AnsweredItem
	// Next is a new item.
	Next *GivenItem
	// Estimate replaces the student's.
	Estimate *Estimate
}

// Reader reads sessions. Its errors are those of mastery.Reader. It may be called by many goroutines at once and ends with
// ctx.
type Reader interface {
	// Session returns a session with its record and its open item; nil if there is none. It is for deciding who may
	// read it.
	Session(ctx context.Context, sessionID string) (*StoredSession, error)
	// Sessions lists the sessions within the bounds of a core.RecordAccess, the newest first.
	Sessions(ctx context.Context, bounds core.Record, query Query) (held []StoredSession, total int, err error)
	// SessionItems lists the items that a session of a record gave, by position.
	SessionItems(ctx context.Context, record core.Record, sessionID string) ([]GivenItem, error)
	// GivenBefore lists the items given to the record's student before a position of a session, the newest first.
	GivenBefore(ctx context.Context, record core.Record, sessionID string, position, limit int) ([]RecentItem, error)
}

// StoredSession is a session with its record.
type StoredSession struct {
	Record core.Record
	Session
	// Open is its item that has no answer yet.
	Open *GivenItem
}

// Query selects sessions, and a page of them.
type Query struct {
	// Status is empty for all. A session whose status is active in the store and that was not touched since
	// ActiveSince counts as abandoned.
	Status      Status
	ActiveSince time.Time
	bank.Page
}

// BankReader reads the whole bank, for picks. Its errors are those of bank.Catalogue. It may be called by many
// goroutines at once and ends with ctx.
type BankReader interface {
	// BankVersion counts the changes of the bank, including those of its mastery parameters.
	BankVersion(ctx context.Context) (int64, error)
	// Bank returns the whole bank, read in one transaction.
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
