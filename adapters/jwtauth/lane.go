package jwtauth

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/journey-os/journey-api/core"
)

const (
	// restFactor times what verifications took is how long a permit rests: a flood of forged tokens gets a quarter of
	// the processors. A semaphore alone would not help the others, since Go looks at the network only when no goroutine
	// can run.
	restFactor = 3
	// minRest is what a permit saves up before it rests: if nothing else runs, timers are good to a millisecond and
	// not to less, so that a rest after each verification would last ten times too long.
	minRest = time.Millisecond
	// maxRest is for a process that was stopped in the middle of a verification.
	maxRest = time.Second
	// maxLaneWaiters bounds the tokens that wait: each of them is a request in flight, and a flood of forged ones must not
	// leave the callers whose tokens are known without a place.
	maxLaneWaiters = 256
	// laneRetryAfter is when a token that found no permit should come again.
	laneRetryAfter = time.Second
)

// lane is where signatures are verified: as many at once as there are processors, and each pays with a rest. Only a
// token whose form, algorithm and key are right gets this far.
type lane struct {
	// permits are what each of them owes in rest.
	permits          chan time.Duration
	running, waiting atomic.Int64
}

func newLane() *lane {
	l := &lane{permits: make(chan time.Duration, runtime.GOMAXPROCS(0))}
	for range cap(l.permits) {
		l.permits <- 0
	}
	return l
}

// verify waits for a permit until ctx ends, or not at all if too many wait already: errors of their own and no
// verdicts.
func (l *lane) verify(ctx context.Context, found candidates, t *token) error {
	owed, err := l.enter(ctx)
	if err != nil {
		return err
	}
	defer l.leave(owed, time.Now())
	return found.verify(t)
}

// isFull reports whether a token which came now would be turned away.
func (l *lane) isFull() bool { return l.waiting.Load() >= maxLaneWaiters }

func (l *lane) enter(ctx context.Context) (owed time.Duration, err error) {
	defer l.waiting.Add(-1)
	if l.waiting.Add(1) > maxLaneWaiters {
		return 0, errLaneFull
	}
	select {
	case owed = <-l.permits:
		l.running.Add(1)
		return owed, nil
	case <-ctx.Done():
		return 0, errLaneFull
	}
}

var errLaneFull = core.NewUnavailableError(core.ReasonOverloaded,
	"Too many tokens are being verified right now: try again later", laneRetryAfter)

func (l *lane) leave(owed time.Duration, started time.Time) {
	l.running.Add(-1)
	owed += restFactor * time.Since(started)
	if owed < minRest {
		l.permits <- owed
		return
	}
	time.AfterFunc(min(owed, maxRest), func() { l.permits <- 0 })
}
