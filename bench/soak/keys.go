package main

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports/portstest"
)

// settled is how long after an undisturbed answer of the key endpoint the service has to act on it.
const settled = 3 * time.Second

// key is one signing key of the project, with what is known of it here and what the service has shown to know.
type key struct {
	portstest.SigningKey
	// tokens are its warm ones, one for each person, made when they are first sent.
	tokens []atomic.Pointer[string]

	// withdrawn is when it left the document. taught and untaught are when the service must have learned that it is there,
	// and that it is not. proven is when a reply first showed that the service has it, and gone that it has it no more.
	// All are zero until they happen.
	withdrawn, taught, untaught, proven, gone moment
}

// moment is a time that is set once, by whoever comes first, and may be read meanwhile.
type moment struct{ nanoseconds atomic.Int64 }

func (m *moment) set(at time.Time) { m.nanoseconds.CompareAndSwap(0, at.UnixNano()) }

// isBefore reports whether it has happened, before at.
func (m *moment) isBefore(at time.Time) bool {
	set := m.nanoseconds.Load()
	return set != 0 && set < at.UnixNano()
}

// token is the warm token of a person.
func (k *key) token(p *person) string {
	if made := k.tokens[p.number].Load(); made != nil {
		return *made
	}
	made := k.Token(p.claims(time.Now()))
	k.tokens[p.number].Store(&made)
	return made
}

// judge says what is wrong with the answer to a good token of this key, if anything is; then judges the answer to a
// caller who was let in.
func (k *key) judge(r *reply, then judge) string {
	switch {
	case r.status == 200:
		k.proven.set(r.received)
		if k.gone.isBefore(r.sent) {
			return "its signing key was revoked, and the service had known that"
		}
		if k.untaught.isBefore(r.sent) {
			return "its signing key was revoked, and the service was told"
		}
		return then(r)
	case r.is(401, core.CodeAuthentication, core.ReasonKeyUnknown):
		if !k.withdrawn.isBefore(r.received) {
			return "its signing key is published"
		}
		k.gone.set(r.received)
	case r.is(503, core.CodeUnavailable, core.ReasonKeysUnavailable):
		switch {
		case k.withdrawn.isBefore(r.received):
			if k.proven.isBefore(r.sent) {
				k.gone.set(r.received)
			}
		case k.proven.isBefore(r.sent):
			return "the service has had its signing key, which is still published"
		case k.taught.isBefore(r.sent):
			return "the service was told of its signing key"
		}
	default:
		return "a good token under a published key gets 200, or 401 key_unknown or 503 keys_unavailable around a rotation"
	}
	return ""
}

// keyring is the project's keys: those in its document, the one that signs first, and the revoked ones of late.
type keyring struct {
	people int

	lock      sync.Mutex
	made      int
	published []*key
	revoked   []*key
	document  string
}

const (
	keptPublished = 3
	keptRevoked   = 2
)

func newKeyring(people int) *keyring {
	ring := &keyring{people: people}
	for range keptPublished {
		ring.rotate()
	}
	return ring
}

// rotate publishes a new key, in place of the oldest if there are enough.
func (r *keyring) rotate() {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.made++
	made := &key{tokens: make([]atomic.Pointer[string], r.people)}
	if id := fmt.Sprintf("soak-%d", r.made); r.made%3 == 0 {
		made.SigningKey = portstest.NewEdDSAKey(id)
	} else {
		made.SigningKey = portstest.NewES256Key(id)
	}
	r.published = append([]*key{made}, r.published...)
	if len(r.published) > keptPublished {
		oldest := r.published[keptPublished]
		r.published = r.published[:keptPublished]
		r.revoked = append([]*key{oldest}, r.revoked...)
		r.revoked = r.revoked[:min(len(r.revoked), keptRevoked)]
		oldest.withdrawn.set(time.Now())
	}
	var shown []portstest.Claims
	for _, one := range r.published {
		shown = append(shown, one.JWK())
	}
	r.document = portstest.JWKS(shown...)
}

// publish is the document as it is now, and what follows once the service has got it undisturbed at some time.
func (r *keyring) publish() (document string, arrived func(time.Time)) {
	r.lock.Lock()
	defer r.lock.Unlock()
	published, revoked := slices.Clone(r.published), slices.Clone(r.revoked)
	return r.document, func(at time.Time) {
		for _, one := range published {
			one.taught.set(at)
		}
		for _, one := range revoked {
			one.untaught.set(at)
		}
	}
}

// newest is the key that was published last; the service may not have it yet.
func (r *keyring) newest() *key {
	r.lock.Lock()
	defer r.lock.Unlock()
	return r.published[0]
}

// known are the published keys that the service has shown to have.
func (r *keyring) known() []*key {
	r.lock.Lock()
	defer r.lock.Unlock()
	return slices.DeleteFunc(slices.Clone(r.published), func(k *key) bool { return !k.proven.isBefore(time.Now()) })
}

// lost is a revoked key, nil if there is none yet.
func (r *keyring) lost(number int) *key {
	r.lock.Lock()
	defer r.lock.Unlock()
	if len(r.revoked) == 0 {
		return nil
	}
	return r.revoked[number%len(r.revoked)]
}

// rotations counts those since the start.
func (r *keyring) rotations() int {
	r.lock.Lock()
	defer r.lock.Unlock()
	return r.made - keptPublished
}
