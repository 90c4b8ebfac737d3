package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/journey-os/journey-api/core/jobs"
)

// Run works on jobs until ctx ends; then running jobs are ended and handed back. It waits while the database can't be
// reached.
func (q *Queue) Run(ctx context.Context) error {
	if len(q.kinds) == 0 {
		<-ctx.Done()
		return nil
	}
	on, err := q.start(ctx)
	if err != nil {
		return nil // it was told to stop while the database was away
	}
	q.watch(ctx, on.ID())
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWait)
	defer cancel()
	if err := on.StopAndCancel(stopping); err != nil {
		return fmt.Errorf("jobs that run did not end: %w", err)
	}
	return nil
}

// start starts River, and retries until it succeeds.
func (q *Queue) start(ctx context.Context) (client, error) {
	wait := 100 * time.Millisecond
	for {
		on, err := q.connect(ctx)
		if err == nil {
			if err = q.release(ctx, on.ID()); err == nil {
				err = on.Start(context.WithoutCancel(ctx)) // ended by StopAndCancel
			}
		}
		if err == nil {
			return on, nil
		}
		q.log.Warn("work in the background waits for the database", "error", err.Error())
		if !jobs.Sleep(ctx, wait) {
			return nil, ctx.Err()
		}
		wait = min(2*wait, startRetry)
	}
}

// watch sends heartbeats for this copy, frees the jobs of dead copies, and counts jobs, until ctx ends.
func (q *Queue) watch(ctx context.Context, id string) {
	beat, count := q.database.beat(), time.Time{}
	every := q.countEvery
	if beat > 0 {
		every = min(every, beat)
	}
	for {
		if time.Since(count) >= q.countEvery {
			count = time.Now()
			q.recount(ctx)
		}
		if !jobs.Sleep(ctx, every) {
			return
		}
		if beat > 0 {
			if err := q.release(ctx, id); err != nil && ctx.Err() == nil {
				q.log.Warn("the queue's database does not answer", "error", err.Error())
			}
		}
	}
}

// release frees the jobs of dead processes.
func (q *Queue) release(ctx context.Context, id string) error {
	freed, err := q.database.free(ctx, id)
	if freed > 0 {
		q.log.Warn("took up jobs that a dead process left", "jobs", freed)
	}
	return err
}
