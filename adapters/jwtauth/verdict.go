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
	// verdictLifetime bounds how long a verdict is believed without another look at the signature.
	verdictLifetime = time.Minute
)

// digest stands for a token: no token is kept.
type digest [sha256.Size]byte

// digestOf reads the token where it is: a conversion would copy it for each request.
func digestOf(bearer string) digest {
	return sha256.Sum256(unsafe.Slice(unsafe.StringData(bearer), len(bearer))) //nolint:gosec // the sum only reads
}

// verdict is that a token is good, and the conditions that time can still break.
type verdict struct {
	caller core.AuthTokenPayload
	key    *keyring.Key // nil for a secret
	// validFrom is the later of nbf and iat, less the leeway; validUntil is exp, without it.
	validFrom, validUntil time.Time
	// keptUntil is on the monotonic clock: setting the wall clock does not prolong it.
	keptUntil time.Time
}

// verdicts remembers good tokens, and good ones only, so that nobody can fill it who can't sign in. It is plain LRU: the
// expiring kind of the same library has a goroutine that never ends.
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

// find returns the caller if a verdict stands, and still does by the clock and by the keys. A token without a
// verdict takes all the steps, and so does one whose verdict has fallen: the steps know the reason.
func (v *verdicts) find(token digest, now time.Time, keys *keys) (core.AuthTokenPayload, bool) {
	found, ok := v.entries.Get(token)
	switch {
	case !ok:
	case found.stands(now) && keys.hold(found.key, now):
		v.hits.Add(1)
		return found.caller, true
	default:
		v.entries.Remove(token)
	}
	v.misses.Add(1)
	return core.AuthTokenPayload{}, false
}

func (v *verdict) stands(now time.Time) bool {
	return !now.Before(v.validFrom) && now.Before(v.validUntil) && now.Before(v.keptUntil)
}

// keep remembers a token that has taken every step at now.
func (v *verdicts) keep(token digest, good *verdict, now time.Time) {
	good.keptUntil = now.Add(verdictLifetime)
	if good.stands(now) {
		v.entries.Add(token, good)
	}
}

// forgetFallen drops the verdicts that no longer stand: they would take up room, and hold whom they are of.
func (v *verdicts) forgetFallen(keys *keys, now time.Time) {
	for _, token := range v.entries.Keys() {
		if found, ok := v.entries.Peek(token); ok && (!found.stands(now) || !keys.hold(found.key, now)) {
			v.entries.Remove(token)
		}
	}
}
