package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"github.com/journey-os/journey-api/core/jobs"
)

// args are what River keeps of a job.
type args struct {
	kind string
	Key  string `json:"key" river:"unique"`
}

// Kind names the kind.
func (a args) Kind() string { return a.kind }

// worker runs the jobs of one kind.
type worker struct {
	river.WorkerDefaults[args]

	kind jobs.Kind
	note func(kind, key string, err error, last bool)
}

// Timeout bounds one run.
func (w *worker) Timeout(*river.Job[args]) time.Duration { return w.kind.Timeout }

// NextRetry is when a job that failed is tried again.
func (w *worker) NextRetry(job *river.Job[args]) time.Time {
	backoff := w.kind.Backoff
	if backoff == nil {
		backoff = jobs.DefaultBackoff
	}
	return time.Now().Add(max(backoff(job.Attempt), time.Millisecond))
}

// Work runs a job.
func (w *worker) Work(ctx context.Context, job *river.Job[args]) error {
	err := w.run(ctx, jobs.Job{Key: job.Args.Key, Attempt: job.Attempt})
	if wait, ok := jobs.SnoozeDuration(err); ok {
		return river.JobSnooze(wait)
	}
	if isStopped := errors.Is(err, context.Canceled) && ctx.Err() != nil; err != nil && !isStopped {
		w.note(w.kind.Name, job.Args.Key, err, job.Attempt >= job.MaxAttempts)
	}
	return err
}

// run turns a panic into an error.
func (w *worker) run(ctx context.Context, job jobs.Job) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("the job panicked: %v", cause)
		}
	}()
	return w.kind.Run(ctx, job)
}
