package jwtauth

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/journey-os/journey-api/core"
)

const (
	// maxKeyWait is how long a token waits for its key.
	maxKeyWait = 2 * time.Second
	// maxKeyWaiters keeps tokens that wait from taking up the service.
	maxKeyWaiters = 256
	// maxAskedKeys bounds the kids that are remembered.
	maxAskedKeys = 1000
)

// keySet is the newest good answer. It is never changed, only replaced.
type keySet struct {
	keys map[string]*publicKey
	// began is when its fetch did: a kid that was asked for before is not there if it is not here.
	began time.Time
	// freshUntil is when it has served for as long as it may.
	freshUntil time.Time
}

// keyManager has the project's keys at hand. A key that it knows costs one atomic load, whatever else goes on. A kid
// that it does not know asks for a fetch, joins the one under way, and waits within bounds; the flood of made-up kids
// that this invites shares one budget of fetches, so it can neither hurt the endpoint nor keep a new key from coming.
type keyManager struct {
	endpoint *keyEndpoint
	maxStale time.Duration
	// now is the clock that keys go stale by. Fetches are paced by timers, so by the process's own.
	now     func() time.Time
	changed func(KeyEndpointState, KeyFault)
	ignore  func(IgnoredKey)
	// keysLeft is told when a key has left the set.
	keysLeft func()
	// wake ends the background loop's pause.
	wake chan struct{}

	current atomic.Pointer[keySet]

	mu     sync.Mutex
	flight *flight
	// next is the earliest start of another fetch, refresh the latest.
	next, refresh time.Time
	// asked are the unknown kids since the start of the last fetch; checked those that it was asked for and lacks.
	asked, checked map[string]struct{}
	waiters        int
	hadKeys        bool
	ignored        []IgnoredKey
	fault          KeyFault
	failures       int // in a row
	lastSuccess    time.Time
	fetches        uint64
	succeeded      uint64
	failed         uint64
	toldState      KeyEndpointState
	toldFault      KeyFault
}

// newKeyManager takes a config that was checked; the owner of the verdicts sets keysLeft.
func newKeyManager(config Config) *keyManager {
	return &keyManager{
		endpoint:  newKeyEndpoint(config),
		maxStale:  config.JWKSMaxStale,
		now:       config.Now,
		changed:   config.KeyEndpointChanged,
		ignore:    config.KeyIgnored,
		keysLeft:  func() {},
		wake:      make(chan struct{}, 1),
		asked:     map[string]struct{}{},
		toldState: KeyEndpointNeverFetched,
	}
}

// known returns the key, or nil where there is none of that kid that may serve at now.
func (m *keyManager) known(id string, now time.Time) *publicKey {
	set := m.current.Load()
	if set == nil || !now.Before(set.freshUntil) {
		return nil
	}
	return set.keys[id]
}

// find returns the key of a kid: at once where it is known, else after waiting for the fetch that is due, 2 s at most.
// The error is key_unknown only where the endpoint was asked for this kid and has none, else keys_unavailable.
func (m *keyManager) find(ctx context.Context, id string) (*publicKey, error) {
	if key := m.known(id, m.now()); key != nil {
		return key, nil
	}
	came, waiting := time.Now(), false
	m.mu.Lock()
	defer m.mu.Unlock()
	defer func() {
		if waiting {
			m.waiters--
		}
	}()
	for {
		if key := m.known(id, m.now()); key != nil {
			return key, nil
		}
		answered := m.answeredSince(came)
		if !answered {
			m.ask(id)
		}
		if answered || m.flight == nil && m.wasChecked(id) {
			return nil, core.NewAuthenticationError(core.ReasonKeyUnknown,
				"The token's signing key is not one of the project's: sign in again and send the session's new access_token")
		}
		left := time.Until(came.Add(maxKeyWait))
		pause := time.Until(m.next)
		if left <= 0 || ctx.Err() != nil || m.flight == nil && pause > left || !waiting && m.waiters >= maxKeyWaiters {
			return nil, m.unavailable()
		}
		if !waiting {
			waiting = true
			m.waiters++
		}
		m.pause(ctx, min(pause, left), left)
	}
}

// pause gives the lock away until the fetch under way ends, but for left at most; or, where there is none, for idle.
func (m *keyManager) pause(ctx context.Context, idle, left time.Duration) {
	var done chan struct{}
	wait := idle
	if m.flight != nil {
		done, wait = m.flight.done, left
	}
	m.mu.Unlock()
	defer m.mu.Lock()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// answeredSince says whether the newest answer is one to a fetch that began after the token came.
func (m *keyManager) answeredSince(came time.Time) bool {
	set := m.current.Load()
	return set != nil && !set.began.Before(came)
}

// wasChecked says whether the newest answer came from a fetch that was for this kid among others, and may still serve.
func (m *keyManager) wasChecked(id string) bool {
	set := m.current.Load()
	_, checked := m.checked[id]
	return checked && m.now().Before(set.freshUntil)
}

// ask makes the next fetch one for this kid, and starts it where it is due.
func (m *keyManager) ask(id string) {
	first := len(m.asked) == 0
	if len(m.asked) < maxAskedKeys {
		m.asked[id] = struct{}{}
	}
	if !m.startIfDue(m.next) && first {
		m.wakeUp()
	}
}

func (m *keyManager) unavailable() error {
	wait := time.Until(m.next)
	if m.flight != nil {
		wait = time.Until(m.flight.began.Add(fetchTimeout))
	}
	return core.NewUnavailableError(core.ReasonKeysUnavailable,
		"The project's signing keys can't be had right now: try again later", max(time.Second, (wait+time.Second-1).Truncate(time.Second)))
}
