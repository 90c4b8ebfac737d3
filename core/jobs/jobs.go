// Package jobs is background work that the database keeps until it is done. If a copy dies, another copy takes its
// jobs.
//
// To add a job, declare its Kind in the engine's entry of the one list (bootstrap/app/engines.go, Engine.Jobs), and let
// the use case enqueue it by the port Queue. The engine keeps what a job needs in its own tables; a job has only a key,
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
	// Run does one job. It returns soon after ctx ends, which it does at the timeout, when the job is cancelled and
	// when the service stops. In the last case it returns ctx's error, and any copy takes the job up again.
	//
	// A job may run more than once, and after a copy hung even twice at the same time. So Run goes by what the tables
	// say, and does not repeat what is done.
	//
	// If Run returns an error, the job is tried again after Backoff, up to Attempts times; then it is kept as failed.
	// Snooze is no failure.
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
	// EnqueueOnly keeps this copy from running any of them. It still enqueues and cancels them.
	EnqueueOnly bool
}

// Job is one piece of work.
type Job struct {
	// Key is what the job is about; a kind has one meaning for it.
	Key string
	// Attempt counts from 1. A run that ended with its process counts; one that was handed back when the service
	// stopped does not.
	Attempt int
}

// Queue takes work. Its methods may be called by many goroutines at once and end with ctx. Their errors have
// CodeUnavailable if the database can't be reached.
type Queue interface {
	// Enqueue adds a job, which is on disk when it returns. There is one job of a kind and key at a time: taken is
	// false if one waits or runs already. A running job may have read its data before the caller wrote; if that
	// matters, enqueue again later.
	Enqueue(ctx context.Context, kind, key string) (taken bool, err error)
	// Cancel ends the jobs of a kind and key: waiting ones at once, a running one within seconds, on whichever copy it
	// runs. It is no error if there is none.
	Cancel(ctx context.Context, kind, key string) error
}

// Snooze returns the error by which Run asks to be called again after a wait. It is no failure and uses no attempt.
func Snooze(wait time.Duration) error { return &snooze{wait: wait} }

type snooze struct{ wait time.Duration }

func (s *snooze) Error() string { return "to be run again after " + s.wait.String() }

// SnoozeDuration returns the wait of an error from Snooze, and reports whether it is one.
func SnoozeDuration(err error) (wait time.Duration, ok bool) {
	found, ok := errors.AsType[*snooze](err)
	if !ok {
		return 0, false
	}
	return found.wait, true
}

// DefaultBackoff returns the wait after an attempt: 1 s after the first, doubled after each, 5 min at most.
func DefaultBackoff(attempt int) time.Duration {
	const longest = 5 * time.Minute
	if attempt > 9 {
		return longest
	}
	return min(time.Second<<max(attempt-1, 0), longest)
}
