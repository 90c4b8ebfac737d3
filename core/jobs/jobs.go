// Package jobs is work in the background that the database keeps until it is done: a copy that dies leaves it to the
// next one.
//
// To add a job, declare its Kind in the engine's entry of the one list (bootstrap/app/engines.go, Engine.Jobs), and let
// the use case enqueue it by the port Queue. The engine keeps what a job needs in its own tables; a job has a key alone,
// such as the id of a run.
package jobs

import (
	"context"
	"errors"
	"time"
)

// Kind is a kind of work. Kinds are declared once, before the queue runs.
type Kind struct {
	// Name is what the database, the log and the metrics call it: lower-case words with underscores, such as graph_sync.
	// Once released it does not change, since jobs are kept under it.
	Name string
	// Run does one job. It returns soon after ctx ends, which it does at the timeout, when the job is cancelled and when
	// the service stops; for the last it returns ctx's error, and the job is taken up again by whichever copy is there.
	//
	// A job may run more than once, and in the worst case twice at the same time: after a copy hung or died. So Run goes
	// by what the tables say, and what it did already it does not do again.
	//
	// An error has the job tried again after Backoff, up to Attempts times; then it is kept as failed. Later is no failure.
	Run func(ctx context.Context, job Job) error
	// Timeout bounds one run; required.
	Timeout time.Duration
	// Attempts is how often it is tried in all; 5 for zero.
	Attempts int
	// Backoff is the wait after the given attempt, which counts from 1; nil doubles it from 1 s to 5 min.
	Backoff func(attempt int) time.Duration
	// Every, if set, enqueues a job with an empty key: at the start and again after each such time, once for all copies.
	Every time.Duration
	// Parallel is how many of them a copy runs at once; 1 for zero.
	Parallel int
	// Elsewhere keeps this copy from running any. It enqueues and cancels them all the same.
	Elsewhere bool
}

// Job is one piece of work.
type Job struct {
	// Key is what the job is about; a kind has one meaning for it.
	Key string
	// Attempt counts from 1. A run that ended with its process counts, one that was handed back at a stop does not.
	Attempt int
}

// Queue takes work. Its methods may be called by many goroutines at once and end with ctx. Their errors have
// CodeUnavailable if the database can't be reached.
type Queue interface {
	// Enqueue keeps a job, on disk when it returns. There is one job of a kind and key at a time: taken is false if one
	// waits or runs already. A job that runs may have looked before you wrote: if that matters, enqueue again later.
	Enqueue(ctx context.Context, kind, key string) (taken bool, err error)
	// Cancel ends the jobs of a kind and key: those that wait at once, one that runs within seconds, wherever it runs.
	// None is no error.
	Cancel(ctx context.Context, kind, key string) error
}

// Later returns what Run returns to be called again after a wait, without having failed and without using an attempt.
func Later(wait time.Duration) error { return &later{wait: wait} }

type later struct{ wait time.Duration }

func (l *later) Error() string { return "to be run again after " + l.wait.String() }

// LaterOf returns the wait of an error from Later.
func LaterOf(err error) (wait time.Duration, ok bool) {
	found, ok := errors.AsType[*later](err)
	if !ok {
		return 0, false
	}
	return found.wait, true
}

// Wait is the usual back-off: 1 s after the first attempt, doubled after each, 5 min at most.
func Wait(attempt int) time.Duration {
	const longest = 5 * time.Minute
	if attempt > 9 {
		return longest
	}
	return min(time.Second<<max(attempt-1, 0), longest)
}
