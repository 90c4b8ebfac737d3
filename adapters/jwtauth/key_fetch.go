package jwtauth

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	// refreshInterval lies between an answer and the next fetch where nobody asks for one, ± a tenth so that the
	// instances of a service spread.
	refreshInterval = 5 * time.Minute
	// fetchSpacing lies between the end of a fetch and the start of the next, whatever comes.
	fetchSpacing = 10 * time.Second
	// fetchTimeout ends one fetch, its body included.
	fetchTimeout = 2 * time.Second
)

// firstSpacings take the place of fetchSpacing while no keys were ever had and fetches fail; the last stays.
var firstSpacings = [...]time.Duration{time.Second, 2 * time.Second, 4 * time.Second}

// flight is the fetch under way; done is closed when its answer counts.
type flight struct {
	began time.Time
	asked map[string]struct{}
	done  chan struct{}
}

// run keeps the keys fetched ahead of need until ctx ends, and then waits for the fetch under way, 2 s at most.
func (m *keyManager) run(ctx context.Context) {
	for ctx.Err() == nil {
		m.mu.Lock()
		due := m.due()
		m.startIfDue(due)
		flight := m.flight
		m.mu.Unlock()
		if flight != nil {
			<-flight.done
			continue
		}
		timer := time.NewTimer(time.Until(due))
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-m.wake:
		}
		timer.Stop()
	}
}

// due is when the background loop fetches: as soon as it may where someone asked or the last fetch failed.
func (m *keyManager) due() time.Time {
	if len(m.asked) > 0 || m.fault != "" {
		return m.next
	}
	return m.refresh
}

func (m *keyManager) startIfDue(due time.Time) bool {
	if m.flight != nil || time.Now().Before(due) {
		return false
	}
	m.flight = &flight{began: time.Now(), asked: m.asked, done: make(chan struct{})}
	m.asked = map[string]struct{}{}
	m.fetches++
	go m.fetch(m.flight)
	return true
}

// fetch does not end with anyone's context: whoever started it is not the only one who waits for it.
func (m *keyManager) fetch(f *flight) {
	ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
	defer cancel()
	answer := m.endpoint.fetch(ctx)

	m.mu.Lock()
	tell := m.apply(f, answer)
	m.mu.Unlock()
	tell()

	m.mu.Lock()
	m.flight = nil
	m.mu.Unlock()
	close(f.done)
	m.wakeUp() // the loop sleeps by what was true before
}

func (m *keyManager) wakeUp() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

func (m *keyManager) spacing() time.Duration {
	if m.hadKeys || m.failures == 0 {
		return fetchSpacing
	}
	return firstSpacings[min(m.failures, len(firstSpacings))-1]
}

// jittered is d ± a tenth.
func jittered(d time.Duration) time.Duration {
	return d + time.Duration((rand.Float64()*0.2-0.1)*float64(d)) //nolint:gosec // it spreads fetches, it hides nothing
}
