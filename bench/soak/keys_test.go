package soak

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/journey-os/journey-api/ports/portstest"
)

// settled is how long after an undisturbed reply of the key endpoint the service has to act on it.
const settled = 3 * time.Second

// key is one signing key of the project.
type key struct {
	portstest.SigningKey
	tokens sync.Map // those that were sent before, by person
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

// judge judges the reply to a token under this key: a good one if good is set, which judges the caller who is let in.
func (k *key) judge(r *reply, good func(*reply) string) string {
	isUnknown, isUnavailable := r.outcome == auth+"key_unknown", r.outcome == unavailable+"keys_unavailable"
	switch withdrawn, taught := k.withdrawn.isBefore(r.received), k.taught.isBefore(r.sent); {
	case good == nil && r.outcome == auth+"signature_invalid":
	case good != nil && r.outcome == "200":
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

// rotate publishes a new key in place of the oldest, if there are enough.
func (s *soak) rotate() {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.rotations++
	create := portstest.NewES256Key
	if s.rotations%3 == 0 {
		create = portstest.NewEdDSAKey
	}
	s.keys = slices.Insert(s.keys, 0, &key{SigningKey: create(fmt.Sprintf("soak-%d", s.rotations))})
	if len(s.keys) > keptPublished {
		s.keys[keptPublished].withdrawn.set(time.Now())
	}
	s.keys = s.keys[:min(len(s.keys), keptPublished+keptRevoked)]
}

// allKeys are those that are published, and those that were last.
func (s *soak) allKeys() (published, revoked []*key) {
	s.lock.Lock()
	defer s.lock.Unlock()
	all := slices.Clone(s.keys)
	return all[:keptPublished:keptPublished], all[keptPublished:]
}

// Which key a token is signed with. One that is known is published, and the service has it.
const knownKey, newestKey, revokedKey, strangeKey = "known", "newest", "revoked", "strange"

// key is one of a kind, or any that is published if there is none.
func (c *call) key(kind string) *key {
	published, revoked := c.allKeys()
	all := map[string][]*key{newestKey: published[:1], revokedKey: revoked}[kind]
	switch kind {
	case knownKey:
		all = slices.DeleteFunc(slices.Clone(published), func(k *key) bool { return !k.taught.isBefore(time.Now()) })
	case strangeKey:
		k := &key{SigningKey: c.forgers["ES256"]}
		k.ID = fmt.Sprintf("stranger-%d", c.IntN(1000))
		k.withdrawn.set(time.Unix(1, 0))
		k.untaught.set(time.Unix(1, 0))
		return k
	}
	if len(all) == 0 {
		all = published
	}
	return all[c.IntN(len(all))]
}

// signed signs in with a token of a key, new or sent before.
func signed(kind string, isNew bool) step {
	return func(c *call) {
		p, k := c.anyone(""), c.key(kind)
		token, isKnown := k.tokens.Load(p)
		if !isKnown || isNew {
			token = k.Token(p.claims())
			k.tokens.Store(p, token)
		}
		c.by(p, fmt.Sprint(token))
		c.judge = func(r *reply) string { return k.judge(r, p.isMe) }
	}
}

// forgedKey signs with another key under the id of a published one, which may be revoked meanwhile.
func forgedKey(c *call) {
	k := c.key(knownKey)
	other := c.forgers[k.Algorithm]
	other.ID = k.ID
	c.bears(other.Token(c.anyone("").claims()), "")
	c.judge = func(r *reply) string { return k.judge(r, nil) }
}
