package jwtauth

import (
	"github.com/journey-os/journey-api/adapters/jwtauth/keyring"
	"github.com/journey-os/journey-api/core/health"
)

// Stats is the state of a Verifier at one moment. It has no secret, no URL and no part of a token.
type Stats struct {
	// Keys are the published keys in use, sorted by id. Secrets are not among them.
	Keys        []health.SigningKey
	KeyEndpoint keyring.EndpointStats
	// Verdicts is the cache of good tokens.
	Verdicts      health.Cache
	Verifications VerificationStats
}

// VerificationStats counts tokens whose signature is being verified, and those that wait for it: MaxWaiting at most.
type VerificationStats struct {
	Running, Waiting, MaxWaiting int
}

// Stats may be called at any time.
func (v *Verifier) Stats() Stats {
	stats := Stats{
		KeyEndpoint: keyring.EndpointStats{State: keyring.EndpointOff},
		Verdicts: health.Cache{
			Name: "token verdicts", Entries: v.verdicts.entries.Len(), Capacity: maxVerdicts,
			Hits: v.verdicts.hits.Load(), Misses: v.verdicts.misses.Load(),
		},
		Verifications: VerificationStats{
			Running: int(v.limiter.running.Load()), Waiting: int(v.limiter.waiting.Load()), MaxWaiting: maxVerifyWaiters,
		},
	}
	if v.keys.published != nil {
		stats.Keys, stats.KeyEndpoint = v.keys.published.Stats()
	}
	return stats
}
