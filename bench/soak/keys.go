package main

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports/portstest"
)

const (
	// settled is how long after an undisturbed reply of the key endpoint the service has to act on it.
	settled                    = 3 * time.Second
	keptPublished, keptRevoked = 3, 2
)

// key is one signing key of the project.
type key struct {
	portstest.SigningKey
	tokens sync.Map // its warm ones, by person
	// withdrawn is when it left the document; taught and untaught when the service must have learned that it is there, and
	// that it is not: by an undisturbed reply of the key endpoint, or as a reply first showed it.
	withdrawn, taught, untaught moment
}

// moment is a time that is set once, by whoever comes first; zero until then.
type moment struct{ nanoseconds atomic.Int64 }

func (m *moment) set(at time.Time) { m.nanoseconds.CompareAndSwap(0, at.UnixNano()) }

func (m *moment) isBefore(at time.Time) bool {
	set := m.nanoseconds.Load()
	return set != 0 && set < at.UnixNano()
}

// warm is a person's token that was sent before.
func (k *key) warm(p *person) string {
	made, known := k.tokens.Load(p)
	if !known {
		made, _ = k.tokens.LoadOrStore(p, k.fresh(p))
	}
	return fmt.Sprint(made)
}

func (k *key) fresh(p *person) string { return k.Token(p.claims()) }

// judge judges the reply to a good token of this key, and then that to a caller who was let in.
func (k *key) judge(r *reply, then judge) string {
	unknown := r.is(http.StatusUnauthorized, auth, core.ReasonKeyUnknown)
	unavailable := r.is(http.StatusServiceUnavailable, core.CodeUnavailable, core.ReasonKeysUnavailable)
	switch withdrawn, taught := k.withdrawn.isBefore(r.received), k.taught.isBefore(r.sent); {
	case r.status == http.StatusOK:
		k.taught.set(r.received)
		if k.untaught.isBefore(r.sent) {
			return "its signing key was revoked, and the service knew that"
		}
		return then(r)
	case !unknown && !unavailable:
		return "a good token under a published key gets 200, or 401 key_unknown or 503 keys_unavailable around a rotation"
	case withdrawn && (unknown || taught):
		k.untaught.set(r.received)
	case !withdrawn && (unknown || taught):
		return "its signing key is published, and the service was told"
	}
	return ""
}

// keyring is the project's keys: those in its document, the newest first, and those revoked of late.
type keyring struct {
	*book
	lock               sync.Mutex
	made               int
	published, revoked []*key
}

func newKeyring(b *book) *keyring {
	ring := &keyring{book: b}
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
	create := portstest.NewES256Key
	if r.made%3 == 0 {
		create = portstest.NewEdDSAKey
	}
	r.published = slices.Insert(r.published, 0, &key{SigningKey: create(fmt.Sprintf("soak-%d", r.made))})
	if len(r.published) > keptPublished {
		r.published[keptPublished].withdrawn.set(time.Now())
		r.revoked = slices.Insert(r.revoked, 0, r.published[keptPublished])
		r.published, r.revoked = r.published[:keptPublished], r.revoked[:min(len(r.revoked), keptRevoked)]
		r.count("the keys", "rotated")
	}
}

func (r *keyring) lists() (published, revoked []*key) {
	r.lock.Lock()
	defer r.lock.Unlock()
	return slices.Clone(r.published), slices.Clone(r.revoked)
}

// document is what is published now, and what follows once the service has got it undisturbed.
func (r *keyring) document() (text string, arrived func(time.Time)) {
	published, revoked := r.lists()
	var shown []portstest.Claims
	for _, one := range published {
		shown = append(shown, one.JWK())
	}
	r.count("the keys", "fetched")
	return portstest.JWKS(shown...), func(at time.Time) {
		for _, one := range published {
			one.taught.set(at)
		}
		for _, one := range revoked {
			one.untaught.set(at)
		}
	}
}

// signed signs in with a token of a key; if there is none, of the project's secret.
func signed(choose func(*keyring, *dice) *key, token func(*key, *person) string) step {
	return func(s *scenario, d *dice, c *call) {
		p, k := s.anyone(d, ""), choose(s.keys, d)
		c.by(p, p.token)
		c.data = p.isMe
		if k != nil {
			c.bears(token(k, p), p.address)
			c.accept = func(r *reply) string { return k.judge(r, p.isMe) }
		}
	}
}

// known is a published key that the service has, nil if there is none.
func (r *keyring) known(d *dice) *key {
	published, _ := r.lists()
	return one(slices.DeleteFunc(published, func(k *key) bool { return !k.taught.isBefore(time.Now()) }), d)
}

func (r *keyring) newest(*dice) *key { published, _ := r.lists(); return published[0] }

func (r *keyring) gone(d *dice) *key { _, revoked := r.lists(); return one(revoked, d) }

func one(keys []*key, d *dice) *key {
	if len(keys) == 0 {
		return nil
	}
	return keys[d.IntN(len(keys))]
}

// strange signs with a key that was never published.
func strange(s *scenario, d *dice, c *call) {
	k := &key{SigningKey: portstest.SigningKey{ID: fmt.Sprintf("stranger-%d", d.IntN(1000)), Algorithm: "ES256", Private: s.es256}}
	k.withdrawn.set(time.Unix(1, 0))
	c.bears(k.fresh(s.anyone(d, "")), anyAddress(d))
	c.accept = func(r *reply) string { return k.judge(r, func(*reply) string { return "its key was never published" }) }
}

// forgedKey signs with another key under the id of a published one, which may be revoked meanwhile.
func forgedKey(s *scenario, d *dice, c *call) {
	k := s.keys.known(d)
	if k == nil {
		bad(forged)(s, d, c)
		return
	}
	signer := s.es256
	if k.Algorithm == "EdDSA" {
		signer = s.eddsa
	}
	other := portstest.SigningKey{ID: k.ID, Algorithm: k.Algorithm, Private: signer}
	c.bears(other.Token(s.anyone(d, "").claims()), anyAddress(d))
	c.accept = func(r *reply) string {
		if r.is(http.StatusUnauthorized, auth, core.ReasonSignatureInvalid) {
			return ""
		}
		return k.judge(r, func(*reply) string { return "a forged token was let in" })
	}
}
