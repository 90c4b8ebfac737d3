package jwtauth

import (
	"crypto/sha256"
	"sync/atomic"
	"time"
	"unsafe"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/journey-os/journey-api/adapters/jwtauth/keyring"
	"github.com/journey-os/journey-api/core"
)

const (
	// maxVerdicts bounds the memory: a verdict and its place in the cache take about half a kilobyte.
	maxVerdicts = 10_000
	// verdictLifetime bounds how long a verdict is used before the signature is verified again.
	verdictLifetime = time.Minute
)

// digest identifies a token: no token is kept.
type digest [sha256.Size]byte

// digestOf hashes the token in place: a conversion would copy it for each request.
func digestOf(bearer string) digest {
	return sha256.Sum256(unsafe.Slice(unsafe.StringData(bearer), len(bearer))) //nolint:gosec // the sum only reads
}

// verdict is the outcome for a good token, with the time in which it holds.
type verdict struct {
	caller core.AuthTokenPayload
	key    *keyring.Key // nil for a secret
	// validFrom is the later of nbf and iat, minus the leeway; validUntil is exp, without the leeway.
	validFrom, validUntil time.Time
	// keptUntil is on the monotonic clock: setting the wall clock does not prolong it.
	keptUntil time.Time
}

// verdicts caches good tokens, and only those, so that only signed-in users can fill it. It is a plain LRU: the
// expiring variant of the same library has a goroutine that never ends.
type verdicts struct {
	entries      *lru.Cache[digest, *verdict]
	hits, misses atomic.Uint64
}

func newVerdicts() *verdicts {
	entries, err := lru.New[digest, *verdict](maxVerdicts)
	if err != nil {
		panic(err) // it refuses a size below one, and nothing else
	}
	return &verdicts{entries: entries}
}

// find returns the caller if there is a verdict that is valid by the clock and by the keys. A token without one goes
// through all the checks, which know the reason of a refusal.
func (v *verdicts) find(token digest, now time.Time, keys *keys) (core.AuthTokenPayload, bool) {
	found, ok := v.entries.Get(token)
	switch {
	case !ok:
	case found.isValid(now) && keys.stillTrusts(found.key, now):
		v.hits.Add(1)
		return found.caller, true
	default:
		v.entries.Remove(token)
	}
	v.misses.Add(1)
	return core.AuthTokenPayload{}, false
}

func (v *verdict) isValid(now time.Time) bool {
	return !now.Before(v.validFrom) && now.Before(v.validUntil) && now.Before(v.keptUntil)
}

// keep caches a token that has passed every check at now.
func (v *verdicts) keep(token digest, good *verdict, now time.Time) {
	good.keptUntil = now.Add(verdictLifetime)
	if good.isValid(now) {
		v.entries.Add(token, good)
	}
}

// dropExpired drops the verdicts that are no longer valid: they take up room, and contain personal data.
func (v *verdicts) dropExpired(keys *keys, now time.Time) {
	for _, token := range v.entries.Keys() {
		if found, ok := v.entries.Peek(token); ok && (!found.isValid(now) || !keys.stillTrusts(found.key, now)) {
			v.entries.Remove(token)
		}
	}
}
