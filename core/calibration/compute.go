package calibration

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/irt"
)

const (
	// JobRun is the kind of job that computes a run, under the run's id.
	JobRun = "calibration"
	// JobCheck is the kind of job that calls Check.
	JobCheck = "calibration_check"
	// RunTimeout is how long a run may take.
	RunTimeout = 6 * time.Hour
	// CheckEvery is how often JobCheck runs.
	CheckEvery = time.Minute
	// dueEarly is how much too early a scheduled run may begin. Checks come a moment earlier or later than a minute after
	// the last one. Without it, a run that is due a moment after a check would wait for the next one.
	dueEarly = 10 * time.Second
	// maxStarts is how often a run is begun at most. It bounds the damage of a run that ends its process each time.
	maxStarts = 3
	// beatPause is the least time between two writes of a run's progress, heldPause the longest.
	beatPause = 500 * time.Millisecond
	heldPause = 2 * time.Second
	// beatTimeout bounds one of these writes, handBackTimeout the last one.
	beatTimeout     = 5 * time.Second
	handBackTimeout = time.Second
	// keepPause is the wait between two tries to save a result while the database can't be reached.
	keepPause = time.Second
)

// StageReading is the stage before those of irt: answers are read.
const StageReading irt.Stage = "reading"

// Compute computes a run if it is active, and ends it. A run that another worker computes is taken from that worker.
// When ctx is cancelled the run is handed back, and the error is ctx's. Other errors are the stores'; another call can
// succeed.
func (s *Service) Compute(ctx context.Context, runID string) error {
	worker := s.config.NewID()
	run, err := s.stores.Queue.ClaimRun(ctx, runID, worker, s.config.Now())
	if err != nil || run == nil {
		return err
	}
	if s.config.Began != nil {
		s.config.Began(ctx, *run)
	}
	c := &computation{Service: s, run: *run, worker: worker, progress: irt.Progress{Stage: StageReading}}
	if run.Starts > maxStarts {
		return c.fail(ctx, &Failure{Code: core.CodeInternal, Message: fmt.Sprintf(
			"The calibration was begun %d times, and the service ended during each", maxStarts)})
	}
	return c.end(ctx, c.work(ctx))
}

// computation is one worker's part in a run.
type computation struct {
	*Service
	run    Run
	worker string

	mu       sync.Mutex
	progress irt.Progress
}

// work computes and saves the result. It ends early if the run is no longer the worker's.
func (c *computation) work(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var beating sync.WaitGroup
	done := make(chan struct{})
	beating.Go(func() { c.beat(ctx, done, stop) })
	found, err := c.calibrate(ctx)
	if err == nil {
		err = c.keep(ctx, found)
	}
	if cause := context.Cause(ctx); errors.Is(cause, ErrLost) {
		err = ErrLost
	}
	close(done)
	beating.Wait()
	return err
}

// end ends the run if err is a reason to.
func (c *computation) end(ctx context.Context, err error) error {
	failure, isFailure := errors.AsType[*Failure](err)
	switch {
	case err == nil:
		c.ends.took.Store(int64(c.config.Now().Sub(c.run.StartedAt)))
		c.ended(ctx, c.run.ID, EndingCompleted, nil)
		return nil
	case errors.Is(err, ErrLost):
		c.ended(ctx, c.run.ID, EndingLost, nil)
		return nil
	case isFailure:
		return c.fail(ctx, failure)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return c.fail(context.WithoutCancel(ctx), &Failure{Code: core.CodeInternal, Message: "The calibration took longer than " + RunTimeout.String()})
	case ctx.Err() != nil:
		return c.handBack(ctx)
	case core.CodeOf(err) == core.CodeUnavailable:
		return err
	default:
		return c.fail(ctx, &Failure{Code: core.CodeInternal, Message: core.NewInternalError(nil).Message, cause: err})
	}
}

// fail ends the run for a reason.
func (c *computation) fail(ctx context.Context, failure *Failure) error {
	ended, err := c.stores.Ends.EndRun(ctx, RunEnd{
		RunID: c.run.ID, Worker: c.worker, Status: StatusFailed, Failure: failure, At: c.config.Now(),
	})
	switch {
	case err != nil:
		return err
	case !ended:
		c.ended(ctx, c.run.ID, EndingLost, nil)
	case failure.Code == core.CodeInsufficientData:
		c.ended(ctx, c.run.ID, EndingInsufficientData, nil)
	default:
		c.ended(ctx, c.run.ID, EndingFailed, failure)
	}
	return nil
}

// handBack leaves the run to another copy.
func (c *computation) handBack(ctx context.Context) error {
	short, cancel := context.WithTimeout(context.WithoutCancel(ctx), handBackTimeout)
	defer cancel()
	ended, err := c.stores.Ends.EndRun(short, RunEnd{RunID: c.run.ID, Worker: c.worker, Status: StatusQueued, At: c.config.Now()})
	if err == nil && ended {
		c.ended(short, c.run.ID, EndingHandedBack, nil)
	} else if err == nil {
		c.ended(short, c.run.ID, EndingLost, nil)
	}
	return ctx.Err()
}

// beat saves the run's progress, and stops the work if the run is no longer the worker's.
func (c *computation) beat(ctx context.Context, done <-chan struct{}, stop context.CancelCauseFunc) {
	ticker := time.NewTicker(beatPause)
	defer ticker.Stop()
	var (
		kept   irt.Progress
		keptAt time.Time
	)
	for {
		select {
		case <-done:
			return
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		c.mu.Lock()
		now := c.progress
		c.mu.Unlock()
		if now == kept && c.config.Now().Sub(keptAt) < heldPause {
			continue
		}
		short, cancel := context.WithTimeout(ctx, beatTimeout)
		held, err := c.stores.Queue.HeartbeatRun(short, c.run.ID, c.worker, now)
		cancel()
		if err == nil && !held {
			stop(ErrLost)
			return
		}
		if err == nil {
			kept, keptAt = now, c.config.Now()
		}
	}
}

func (c *computation) note(progress irt.Progress) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.progress = progress
}

// keep completes the run. It tries for a long time, since the result took long to compute.
func (c *computation) keep(ctx context.Context, f found) error {
	for {
		err := c.tryToKeep(ctx, f)
		switch {
		case errors.Is(err, ErrScaleChanged):
			continue
		case errors.Is(err, ErrLost):
			// An earlier try may have been committed although it failed.
			if run, err := c.stores.Runs.Run(ctx, c.run.ID); err != nil || run == nil || run.Status != StatusCompleted {
				return errors.Join(ErrLost, err)
			}
			return nil
		case core.CodeOf(err) != core.CodeUnavailable:
			return err
		}
		select {
		case <-time.After(keepPause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
