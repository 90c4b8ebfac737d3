package mastery

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	// recomputeWorkers is how many students are computed again at once: enough for a store that commits what waits
	// together, and few enough to leave its connections to answers.
	recomputeWorkers = 8
	// recomputePage is how many students are looked up at a time.
	recomputePage = 512
	// replyTime is what is left of a request's deadline for its reply.
	replyTime = time.Second
)

// recompute computes the outdated states of a concept again, and reports whether none is left. It goes on after a caller
// who is gone, up to the deadline: the parameters are in force already.
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
	now := Instant(s.config.Now())
	return s.stores.Recorder.Revise(ctx, Revision{StudentID: studentID, Concepts: []string{conceptID}}, func(held Held) (Change, error) {
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
