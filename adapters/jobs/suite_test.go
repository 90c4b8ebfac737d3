package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	adapter "github.com/journey-os/journey-api/adapters/jobs"
	"github.com/journey-os/journey-api/core/jobs"
	"github.com/journey-os/journey-api/internal/testkit/wait"
)

// patience is how long a test waits for what has to happen.
const patience = 30 * time.Second

// await takes what comes next, or fails.
func await[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case got := <-from:
		return got
	case <-time.After(patience):
		t.Fatal("it did not happen: " + what)
		panic("unreachable")
	}
}

// until checks until the condition holds, or fails.
func until(t *testing.T, what string, ask func() bool) {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(patience); !ask(); <-again.C {
		if time.Now().After(deadline) {
			t.Fatal("it did not happen: " + what)
		}
	}
}

// started runs a queue with these kinds until the returned function is called.
func started(t *testing.T, database adapter.Database, kinds ...jobs.Kind) (queue *adapter.Queue, stop func()) {
	t.Helper()
	queue = adapter.New(database, slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err := queue.Declare(kinds...); err != nil {
		t.Fatal(err)
	}
	queue.SetCountEvery(50 * time.Millisecond)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- queue.Run(ctx) }()
	var stopped atomic.Bool
	stop = func() {
		if stopped.Swap(true) {
			return
		}
		cancel()
		if err := await(t, ended, "the queue stops"); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	return queue, stop
}

func enqueue(t *testing.T, queue *adapter.Queue, kind, key string) (taken bool) {
	t.Helper()
	taken, err := queue.Enqueue(t.Context(), kind, key)
	if err != nil {
		t.Fatal(err)
	}
	return taken
}

// suite tests a database against the contract of core/jobs. open returns another handle on the same fresh database each
// time that the function it returns is called.
func suite(t *testing.T, open func(t *testing.T) func() adapter.Database) {
	t.Run("a job runs with its key, once", func(t *testing.T) {
		t.Parallel()
		ran := make(chan jobs.Job, 10)
		queue, _ := started(t, open(t)(), jobs.Kind{Name: "one", Timeout: time.Minute, Run: func(_ context.Context, job jobs.Job) error {
			ran <- job
			return nil
		}})
		if !enqueue(t, queue, "one", "a key: with 'quotes'") {
			t.Error("it was not taken")
		}
		if got := await(t, ran, "the job runs"); got != (jobs.Job{Key: "a key: with 'quotes'", Attempt: 1}) {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("there is one job of a kind and key at a time, while it runs too", func(t *testing.T) {
		t.Parallel()
		ran, finish := make(chan jobs.Job, 10), make(chan bool)
		queue, _ := started(t, open(t)(), jobs.Kind{Name: "one", Timeout: time.Minute, Parallel: 2, Run: func(ctx context.Context, job jobs.Job) error {
			ran <- job
			select {
			case <-finish:
			case <-ctx.Done():
			}
			return ctx.Err()
		}})
		enqueue(t, queue, "one", "a")
		await(t, ran, "the job runs")
		if enqueue(t, queue, "one", "a") {
			t.Error("a second one was taken while the first ran")
		}
		if !enqueue(t, queue, "one", "b") {
			t.Error("one with another key was not taken")
		}
		await(t, ran, "the other one runs")
		finish <- true
		finish <- true
		until(t, "the same is taken again when the first is over", func() bool { return enqueue(t, queue, "one", "a") })
		await(t, ran, "it runs again")
		finish <- true
	})
	t.Run("a job that fails is tried again, and given up in the end", func(t *testing.T) {
		t.Parallel()
		ran := make(chan jobs.Job, 10)
		queue, _ := started(t, open(t)(), jobs.Kind{
			Name: "one", Timeout: time.Minute, Attempts: 2, Backoff: func(int) time.Duration { return 10 * time.Millisecond },
			Run: func(_ context.Context, job jobs.Job) error { ran <- job; return errors.New("no luck") },
		})
		enqueue(t, queue, "one", "a")
		for attempt := 1; attempt <= 2; attempt++ {
			if got := await(t, ran, "it is tried"); got.Attempt != attempt {
				t.Errorf("attempt %d says %d", attempt, got.Attempt)
			}
		}
		until(t, "it was given up", func() bool { return enqueue(t, queue, "one", "a") })
	})
	t.Run("a job that panics fails", func(t *testing.T) {
		t.Parallel()
		ran := make(chan jobs.Job, 10)
		queue, _ := started(t, open(t)(), jobs.Kind{
			Name: "one", Timeout: time.Minute, Attempts: 2, Backoff: func(int) time.Duration { return 10 * time.Millisecond },
			Run: func(_ context.Context, job jobs.Job) error { ran <- job; panic("a fault") },
		})
		enqueue(t, queue, "one", "a")
		await(t, ran, "it is tried")
		await(t, ran, "it is tried again")
	})
	t.Run("a job may ask to be run later without having failed", func(t *testing.T) {
		t.Parallel()
		ran := make(chan jobs.Job, 10)
		queue, _ := started(t, open(t)(), jobs.Kind{Name: "one", Timeout: time.Minute, Attempts: 1, Run: func(_ context.Context, job jobs.Job) error {
			ran <- job
			if len(ran) < 3 {
				return jobs.Snooze(10 * time.Millisecond)
			}
			return nil
		}})
		enqueue(t, queue, "one", "a")
		until(t, "it runs three times", func() bool { return len(ran) == 3 })
	})
	t.Run("a run ends at its timeout", func(t *testing.T) {
		t.Parallel()
		ended := make(chan error, 10)
		queue, _ := started(t, open(t)(), jobs.Kind{Name: "one", Timeout: 50 * time.Millisecond, Attempts: 1, Run: func(ctx context.Context, _ jobs.Job) error {
			<-ctx.Done()
			ended <- ctx.Err()
			return ctx.Err()
		}})
		enqueue(t, queue, "one", "a")
		if got := await(t, ended, "it ends"); !errors.Is(got, context.DeadlineExceeded) {
			t.Error(got)
		}
	})
	t.Run("a job that runs is cancelled within seconds, and one that waits never runs", func(t *testing.T) {
		t.Parallel()
		ran, ended := make(chan jobs.Job, 10), make(chan error, 10)
		queue, _ := started(t, open(t)(), jobs.Kind{Name: "one", Timeout: time.Minute, Run: func(ctx context.Context, job jobs.Job) error {
			ran <- job
			<-ctx.Done()
			ended <- ctx.Err()
			return ctx.Err()
		}})
		enqueue(t, queue, "one", "a")
		await(t, ran, "it runs")
		enqueue(t, queue, "one", "b")
		for _, key := range []string{"b", "a", "none"} {
			if err := queue.Cancel(t.Context(), "one", key); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		if err := await(t, ended, "it ends"); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if took := time.Since(began); took > wait.Limit {
			t.Errorf("that took %v", took)
		}
		until(t, "the cancelled one is over", func() bool { return enqueue(t, queue, "one", "c") })
		if got := await(t, ran, "the next runs"); got.Key != "c" {
			t.Errorf("the cancelled %+v ran", got)
		}
	})
	t.Run("a periodic job runs at the start and again", func(t *testing.T) {
		t.Parallel()
		ran := make(chan jobs.Job, 10)
		started(t, open(t)(), jobs.Kind{Name: "one", Timeout: time.Minute, Every: 100 * time.Millisecond, Run: func(_ context.Context, job jobs.Job) error {
			ran <- job
			return nil
		}})
		for range 2 {
			if got := await(t, ran, "it runs"); got.Key != "" {
				t.Errorf("its key is %q", got.Key)
			}
		}
	})
	t.Run("a stop hands a job back, and the next start takes it up at its first attempt", func(t *testing.T) {
		t.Parallel()
		again := open(t)
		ran := make(chan jobs.Job, 10)
		kind := jobs.Kind{Name: "one", Timeout: time.Minute, Run: func(ctx context.Context, job jobs.Job) error {
			ran <- job
			<-ctx.Done()
			return ctx.Err()
		}}
		queue, stop := started(t, again(), kind)
		enqueue(t, queue, "one", "a")
		await(t, ran, "it runs")
		stop()
		_, stop = started(t, again(), kind)
		if got := await(t, ran, "it runs again"); got != (jobs.Job{Key: "a", Attempt: 1}) {
			t.Errorf("got %+v", got)
		}
		stop()
	})
	t.Run("a copy that leaves a kind out runs none, but enqueues them", func(t *testing.T) {
		t.Parallel()
		again := open(t)
		ran := make(chan string, 10)
		kind := func(who string, elsewhere bool) jobs.Kind {
			return jobs.Kind{Name: "one", Timeout: time.Minute, EnqueueOnly: elsewhere, Run: func(context.Context, jobs.Job) error {
				ran <- who
				return nil
			}}
		}
		other := jobs.Kind{Name: "two", Timeout: time.Minute, Run: func(context.Context, jobs.Job) error { ran <- "two"; return nil }}
		first, stop := started(t, again(), kind("first", true), other)
		enqueue(t, first, "one", "a")
		enqueue(t, first, "two", "a")
		if got := await(t, ran, "the other kind runs"); got != "two" {
			t.Errorf("%s ran", got)
		}
		stop()
		started(t, again(), kind("second", false), other)
		if got := await(t, ran, "it runs"); got != "second" {
			t.Errorf("the %s copy ran it", got)
		}
	})
	t.Run("counts tell of jobs by kind and state", func(t *testing.T) {
		t.Parallel()
		queue, _ := started(t, open(t)(), jobs.Kind{Name: "one", Timeout: time.Minute, Run: func(ctx context.Context, _ jobs.Job) error {
			<-ctx.Done()
			return ctx.Err()
		}})
		enqueue(t, queue, "one", "a")
		until(t, "it is counted", func() bool {
			counts := queue.Counts()
			return len(counts) == 1 && counts[0] == adapter.Count{Kind: "one", State: "running", Jobs: 1}
		})
	})
}
