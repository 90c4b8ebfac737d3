package main

import (
	"crypto"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports/portstest"
)

// guesser is the one address from which tokens are guessed; the others fail too seldom to be limited.
const guesser = "203.0.113.7"

// climate is the weather before both dependencies.
type climate struct {
	neo4j, supabase *weather
	// certain counts the answers of which one alone was right.
	certain atomic.Int64
}

// noteLatency notes when a reply that waits for nothing came late.
func (c *climate) noteLatency(received time.Time, took time.Duration) {
	if took > starved {
		c.neo4j.starved.Store(received.UnixNano())
		c.supabase.starved.Store(received.UnixNano())
	}
}

// town is whom the service is asked by, and for: people, keys, weather.
type town struct {
	secret  string
	people  []*person
	keys    *keyring
	climate *climate
	// es256 and eddsa sign what is forged.
	es256, eddsa crypto.Signer
	// made counts new tokens, guesses those that the guesser got an answer about.
	made    atomic.Int64
	guesses atomic.Int64
}

func newTown(secret string, keys *keyring, weather *climate) *town {
	return &town{
		secret: secret, people: newPeople(secret), keys: keys, climate: weather,
		es256: portstest.NewES256Key("").Private, eddsa: portstest.NewEdDSAKey("").Private,
	}
}

// anyone is somebody who keeps to the limits.
func (t *town) anyone(dice *rand.Rand) *person { return t.people[dice.IntN(peopleCount)] }

// greedy is somebody who does not.
func (t *town) greedy() *person { return t.people[peopleCount] }

// anyKey is one that the service has, or nil.
func (t *town) anyKey(dice *rand.Rand) *key {
	known := t.keys.known()
	if len(known) == 0 {
		return nil
	}
	return known[dice.IntN(len(known))]
}

func (t *town) forger(algorithm string) crypto.Signer {
	if algorithm == "EdDSA" {
		return t.eddsa
	}
	return t.es256
}

// fresh is a token that was never sent: its kid, which HS256 ignores, makes it another.
func (t *town) fresh(p *person) string {
	header := fmt.Sprintf(`{"alg":"HS256","kid":"%d","typ":"JWT"}`, t.made.Add(1))
	return portstest.SignHS256(t.secret, header, p.claims(time.Now()).JSON())
}

func (t *town) me(p *person, token string, judge judge) draft {
	return draft{path: "/api/me", token: token, from: p.address, origin: []string{"", goodOrigin, badOrigin}[p.number%3], judge: judge}
}

func (t *town) isGuess(r *reply) string {
	if r.is(http.StatusTooManyRequests, codeRateLimited, "") {
		return ""
	}
	t.guesses.Add(1)
	return refused(core.ReasonTokenMalformed)(r)
}

// anyAddress is one of many, of both kinds of IP.
func anyAddress(dice *rand.Rand) string {
	if dice.IntN(4) == 0 {
		return fmt.Sprintf("2001:db8:%x::%x", dice.IntN(1000), dice.IntN(1<<16))
	}
	return fmt.Sprintf("192.0.%d.%d", dice.IntN(8), 1+dice.IntN(250))
}

// newcomer is a request whose token may have to wait for a key: it comes with the newest one, a revoked one or one that
// there never was.
func (t *town) newcomer(dice *rand.Rand) draft {
	p := t.anyone(dice)
	switch number := dice.IntN(10); {
	case number < 5:
		k := t.keys.newest()
		return t.me(p, k.token(p), func(r *reply) string { return k.judge(r, p.isMe) })
	case number < 8:
		if k := t.keys.lost(number); k != nil {
			d := t.me(p, k.token(p), func(r *reply) string { return k.judge(r, p.isMe) })
			d.from = anyAddress(dice)
			return d
		}
		fallthrough
	default:
		stranger := portstest.SigningKey{ID: fmt.Sprintf("stranger-%d", dice.IntN(1000)), Algorithm: "ES256", Private: t.es256}
		return draft{path: "/api/me", token: stranger.Token(p.claims(time.Now())), from: anyAddress(dice), judge: isStranger}
	}
}

// isStranger judges the reply to a token whose key was never published.
func isStranger(r *reply) string {
	if r.is(http.StatusUnauthorized, core.CodeAuthentication, core.ReasonKeyUnknown) ||
		r.is(http.StatusServiceUnavailable, core.CodeUnavailable, core.ReasonKeysUnavailable) {
		return ""
	}
	return "a token under a key that was never published gets 401 key_unknown or 503 keys_unavailable"
}
