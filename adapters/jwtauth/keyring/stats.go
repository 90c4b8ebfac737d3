package keyring

import (
	"cmp"
	"slices"
	"time"

	"github.com/journey-os/journey-api/core/health"
)

// EndpointState is the state of the project's key endpoint.
type EndpointState string

// The states.
const (
	// EndpointOff: no algorithm takes a published key, so none is fetched.
	EndpointOff EndpointState = "off"
	// EndpointNeverFetched: no fetch has ended yet.
	EndpointNeverFetched EndpointState = "never fetched"
	// EndpointOK: the last fetch brought keys.
	EndpointOK EndpointState = "ok"
	// EndpointNoKeys: the endpoint works and has never published a usable key, as for a project with only a secret.
	EndpointNoKeys EndpointState = "no keys"
	// EndpointFailing: the last fetch failed; the keys of the last good one are used, if there was one.
	EndpointFailing EndpointState = "failing"
	// EndpointStale: the last good answer is too old to be used.
	EndpointStale EndpointState = "stale"
)

// EndpointStats is the state of fetching the keys.
type EndpointStats struct {
	State EndpointState
	// Fault is the fault of the last fetch; "" if it succeeded.
	Fault Fault
	// SinceSuccess is the age of the last good answer; zero if there was none.
	SinceSuccess time.Duration
	// UntilFetch is the time until the next planned fetch; zero if one is due or under way, and if State is off.
	UntilFetch time.Duration
	// Fetches counts those that were started, Succeeded and Failed how they ended.
	Fetches, Succeeded, Failed uint64
	// Waiting counts the tokens that wait for a key.
	Waiting int
}

// Stats may be called at any time.
func (r *Ring) Stats() ([]health.SigningKey, EndpointStats) {
	r.mu.Lock()
	defer r.mu.Unlock()
	stats := EndpointStats{
		State: r.state(), Fault: r.fault, Fetches: r.fetches, Succeeded: r.succeeded, Failed: r.failed, Waiting: r.waiters,
	}
	if !r.lastSuccess.IsZero() {
		stats.SinceSuccess = time.Since(r.lastSuccess)
	}
	if r.flight == nil {
		stats.UntilFetch = max(0, time.Until(r.due()))
	}
	set := r.current.Load()
	if set == nil || stats.State == EndpointStale {
		return nil, stats
	}
	var keys []health.SigningKey
	for _, key := range set.keys {
		keys = append(keys, health.SigningKey{ID: key.ID, Algorithm: key.Algorithm, Age: time.Since(key.known)})
	}
	slices.SortFunc(keys, func(a, b health.SigningKey) int { return cmp.Compare(a.ID, b.ID) })
	return keys, stats
}
