package mastery

import (
	"context"
	"sync"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/jobs"
)

// SyncJob is the kind of the job that brings the graph up to date.
const SyncJob = "graph_sync"

const (
	// syncEvery is how often the job runs without being woken, for what a dead copy left.
	syncEvery = time.Minute
	// syncTimeout bounds one run; the next one goes on.
	syncTimeout = 10 * time.Minute
	// wakePause gathers changes at about the same time into one job. wakeLongest bounds the wait of a copy whose job is
	// not taken because there is one already.
	wakePause, wakeLongest = 500 * time.Millisecond, 2 * time.Second
	// heldTries is how often the job is found taken before a spareKey is tried: a copy that died holds its job until its
	// heartbeats are missed, which is longer than a state may wait. writtenWithin is the age that a pending state does not
	// reach while a living copy writes.
	heldTries, writtenWithin = 2, time.Second
	spareKey                 = "spare"
)

// SyncWorkerConfig configures a SyncWorker. Prepare and Behind may be nil.
type SyncWorkerConfig struct {
	Syncer *Syncer
	Outbox Outbox
	Jobs   jobs.Queue
	// Prepare prepares the graph for states, once per process.
	Prepare func(ctx context.Context) error
	// Behind is called when the graph can't be reached, with the wait until the next try, and with a nil cause when it
	// can be reached again.
	Behind func(ctx context.Context, cause error, wait time.Duration)
}

// SyncWorker keeps the graph up to date with the states. It is a job that runs when it is woken, and each minute.
type SyncWorker struct {
	config SyncWorkerConfig
	woken  chan struct{}

	mu       sync.Mutex
	isReady  bool
	failures int
}

// NewSyncWorker returns a SyncWorker.
func NewSyncWorker(config SyncWorkerConfig) *SyncWorker {
	return &SyncWorker{config: config, woken: make(chan struct{}, 1)}
}

// Kind returns the job's kind, for the engine's entry in the list of engines.
func (w *SyncWorker) Kind() jobs.Kind {
	return jobs.Kind{Name: SyncJob, Run: w.run, Timeout: syncTimeout, Every: syncEvery}
}

// Wake makes the job run soon. It does not wait.
func (w *SyncWorker) Wake() {
	select {
	case w.woken <- struct{}{}:
	default: // it is about to
	}
}

// Run enqueues the job when it is woken, until ctx ends. A job that runs already may have read the states before the
// change. Run then tries again, so that no change waits for the next minute.
func (w *SyncWorker) Run(ctx context.Context) error {
	for {
		select {
		case <-w.woken:
		case <-ctx.Done():
			return nil
		}
		for tries, wait := 0, wakePause; ; tries, wait = tries+1, min(2*wait, wakeLongest) {
			key := ""
			if tries >= heldTries && w.isHeld(ctx) {
				key = spareKey
			}
			taken, err := w.config.Jobs.Enqueue(ctx, SyncJob, key)
			if !jobs.Sleep(ctx, wait) {
				return nil
			}
			if taken && err == nil {
				break
			}
		}
	}
}

// isHeld reports whether states wait although no outage is known: the copy whose job is taken does not write them.
func (w *SyncWorker) isHeld(ctx context.Context) bool {
	w.mu.Lock()
	isAway := w.failures > 0
	w.mu.Unlock()
	if isAway {
		return false
	}
	now := w.config.Syncer.now()
	states, err := w.config.Outbox.DueStates(ctx, now, 1)
	return err == nil && len(states) > 0 && now.Sub(states[0].UpdatedAt) > writtenWithin
}

// run is one job. An outage is no failure of the job: it is tried again, after a longer wait each time.
func (w *SyncWorker) run(ctx context.Context, _ jobs.Job) error {
	err := w.prepare(ctx)
	if err == nil {
		_, err = w.config.Syncer.Drain(ctx, nil)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case err == nil:
		if w.failures > 0 {
			w.tell(ctx, nil, 0)
		}
		w.failures = 0
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case core.CodeOf(err) == core.CodeUnavailable:
		w.failures++
		wait := jobs.DefaultBackoff(w.failures)
		w.tell(ctx, err, wait)
		return jobs.Snooze(wait)
	default:
		return err
	}
}

func (w *SyncWorker) tell(ctx context.Context, cause error, wait time.Duration) {
	if w.config.Behind != nil {
		w.config.Behind(ctx, cause, wait)
	}
}

// prepare prepares the graph, and queues the states that were never sent to one, once per process.
func (w *SyncWorker) prepare(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.isReady {
		return nil
	}
	if w.config.Prepare != nil {
		if err := w.config.Prepare(ctx); err != nil {
			return err
		}
	}
	if _, err := w.config.Outbox.Requeue(ctx); err != nil {
		return err
	}
	w.isReady = true
	return nil
}
