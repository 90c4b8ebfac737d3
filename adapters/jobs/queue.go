package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/jobs"
	"github.com/journey-os/journey-api/ports"
)

var _ ports.Jobs = (*Queue)(nil)

const (
	// defaultAttempts is how often a job is tried.
	defaultAttempts = 5
	// keepDone is how long the row of a finished job stays, and keepFailed that of a failed one.
	keepDone, keepFailed = time.Hour, 7 * 24 * time.Hour
	// startRetry is the longest wait between two tries to start, while the database can't be reached.
	startRetry = 5 * time.Second
	// stopWait is how long running jobs have to end when the service stops.
	stopWait = 1500 * time.Millisecond
	// retryAfter is the Retry-After for a job that could not be saved.
	retryAfter = time.Second
)

// waiting are the states of an unfinished job, of which there is one for each kind and key.
var waiting = []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
	rivertype.JobStateRunning, rivertype.JobStateScheduled,
}

// client is what the queue needs of River's client, whatever its type of transactions.
type client interface {
	Insert(ctx context.Context, args river.JobArgs, opts *river.InsertOpts) (*rivertype.JobInsertResult, error)
	JobCancel(ctx context.Context, id int64) (*rivertype.JobRow, error)
	Start(ctx context.Context) error
	StopAndCancel(ctx context.Context) error
	ID() string
}

// Database is where jobs are kept. SQLite and Postgres return one.
type Database interface {
	// prepare brings River's tables up to date, or fails if they are not.
	prepare(ctx context.Context, log *slog.Logger) error
	// open makes a client; adjust completes its settings for the database.
	open(ctx context.Context, config *river.Config) (client, error)
	// ids returns the unfinished jobs of a kind and key.
	ids(ctx context.Context, kind, key string) ([]int64, error)
	// free makes jobs available that dead processes left running. It is called at the start, and again after each beat
	// if that is positive.
	free(ctx context.Context, id string) (freed int64, err error)
	beat() time.Duration
	// count counts jobs by kind and state.
	count(ctx context.Context) ([]Count, error)
}

// Queue is the service's queue of background jobs. It may be used by many goroutines at once.
type Queue struct {
	database Database
	log      *slog.Logger
	kinds    map[string]jobs.Kind

	starting sync.Mutex
	client   client // nil until the database was reached
	counts   counts
	// countEvery is how old the counts may be.
	countEvery time.Duration
}

// New returns a queue in a database. It does not connect until it is used.
func New(database Database, log *slog.Logger) *Queue {
	return &Queue{database: database, log: log, kinds: map[string]jobs.Kind{}, countEvery: countEvery}
}

// Declare adds kinds of jobs, before Run and before the first is enqueued.
func (q *Queue) Declare(kinds ...jobs.Kind) error {
	for _, kind := range kinds {
		switch _, isKnown := q.kinds[kind.Name]; {
		case isKnown:
			return fmt.Errorf("two kinds of jobs are called %s", kind.Name)
		case kind.Run == nil || kind.Timeout <= 0:
			return fmt.Errorf("the job %s needs Run and a Timeout", kind.Name)
		}
		q.kinds[kind.Name] = kind
	}
	return nil
}

// Kinds returns the names of the declared kinds, sorted.
func (q *Queue) Kinds() []string { return slices.Sorted(maps.Keys(q.kinds)) }

// Enqueue adds a job.
func (q *Queue) Enqueue(ctx context.Context, kind, key string) (taken bool, err error) {
	if _, ok := q.kinds[kind]; !ok {
		return false, fmt.Errorf("no kind of job is called %s", kind)
	}
	on, err := q.connect(ctx)
	if err != nil {
		return false, unavailable(err)
	}
	result, err := on.Insert(ctx, args{kind: kind, Key: key}, q.options(kind))
	if err != nil {
		return false, unavailable(err)
	}
	return !result.UniqueSkippedAsDuplicate, nil
}

// Cancel ends the jobs of a kind and key.
func (q *Queue) Cancel(ctx context.Context, kind, key string) error {
	on, err := q.connect(ctx)
	if err != nil {
		return unavailable(err)
	}
	ids, err := q.database.ids(ctx, kind, key)
	if err != nil {
		return unavailable(err)
	}
	for _, id := range ids {
		if _, err := on.JobCancel(ctx, id); err != nil && !errors.Is(err, rivertype.ErrNotFound) {
			return unavailable(err)
		}
	}
	return nil
}

func (q *Queue) options(kind string) *river.InsertOpts {
	attempts := q.kinds[kind].Attempts
	if attempts == 0 {
		attempts = defaultAttempts
	}
	return &river.InsertOpts{
		Queue: kind, MaxAttempts: attempts, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: waiting},
	}
}

// connect returns River's client. It creates the client once the tables are prepared.
func (q *Queue) connect(ctx context.Context) (client, error) {
	q.starting.Lock()
	defer q.starting.Unlock()
	if q.client != nil {
		return q.client, nil
	}
	if err := q.database.prepare(ctx, slog.New(quiet{q.log.Handler()})); err != nil {
		return nil, fmt.Errorf("prepare the queue: %w", err)
	}
	made, err := q.database.open(ctx, q.config())
	if err != nil {
		return nil, fmt.Errorf("open the queue: %w", err)
	}
	q.client = made
	return made, nil
}

// config returns River's configuration, for every database.
func (q *Queue) config() *river.Config {
	config := &river.Config{
		Logger: slog.New(quiet{q.log.Handler()}), Workers: river.NewWorkers(), Queues: map[string]river.QueueConfig{},
		CompletedJobRetentionPeriod: keepDone, CancelledJobRetentionPeriod: keepDone, DiscardedJobRetentionPeriod: keepFailed,
		SkipUnknownJobCheck: true,
	}
	longest := time.Minute
	for name, kind := range q.kinds {
		river.AddWorkerArgs(config.Workers, args{kind: name}, &worker{kind: kind, note: q.failed})
		if !kind.EnqueueOnly {
			config.Queues[name] = river.QueueConfig{MaxWorkers: max(kind.Parallel, 1)}
		}
		if kind.Every > 0 {
			config.PeriodicJobs = append(config.PeriodicJobs, river.NewPeriodicJob(river.PeriodicInterval(kind.Every),
				func() (river.JobArgs, *river.InsertOpts) { return args{kind: name}, q.options(name) },
				&river.PeriodicJobOpts{RunOnStart: true}))
		}
		longest = max(longest, kind.Timeout)
	}
	config.RescueStuckJobsAfter = longest + time.Hour // the heartbeat is earlier: this is for who hangs for good
	return config
}

// failed logs a failed run. last is true for the last attempt.
func (q *Queue) failed(kind, key string, err error, last bool) {
	if last {
		q.log.Error("job failed for good", "kind", kind, "key", key, "error", err.Error())
		return
	}
	q.log.Warn("job failed, to be tried again", "kind", kind, "key", key, "error", err.Error())
}

func unavailable(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return core.NewUnavailableError(core.ReasonDependencyUnavailable, "A dependency is unavailable", retryAfter).
		WithCause(fmt.Errorf("jobs: %w", err))
}
