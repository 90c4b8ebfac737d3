package main

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports/portstest"
)

// kind is one thing that callers do.
type kind struct {
	name string
	// share is how often it comes, of the sum of all shares.
	share int
	draft func(*town, *rand.Rand) draft
}

// pick draws a kind by its share.
func pick(kinds []kind, dice *rand.Rand) kind {
	sum := 0
	for _, k := range kinds {
		sum += k.share
	}
	at := dice.IntN(sum)
	for _, k := range kinds {
		if at -= k.share; at < 0 {
			return k
		}
	}
	return kinds[0]
}

// mix is everything that is answered at once. Kinds whose token may wait for a key stand in newcomers instead.
func mix() []kind {
	return slices.Concat(goodKinds(), badTokenKinds(), forgedKinds(), otherKinds())
}

// newHS256 is where goodKinds has new tokens that wait for no key.
const newHS256 = 2

func goodKinds() []kind {
	return []kind{
		{"a known token, HS256", 250, func(t *town, dice *rand.Rand) draft {
			p := t.anyone(dice)
			return t.me(p, p.hs256, p.isMe)
		}},
		{"a known token, published key", 200, func(t *town, dice *rand.Rand) draft {
			p, k := t.anyone(dice), t.anyKey(dice)
			if k == nil {
				return t.me(p, p.hs256, p.isMe)
			}
			return t.me(p, k.token(p), func(r *reply) string { return k.judge(r, p.isMe) })
		}},
		{"a new token, HS256", 40, func(t *town, dice *rand.Rand) draft {
			p := t.anyone(dice)
			return t.me(p, t.fresh(p), p.isMe)
		}},
		{"a new token, published key", 25, func(t *town, dice *rand.Rand) draft {
			p, k := t.anyone(dice), t.anyKey(dice)
			if k == nil {
				return t.me(p, t.fresh(p), p.isMe)
			}
			return t.me(p, k.Token(p.claims(time.Now())), func(r *reply) string { return k.judge(r, p.isMe) })
		}},
		{"what the role allows", 40, func(t *town, dice *rand.Rand) draft {
			p := t.anyone(dice)
			if dice.IntN(4) == 0 {
				return draft{path: "/api/diagnostics", token: p.hs256, from: p.address, judge: p.mayDiagnose}
			}
			return draft{path: "/api/me/access", token: p.hs256, from: p.address, judge: p.seesRoutes}
		}},
		{"a caller over the limit", 60, func(t *town, _ *rand.Rand) draft {
			p := t.greedy()
			return t.me(p, p.hs256, p.isServedOrLimited)
		}},
	}
}

func badTokenKinds() []kind {
	claims := func(change func(portstest.Claims) portstest.Claims) func(*town, *person) string {
		return func(t *town, p *person) string { return portstest.Token(t.secret, change(p.claims(time.Now()))) }
	}
	bad := []struct {
		name  string
		share int
		why   core.Reason
		token func(*town, *person) string
	}{
		{"no token", 25, core.ReasonTokenMissing, func(*town, *person) string { return "" }},
		{"an expired token", 15, core.ReasonTokenExpired, claims(func(c portstest.Claims) portstest.Claims { return c.With("exp", time.Now().Unix()-60) })},
		{"a token of the future", 5, core.ReasonTokenNotYetValid, claims(func(c portstest.Claims) portstest.Claims { return c.With("nbf", time.Now().Unix()+600) })},
		{"another audience", 5, core.ReasonAudienceInvalid, claims(func(c portstest.Claims) portstest.Claims { return c.With("aud", "somebody") })},
		{"an account without a role", 5, core.ReasonAccountIncomplete, claims(func(c portstest.Claims) portstest.Claims { return c.Without("app_metadata.role") })},
		{"an API key", 10, core.ReasonNotAUserToken, claims(func(c portstest.Claims) portstest.Claims { return c.With("role", "anon") })},
		{"a forged token", 20, core.ReasonSignatureInvalid, func(_ *town, p *person) string {
			return portstest.Token(portstest.OtherSecret, p.claims(time.Now()).With("app_metadata.role", string(core.RoleSuperadmin)))
		}},
		{"an unsigned token", 10, core.ReasonAlgorithmRejected, func(_ *town, p *person) string {
			return portstest.EncodePart(`{"alg":"none","typ":"JWT"}`) + "." + portstest.EncodePart(p.claims(time.Now()).JSON()) + "."
		}},
		{"a token cut short", 15, core.ReasonTokenMalformed, func(_ *town, p *person) string { return p.hs256[:len(p.hs256)/2] }},
	}
	var kinds []kind
	for _, one := range bad {
		kinds = append(kinds, kind{one.name, one.share, func(t *town, dice *rand.Rand) draft {
			p := t.anyone(dice)
			return draft{path: "/api/me", token: one.token(t, p), from: anyAddress(dice), judge: refused(one.why)}
		}})
	}
	return kinds
}

// forgedKinds are forged under a published key, and guessed.
func forgedKinds() []kind {
	return []kind{{"a forged token, published key", 10, func(t *town, dice *rand.Rand) draft {
		p, k := t.anyone(dice), t.anyKey(dice)
		if k == nil {
			return draft{path: "/api/me", from: anyAddress(dice), judge: refused(core.ReasonTokenMissing)}
		}
		forged := portstest.SigningKey{ID: k.ID, Algorithm: k.Algorithm, Private: t.forger(k.Algorithm)}.Token(p.claims(time.Now()))
		return draft{path: "/api/me", token: forged, from: anyAddress(dice), judge: func(r *reply) string {
			if r.status == http.StatusOK {
				return "a forged token was let in"
			}
			if r.is(http.StatusUnauthorized, core.CodeAuthentication, core.ReasonSignatureInvalid) {
				return ""
			}
			return k.judge(r, p.isMe) // its key may have been revoked meanwhile
		}}
	}}, {"guesses from one address", 60, func(t *town, dice *rand.Rand) draft {
		p := t.anyone(dice)
		return draft{path: "/api/me", token: p.hs256[:len(p.hs256)/2], from: guesser, judge: t.isGuess}
	}}}
}

func otherKinds() []kind {
	probe := func(name, method, path string, share int, judged func(*town) judge) kind {
		return kind{name, share, func(t *town, dice *rand.Rand) draft {
			// Probes look at no token, even if a bad one is sent.
			return draft{method: method, path: path, token: []string{"", "nonsense"}[dice.IntN(2)], judge: judged(t)}
		}}
	}
	always := func(j judge) func(*town) judge { return func(*town) judge { return j } }
	plain := func(name string, share int, d draft) kind {
		return kind{name, share, func(_ *town, dice *rand.Rand) draft {
			d.from = anyAddress(dice)
			return d
		}}
	}
	preflight := []string{"Access-Control-Request-Method: GET", "Access-Control-Request-Headers: authorization"}
	return []kind{
		probe("health", "GET", "/health", 60, func(t *town) judge { return t.climate.isHealth }),
		probe("liveness", "GET", "/health/live", 40, always(succeeds(http.StatusOK))),
		probe("readiness", "GET", "/health/ready", 40, func(t *town) judge { return t.climate.isReady }),
		probe("liveness, HEAD", "HEAD", "/health/live", 10, always(succeeds(http.StatusOK))),
		plain("an unknown route", 20, draft{path: "/api/nothing/here", route: "unmatched", token: "nonsense", judge: fails(404, core.CodeNotFound, "")}),
		plain("a wrong method", 15, draft{method: "POST", path: "/api/me", route: "unmatched", body: `{"a":1}`, judge: fails(405, codeMethodNotAllowed, "")}),
		plain("a method that nobody knows", 5, draft{method: "BREW", path: "/api/me", route: "unmatched", judge: fails(405, codeMethodNotAllowed, "")}),
		plain("a compressed body", 5, draft{path: "/api/me", headers: []string{"Content-Encoding: gzip"}, judge: fails(415, codeMediaType, "")}),
		plain("a preflight", 15, draft{method: "OPTIONS", path: "/api/me", route: "preflight", origin: goodOrigin, headers: preflight, judge: succeeds(http.StatusNoContent)}),
		plain("a preflight from elsewhere", 5, draft{method: "OPTIONS", path: "/api/me", route: "preflight", origin: badOrigin, headers: preflight, judge: succeeds(http.StatusNoContent)}),
		plain("OPTIONS, no preflight", 5, draft{method: "OPTIONS", path: "/api/me", route: "unmatched", judge: fails(405, codeMethodNotAllowed, "")}),
		plain("the redirect to the docs", 5, draft{path: "/", judge: succeeds(http.StatusFound)}),
		plain("the OpenAPI document", 1, draft{path: "/openapi.json", judge: succeeds(http.StatusOK)}),
		plain("the last of its connection", 15, draft{path: "/health/live", closes: true, judge: succeeds(http.StatusOK)}),
		plain("a body over the limit", 2, draft{method: "POST", path: "/api/me", route: "unmatched", closes: true, body: strings.Repeat("x", maxBody+1), judge: fails(413, codePayloadTooLarge, "")}),
	}
}

// spoiled are requests that can't be read; each costs its connection.
func spoiled(dice *rand.Rand) request {
	const line = "GET /api/me HTTP/1.1\r\nHost: soak.example\r\n"
	bad := fails(http.StatusBadRequest, codeBadRequest, "")
	switch dice.IntN(5) {
	case 0:
		return unreadable("hello, is anybody there\r\n\r\n", bad)
	case 1:
		return unreadable("GET /api/me HTTP/1.1\r\n\r\n", bad)
	case 2:
		return unreadable(line+"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", bad)
	case 3:
		return unreadable(line+"nonsense\r\n\r\n", bad)
	default:
		return unreadable(line+bigHeader()+"\r\n\r\n", fails(http.StatusRequestHeaderFieldsTooLarge, codeHeadersTooLarge, ""))
	}
}
