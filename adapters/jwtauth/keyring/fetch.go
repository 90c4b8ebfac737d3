package keyring

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	// refreshInterval is the time between an answer and the next fetch if nobody asks for one, ± a tenth so that the
	// copies of the service do not fetch at once.
	refreshInterval = 5 * time.Minute
	// fetchSpacing is the least time between the end of a fetch and the start of the next.
	fetchSpacing = 10 * time.Second
	// fetchTimeout bounds one fetch, including its body.
	fetchTimeout = 2 * time.Second
)

// firstSpacings replace fetchSpacing while there never were keys and fetches fail; the last one is repeated.
var firstSpacings = [...]time.Duration{time.Second, 2 * time.Second, 4 * time.Second}

// flight is the fetch under way; done is closed when its answer is applied.
type flight struct {
	began time.Time
	asked map[string]struct{}
	done  chan struct{}
}

// Run fetches the keys ahead of need until ctx ends, and then waits for the fetch under way, 2 s at most.
func (r *Ring) Run(ctx context.Context) {
	for ctx.Err() == nil {
		r.mu.Lock()
		due := r.due()
		r.startIfDue(due)
		flight := r.flight
		r.mu.Unlock()
		if flight != nil {
			<-flight.done
			continue
		}
		timer := time.NewTimer(time.Until(due))
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-r.wake:
		}
		timer.Stop()
	}
}

// due is the time of the background loop's next fetch: as soon as allowed if a kid was asked for or the last fetch
// failed.
func (r *Ring) due() time.Time {
	if len(r.asked) > 0 || r.fault != "" {
		return r.next
	}
	return r.refresh
}

func (r *Ring) startIfDue(due time.Time) bool {
	if r.flight != nil || time.Now().Before(due) {
		return false
	}
	r.flight = &flight{began: time.Now(), asked: r.asked, done: make(chan struct{})}
	r.asked = map[string]struct{}{}
	r.fetches++
	go r.fetch(r.flight)
	return true
}

// fetch does not end with a caller's context, since several callers may wait for it.
func (r *Ring) fetch(f *flight) {
	ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
	defer cancel()
	answer := r.endpoint.fetch(ctx)

	r.mu.Lock()
	tell := r.apply(f, answer)
	r.mu.Unlock()
	tell()

	r.mu.Lock()
	r.flight = nil
	r.mu.Unlock()
	close(f.done)
	r.wakeUp() // the loop sleeps by what was true before
}

func (r *Ring) wakeUp() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func (r *Ring) spacing() time.Duration {
	if r.hadKeys || r.failures == 0 {
		return fetchSpacing
	}
	return firstSpacings[min(r.failures, len(firstSpacings))-1]
}

// jittered is d ± a tenth.
func jittered(d time.Duration) time.Duration {
	return d + time.Duration((rand.Float64()*0.2-0.1)*float64(d)) //nolint:gosec // it spreads fetches, it hides nothing
}
