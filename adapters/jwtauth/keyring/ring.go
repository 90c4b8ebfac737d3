// Package keyring caches the keys that a Supabase project publishes. They are fetched ahead of need. ring.go has
// look-ups and their waits, fetch.go the times of fetches, endpoint.go one fetch, answer.go the changes that an answer
// makes, and jwks.go the choice of usable keys.
package keyring

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/journey-os/journey-api/core"
)

const (
	// maxWait is how long a token waits for its key.
	maxWait = 2 * time.Second
	// maxWaiters bounds the tokens that wait, so that they do not take up the service.
	maxWaiters = 256
	// maxAsked bounds the kids that are remembered.
	maxAsked = 1000
)

// keySet is the newest good answer. It is never changed, only replaced.
type keySet struct {
	keys map[string]*Key
	// began is when its fetch began: a kid that was asked for before that and is not in the set is not published.
	began time.Time
	// freshUntil is when the set becomes stale.
	freshUntil time.Time
}

// Ring caches the project's keys. The look-up of a known key costs one atomic load. An unknown kid requests a fetch or
// joins the one under way, and waits within bounds. A flood of made-up kids shares one budget of fetches, so it can
// neither harm the endpoint nor delay a new key.
type Ring struct {
	endpoint *endpoint
	maxStale time.Duration
	// now is the clock by which keys go stale. Fetches are paced by timers, so by the process's own clock.
	now     func() time.Time
	changed func(EndpointState, Fault)
	ignore  func(IgnoredKey)
	// keyRemoved is called when keys were removed from the set.
	keyRemoved func()
	// wake ends the background loop's pause.
	wake chan struct{}

	current atomic.Pointer[keySet]

	mu     sync.Mutex
	flight *flight
	// next is the earliest start of another fetch, refresh the latest.
	next, refresh time.Time
	// asked are the unknown kids requested since the start of the last fetch; checked are those requested from it that
	// it lacks.
	asked, checked map[string]struct{}
	waiters        int
	hadKeys        bool
	ignored        []IgnoredKey
	fault          Fault
	failures       int // in a row
	lastSuccess    time.Time
	fetches        uint64
	succeeded      uint64
	failed         uint64
	toldState      EndpointState
	toldFault      Fault
}

// New returns an error for a missing URL and for a MaxStale out of range. It opens no connection: Run fetches keys, and
// so does the first Find that needs one.
func New(config Config) (*Ring, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	return &Ring{
		endpoint:   newEndpoint(config),
		maxStale:   config.MaxStale,
		now:        config.Now,
		changed:    config.Changed,
		ignore:     config.Ignored,
		keyRemoved: config.KeyRemoved,
		wake:       make(chan struct{}, 1),
		asked:      map[string]struct{}{},
		toldState:  EndpointNeverFetched,
	}, nil
}

// Lookup returns the key of a kid, or nil if there is none that may be used at now.
func (r *Ring) Lookup(id string, now time.Time) *Key {
	set := r.current.Load()
	if set == nil || !now.Before(set.freshUntil) {
		return nil
	}
	return set.keys[id]
}

// Find returns the key of a kid: at once if it is known, else after waiting for the fetch that is due, 2 s at most. The
// error is key_unknown only if a fetch for this kid has shown that it is not published, else keys_unavailable.
func (r *Ring) Find(ctx context.Context, id string) (*Key, error) {
	if key := r.Lookup(id, r.now()); key != nil {
		return key, nil
	}
	came, waiting := time.Now(), false
	r.mu.Lock()
	defer r.mu.Unlock()
	defer func() {
		if waiting {
			r.waiters--
		}
	}()
	for {
		if key := r.Lookup(id, r.now()); key != nil {
			return key, nil
		}
		answered := r.answeredSince(came)
		if !answered {
			r.ask(id)
		}
		if answered || r.flight == nil && r.wasChecked(id) {
			return nil, core.NewAuthenticationError(core.ReasonKeyUnknown,
				"The token's signing key is not one of the project's: sign in again and send the session's new access_token")
		}
		left := time.Until(came.Add(maxWait))
		pause := time.Until(r.next)
		if left <= 0 || ctx.Err() != nil || r.flight == nil && pause > left || !waiting && r.waiters >= maxWaiters {
			return nil, r.unavailable()
		}
		if !waiting {
			waiting = true
			r.waiters++
		}
		r.pause(ctx, min(pause, left), left)
	}
}

// pause releases the lock until the fetch under way ends, at most for left; without a fetch, for idle.
func (r *Ring) pause(ctx context.Context, idle, left time.Duration) {
	var done chan struct{}
	wait := idle
	if r.flight != nil {
		done, wait = r.flight.done, left
	}
	r.mu.Unlock()
	defer r.mu.Lock()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// answeredSince reports whether the newest answer is to a fetch that began after the token came.
func (r *Ring) answeredSince(came time.Time) bool {
	set := r.current.Load()
	return set != nil && !set.began.Before(came)
}

// wasChecked reports whether the newest answer came from a fetch that was requested for this kid, and is not stale.
func (r *Ring) wasChecked(id string) bool {
	set := r.current.Load()
	_, checked := r.checked[id]
	return checked && r.now().Before(set.freshUntil)
}

// ask requests a fetch for this kid, and starts it if it is due.
func (r *Ring) ask(id string) {
	first := len(r.asked) == 0
	if len(r.asked) < maxAsked {
		r.asked[id] = struct{}{}
	}
	if !r.startIfDue(r.next) && first {
		r.wakeUp()
	}
}

func (r *Ring) unavailable() error {
	wait := time.Until(r.next)
	if r.flight != nil {
		wait = time.Until(r.flight.began.Add(fetchTimeout))
	}
	return core.NewUnavailableError(core.ReasonKeysUnavailable,
		"The project's signing keys can't be had right now: try again later", max(time.Second, (wait+time.Second-1).Truncate(time.Second)))
}
