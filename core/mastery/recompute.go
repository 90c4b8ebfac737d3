package mastery

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/journey-os/journey-api/core/jobs"
)

const (
	// recomputeWorkers is how many students are computed again at once: enough for a store that groups commits, and few
	// enough to leave connections for answers.
	recomputeWorkers = 8
	// recomputePage is how many students are read at a time.
	recomputePage = 512
	// replyTime is what is left of a request's deadline for its reply.
	replyTime = time.Second
)

// recompute computes the outdated states of a concept again, and reports whether none is left. It continues up to the
// deadline after the caller has gone, since the parameters are in force already.
func (s *Service) recompute(ctx context.Context, conceptID string) (current bool) {
	if deadline, ok := ctx.Deadline(); ok {
		bounded, cancel := context.WithDeadline(context.WithoutCancel(ctx), deadline.Add(-replyTime))
		defer cancel()
		ctx = bounded
	}
	for {
		students, err := s.stores.Answers.Outdated(ctx, conceptID, recomputePage)
		if err == nil && len(students) == 0 {
			s.changed()
			return true
		}
		if err == nil {
			err = s.reviseAll(ctx, conceptID, students)
		}
		if err != nil {
			if s.config.StatesOutdated != nil {
				s.config.StatesOutdated(ctx, conceptID, err)
			}
			return false
		}
	}
}

// recomputeLater enqueues a job that computes the outdated states of a concept again, and reports whether there are
// none. It computes them at once if there is no queue.
func (s *Service) recomputeLater(ctx context.Context, conceptID string) (current bool) {
	if s.config.Jobs == nil {
		return s.recompute(ctx, conceptID)
	}
	// The parameters are in force already, so the states are computed even if the caller has gone.
	ctx = context.WithoutCancel(ctx)
	students, err := s.stores.Answers.Outdated(ctx, conceptID, 1)
	if err == nil && len(students) == 0 {
		return true
	}
	// A job that runs already may end without having seen these states: try once more when it has ended.
	for range 2 {
		taken, err := s.config.Jobs.Enqueue(ctx, RecomputeJob, conceptID)
		if err != nil && s.config.StatesOutdated != nil {
			s.config.StatesOutdated(ctx, conceptID, err) // the hourly job finds them
		}
		if taken || err != nil || !jobs.Sleep(ctx, wakePause) {
			break
		}
	}
	return false
}

// RecomputeJob is the kind of the jobs that compute the states of a concept again. The key is the concept's id. The job
// with an empty key looks for concepts with outdated states.
const RecomputeJob = "mastery_recompute"

const (
	recomputeTimeout = 30 * time.Minute
	recomputeSweep   = time.Hour
)

// RecomputeKind returns the job's kind, for the engine's entry in the list of engines.
func (s *Service) RecomputeKind() jobs.Kind {
	return jobs.Kind{Name: RecomputeJob, Run: s.recomputeJob, Timeout: recomputeTimeout, Every: recomputeSweep, Attempts: 20}
}

// recomputeJob continues where an earlier job ended: computed states are no longer outdated.
func (s *Service) recomputeJob(ctx context.Context, job jobs.Job) error {
	counts, err := s.stores.Answers.CountOutdated(ctx, job.Key)
	if err != nil {
		return err
	}
	for conceptID, left := range counts {
		if err := s.recomputeConcept(ctx, conceptID, left); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) recomputeConcept(ctx context.Context, conceptID string, left int) error {
	defer s.changed()
	for {
		students, err := s.stores.Answers.Outdated(ctx, conceptID, recomputePage)
		if err != nil || len(students) == 0 {
			return err
		}
		if err := s.reviseAll(ctx, conceptID, students); err != nil {
			return err
		}
		left = max(left-len(students), 0)
		if s.config.StatesComputed != nil {
			s.config.StatesComputed(ctx, conceptID, len(students), left)
		}
	}
}

// reviseAll computes the states of some students again. After an error no further one is begun.
func (s *Service) reviseAll(ctx context.Context, conceptID string, students []string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan string, len(students))
	for _, studentID := range students {
		queue <- studentID
	}
	close(queue)
	var workers sync.WaitGroup
	for range min(recomputeWorkers, len(students)) {
		workers.Go(func() {
			for studentID := range queue {
				if ctx.Err() != nil {
					return
				}
				if err := s.revise(ctx, studentID, conceptID); err != nil {
					cancel(err)
				}
			}
		})
	}
	workers.Wait()
	if ctx.Err() != nil {
		return errors.Join(ctx.Err(), context.Cause(ctx))
	}
	return nil
}

// revise computes one state again if its parameters are no longer in force.
func (s *Service) revise(ctx context.Context, studentID, conceptID string) error {
	now := StoredTime(s.config.Now())
	return s.stores.Recorder.Revise(ctx, Revision{StudentID: studentID, Concepts: []string{conceptID}}, func(held StudentData) (Change, error) {
		if _, isKnown := held.States[conceptID]; !isKnown {
			return Change{}, nil
		}
		r, err := newReplay(held, studentID, conceptID, now, s.sync())
		if err != nil {
			return Change{}, err
		}
		var change Change
		r.addTo(&change)
		return change, nil
	})
}
