package jwtauth

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/journey-os/journey-api/core"
)

const (
	// A permit rests for restFactor times the duration of its verifications, so that a flood of forged tokens gets a
	// quarter of the processors. A semaphore alone would not help other requests, since Go polls the network only when
	// no goroutine can run.
	restFactor = 3
	// minRest is the least rest; shorter ones are added up first. Timers are accurate only to a millisecond if nothing
	// else runs, so that a rest after each verification would last ten times too long.
	minRest = time.Millisecond
	// maxRest bounds the rest after the process was suspended in the middle of a verification.
	maxRest = time.Second
	// maxVerifyWaiters bounds the tokens that wait. Each of them is a request in flight, and a flood of forged ones
	// must leave places for callers whose tokens are known.
	maxVerifyWaiters = 256
	// verifyRetryAfter is the Retry-After for a token that got no permit.
	verifyRetryAfter = time.Second
)

// verifyLimiter bounds the verification of signatures: as many at once as there are processors, each followed by a
// rest. Only tokens with a valid form, algorithm and key get this far.
type verifyLimiter struct {
	// permits holds the rest that each permit owes.
	permits          chan time.Duration
	running, waiting atomic.Int64
}

func newVerifyLimiter() *verifyLimiter {
	l := &verifyLimiter{permits: make(chan time.Duration, runtime.GOMAXPROCS(0))}
	for range cap(l.permits) {
		l.permits <- 0
	}
	return l
}

// verify waits for a permit until ctx ends, and not at all if too many wait already. It then returns an error, which is
// no verdict on the token.
func (l *verifyLimiter) verify(ctx context.Context, found candidates, t *token) error {
	owed, err := l.enter(ctx)
	if err != nil {
		return err
	}
	defer l.leave(owed, time.Now())
	return found.verify(t)
}

// isFull reports whether a further token would be turned away.
func (l *verifyLimiter) isFull() bool { return l.waiting.Load() >= maxVerifyWaiters }

func (l *verifyLimiter) enter(ctx context.Context) (owed time.Duration, err error) {
	defer l.waiting.Add(-1)
	if l.waiting.Add(1) > maxVerifyWaiters {
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
	"Too many tokens are being verified right now: try again later", verifyRetryAfter)

func (l *verifyLimiter) leave(owed time.Duration, started time.Time) {
	l.running.Add(-1)
	owed += restFactor * time.Since(started)
	if owed < minRest {
		l.permits <- owed
		return
	}
	time.AfterFunc(min(owed, maxRest), func() { l.permits <- 0 })
}
