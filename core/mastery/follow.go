package mastery

import (
	"context"
	"sync"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/jobs"
)

// SyncJob is the kind of the one job that brings the graph up to date.
const SyncJob = "graph_sync"

const (
	// syncEvery is how often the job runs without being woken: for what a copy left that died.
	syncEvery = time.Minute
	// syncTimeout bounds one run; the next one goes on.
	syncTimeout = 10 * time.Minute
	// wakePause gathers what changes at about the same time into one job, and wakeLongest bounds the wait of a copy
	// whose job is not taken, since one is there already.
	wakePause, wakeLongest = 500 * time.Millisecond, 2 * time.Second
)

// FollowConfig is what a Follower works with. Prepare and Behind may be nil.
type FollowConfig struct {
	Syncer *Syncer
	Outbox Outbox
	Jobs   jobs.Queue
	// Prepare makes the graph ready for states, once in a process.
	Prepare func(ctx context.Context) error
	// Behind is told when the graph can't be reached, with the wait until the next try; and with nil when it can again.
	Behind func(ctx context.Context, cause error, wait time.Duration)
}

// Follower has the graph follow the states: a job that runs when it is woken, and each minute.
type Follower struct {
	config FollowConfig
	woken  chan struct{}

	mu       sync.Mutex
	isReady  bool
	failures int
}

// NewFollower returns one.
func NewFollower(config FollowConfig) *Follower {
	return &Follower{config: config, woken: make(chan struct{}, 1)}
}

// Kind is the job, for the engine's entry of the list.
func (f *Follower) Kind() jobs.Kind {
	return jobs.Kind{Name: SyncJob, Run: f.run, Timeout: syncTimeout, Every: syncEvery}
}

// Wake has the job run soon. It does not wait.
func (f *Follower) Wake() {
	select {
	case f.woken <- struct{}{}:
	default: // it is about to
	}
}

// Run enqueues the job when it is woken, until ctx ends. A job that is there already may have looked before the change:
// then it tries again, so that no change waits for the next minute.
func (f *Follower) Run(ctx context.Context) error {
	for {
		select {
		case <-f.woken:
		case <-ctx.Done():
			return nil
		}
		for wait := wakePause; ; wait = min(2*wait, wakeLongest) {
			taken, err := f.config.Jobs.Enqueue(ctx, SyncJob, "")
			if !sleep(ctx, wait) {
				return nil
			}
			if taken && err == nil {
				break
			}
		}
	}
}

// run is one job. An outage is no failure of the job: it comes again, later each time.
func (f *Follower) run(ctx context.Context, _ jobs.Job) error {
	err := f.prepare(ctx)
	if err == nil {
		_, err = f.config.Syncer.Empty(ctx, nil)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case err == nil:
		if f.failures > 0 {
			f.tell(ctx, nil, 0)
		}
		f.failures = 0
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case core.CodeOf(err) == core.CodeUnavailable:
		f.failures++
		wait := jobs.Wait(f.failures)
		f.tell(ctx, err, wait)
		return jobs.Later(wait)
	default:
		return err
	}
}

func (f *Follower) tell(ctx context.Context, cause error, wait time.Duration) {
	if f.config.Behind != nil {
		f.config.Behind(ctx, cause, wait)
	}
}

// prepare makes the graph ready, and queues the states that none followed before, once in a process.
func (f *Follower) prepare(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.isReady {
		return nil
	}
	if f.config.Prepare != nil {
		if err := f.config.Prepare(ctx); err != nil {
			return err
		}
	}
	if _, err := f.config.Outbox.Requeue(ctx); err != nil {
		return err
	}
	f.isReady = true
	return nil
}

// sleep waits, and reports whether ctx is still there.
func sleep(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
