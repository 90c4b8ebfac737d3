package jwtauth

import (
	"cmp"
	"slices"
	"time"
)

// KeyEndpointState is how it stands with the project's published keys.
type KeyEndpointState string

// All the states there are.
const (
	// KeyEndpointOff: no algorithm takes a published key, so none is fetched.
	KeyEndpointOff KeyEndpointState = "off"
	// KeyEndpointNeverFetched: no fetch has ended yet.
	KeyEndpointNeverFetched KeyEndpointState = "never fetched"
	// KeyEndpointOK: the last fetch brought keys.
	KeyEndpointOK KeyEndpointState = "ok"
	// KeyEndpointNoKeys: the endpoint works and has never published a usable key, as for a project with only a secret.
	KeyEndpointNoKeys KeyEndpointState = "no keys"
	// KeyEndpointFailing: the last fetch failed; the keys of the last good one serve, where there was one.
	KeyEndpointFailing KeyEndpointState = "failing"
	// KeyEndpointStale: the last good answer is too old to serve.
	KeyEndpointStale KeyEndpointState = "stale"
)

// Stats is a Verifier at one moment. It holds no secret, no URL and nothing of a token.
type Stats struct {
	// Keys are those that the project publishes and that may serve, in the order of their ids. Secrets are not among
	// them.
	Keys          []KeyStats
	KeyEndpoint   KeyEndpointStats
	Verdicts      VerdictStats
	Verifications VerificationStats
}

// KeyStats is one published key.
type KeyStats struct {
	ID        string
	Algorithm string
	// Age is how long this service has known it.
	Age time.Duration
}

// KeyEndpointStats is how fetching the keys goes.
type KeyEndpointStats struct {
	State KeyEndpointState
	// Fault is that of the last fetch; "" where it succeeded.
	Fault KeyFault
	// SinceSuccess is the age of the last good answer; zero where there was none.
	SinceSuccess time.Duration
	// UntilFetch is when the next fetch is planned; zero where one is due or under way, and where State is off.
	UntilFetch time.Duration
	// Fetches counts those that were started, Succeeded and Failed how they ended.
	Fetches, Succeeded, Failed uint64
	// Waiting counts the tokens that wait for a key.
	Waiting int
}

// VerdictStats is the cache of good tokens.
type VerdictStats struct {
	Entries, Capacity int
	Hits, Misses      uint64
}

// VerificationStats counts tokens whose signature is being verified, and those that wait for it: MaxWaiting at most.
type VerificationStats struct {
	Running, Waiting, MaxWaiting int
}

// Stats may be called at any time.
func (v *Verifier) Stats() Stats {
	stats := Stats{
		KeyEndpoint: KeyEndpointStats{State: KeyEndpointOff},
		Verdicts: VerdictStats{
			Entries: v.verdicts.entries.Len(), Capacity: maxVerdicts,
			Hits: v.verdicts.hits.Load(), Misses: v.verdicts.misses.Load(),
		},
		Verifications: VerificationStats{
			Running: int(v.lane.running.Load()), Waiting: int(v.lane.waiting.Load()), MaxWaiting: maxLaneWaiters,
		},
	}
	if v.keys.published != nil {
		stats.Keys, stats.KeyEndpoint = v.keys.published.stats()
	}
	return stats
}

func (m *keyManager) stats() ([]KeyStats, KeyEndpointStats) {
	m.mu.Lock()
	defer m.mu.Unlock()
	stats := KeyEndpointStats{
		State: m.state(), Fault: m.fault, Fetches: m.fetches, Succeeded: m.succeeded, Failed: m.failed, Waiting: m.waiters,
	}
	if !m.lastSuccess.IsZero() {
		stats.SinceSuccess = time.Since(m.lastSuccess)
	}
	if m.flight == nil {
		stats.UntilFetch = max(0, time.Until(m.due()))
	}
	set := m.current.Load()
	if set == nil || stats.State == KeyEndpointStale {
		return nil, stats
	}
	var keys []KeyStats
	for _, key := range set.keys {
		keys = append(keys, KeyStats{ID: key.id, Algorithm: key.algorithm, Age: time.Since(key.known)})
	}
	slices.SortFunc(keys, func(a, b KeyStats) int { return cmp.Compare(a.ID, b.ID) })
	return keys, stats
}
