package main

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

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
	made, isKnown := k.tokens.Load(p)
	if !isKnown {
		made, _ = k.tokens.LoadOrStore(p, k.fresh(p))
	}
	return fmt.Sprint(made)
}

func (k *key) fresh(p *person) string { return k.Token(p.claims()) }

// judge judges the reply to a token under this key: a good one if good is set, which judges the caller who is let in.
func (k *key) judge(r *reply, good func(*reply) string) string {
	const signatureInvalid = auth + "signature_invalid"
	isUnknown, isUnavailable := r.outcome == auth+"key_unknown", r.outcome == unavailable+"keys_unavailable"
	switch withdrawn, taught := k.withdrawn.isBefore(r.received), k.taught.isBefore(r.sent); {
	case good == nil && r.outcome == signatureInvalid:
	case r.outcome == "200" && good != nil:
		k.taught.set(r.received)
		if k.untaught.isBefore(r.sent) {
			return "its signing key was revoked, and the service knew that"
		}
		return good(r)
	case !isUnknown && !isUnavailable:
		return "it should be 200, or 401 key_unknown or 503 keys_unavailable around a rotation"
	case withdrawn && (isUnknown || taught):
		k.untaught.set(r.received)
	case !withdrawn && (isUnknown || taught):
		return "its signing key is published, and the service was told"
	}
	return ""
}

// keyring is the project's keys: those in its document, the newest first, and those revoked of late.
type keyring struct {
	lock               sync.Mutex
	made               int
	published, revoked []*key
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
func signed(choose func(*call) *key, token func(*key, *person) string) step {
	return func(c *call) {
		p, k := c.anyone(""), choose(c)
		c.by(p, p.token())
		c.judge = p.isMe
		if k == nil {
			c.want = "200"
			return
		}
		c.bears(token(k, p), p.address)
		c.judge = func(r *reply) string { return k.judge(r, p.isMe) }
	}
}

func newestKey(c *call) *key  { published, _ := c.keys.lists(); return published[0] }
func revokedKey(c *call) *key { _, revoked := c.keys.lists(); return c.one(revoked) }

// knownKey is a published one that the service has, nil if there is none.
func knownKey(c *call) *key {
	published, _ := c.keys.lists()
	return c.one(slices.DeleteFunc(published, func(k *key) bool { return !k.taught.isBefore(time.Now()) }))
}

// strangeKey was never published.
func strangeKey(c *call) *key {
	k := &key{SigningKey: c.forgers["ES256"]}
	k.ID = fmt.Sprintf("stranger-%d", c.IntN(1000))
	k.withdrawn.set(time.Unix(1, 0))
	k.untaught.set(time.Unix(1, 0))
	return k
}

func (c *call) one(keys []*key) *key {
	if len(keys) == 0 {
		return nil
	}
	return keys[c.IntN(len(keys))]
}

// forgedKey signs with another key under the id of a published one, which may be revoked meanwhile.
func forgedKey(c *call) {
	k := knownKey(c)
	if k == nil {
		c.want = auth + "signature_invalid"
		bad(forged)(c)
		return
	}
	other := c.forgers[k.Algorithm]
	other.ID = k.ID
	c.bears(other.Token(c.anyone("").claims()), c.anyAddress())
	c.judge = func(r *reply) string { return k.judge(r, nil) }
}
