package main

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports/portstest"
)

func nobody(_ *scenario, d *dice, c *call) { c.bears("", anyAddress(d)) }

// careless sends a bad token to a route that looks at none.
func careless(_ *scenario, d *dice, c *call) {
	c.bears([]string{"", "nonsense"}[d.IntN(2)], anyAddress(d))
}

func greedy(s *scenario, _ *dice, c *call) { p := s.people[peopleCount]; c.by(p, p.token) }

// as signs in as somebody of a role, "" for any.
func as(role core.Role) step {
	return func(s *scenario, d *dice, c *call) { p := s.anyone(d, role); c.by(p, p.token) }
}

// fresh signs in with a token that was never sent: its kid, which HS256 ignores, makes it another.
func fresh(s *scenario, d *dice, c *call) {
	p := s.anyone(d, "")
	c.by(p, portstest.SignHS256(s.secret, fmt.Sprintf(`{"alg":"HS256","kid":"%d","typ":"JWT"}`, s.made.Add(1)), p.claims().JSON()))
}

// bad sends what is made of somebody's claims.
func bad(token func(*scenario, portstest.Claims) string) step {
	return func(s *scenario, d *dice, c *call) { c.bears(token(s, s.anyone(d, "").claims()), anyAddress(d)) }
}

// claiming changes one claim of a good token: a number is in seconds from now, nil takes the claim away.
func claiming(name string, value any) step {
	return bad(func(s *scenario, claims portstest.Claims) string {
		if seconds, isTime := value.(int); isTime {
			return portstest.Token(s.secret, claims.With(name, time.Now().Unix()+int64(seconds)))
		} else if value == nil {
			return portstest.Token(s.secret, claims.Without(name))
		}
		return portstest.Token(s.secret, claims.With(name, value))
	})
}

func forged(_ *scenario, claims portstest.Claims) string {
	return portstest.Token(portstest.OtherSecret, claims.With("app_metadata.role", string(core.RoleSuperadmin)))
}

func unsigned(_ *scenario, claims portstest.Claims) string {
	return portstest.EncodePart(`{"alg":"none","typ":"JWT"}`) + "." + portstest.EncodePart(claims.JSON()) + "."
}

func short(s *scenario, claims portstest.Claims) string {
	token := portstest.Token(s.secret, claims)
	return token[:len(token)/2]
}

// guess comes from one address, and may be limited.
func guess(s *scenario, _ *dice, c *call) {
	c.header.Set("X-Forwarded-For", guesser)
	c.or(http.StatusTooManyRequests, rateLimited, func() { s.guesses.Add(1) })
}

func meOrLimited(s *scenario, d *dice, c *call) {
	isMe(s, d, c)
	c.or(http.StatusTooManyRequests, rateLimited, func() { s.served.Add(1) })
}

func unmatched(_ *scenario, _ *dice, c *call) { c.route = "unmatched" }
func closing(_ *scenario, _ *dice, c *call)   { c.closes = true }

func tooMuch(_ *scenario, _ *dice, c *call) {
	c.route, c.closes, c.body = "unmatched", true, strings.Repeat("x", maxBody+1)
}

// of asks about one student or concept, of a route that has none if name is "", with a body if there is one.
func of(name, id, body string) step {
	return func(_ *scenario, _ *dice, c *call) {
		c.at(name, id, "")
		if body != "" {
			c.sends(body, "")
		}
	}
}

func packed(_ *scenario, _ *dice, c *call) { c.header.Set("Content-Encoding", "gzip") }

func preflight(origin string) step {
	return func(_ *scenario, _ *dice, c *call) {
		c.route = "preflight"
		for name, value := range map[string]string{"Origin": origin, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"} {
			c.header.Set(name, value)
		}
	}
}

// isMe judges GET /api/me: the caller is this person and nobody else, and is told what is left of the budget.
func isMe(_ *scenario, _ *dice, c *call) { c.data = c.person.isMe }

func (p *person) isMe(r *reply) string {
	if left := r.header.Get("RateLimit"); !strings.HasPrefix(left, `"user";r=`) {
		return fmt.Sprintf("RateLimit is %q", left)
	}
	var life struct{ Exp, Iat int64 }
	if err := json.Unmarshal(r.data, &life, json.MatchCaseInsensitiveNames(true)); err != nil || life.Exp-life.Iat != int64(tokenLife/time.Second) {
		return fmt.Sprintf("the token lives for %d s: %v", life.Exp-life.Iat, err)
	}
	return r.differs(members{
		"sub": p.subject, "email": p.email, "role": p.role, "institution_id": p.institution, "is_course_director": p.director, "aud": "authenticated",
	}, "exp", "iat")
}

// seesRoutes judges GET /api/me/access by a route that is for a superadmin alone.
func seesRoutes(_ *scenario, _ *dice, c *call) {
	c.data = contains(`"path":"/api/diagnostics","allowed":"` + map[bool]string{true: "yes", false: "no"}[c.person.role == core.RoleSuperadmin] + `"`)
}

func contains(text string) judge {
	return func(r *reply) string {
		if !strings.Contains(string(r.data), text) {
			return "it lacks " + text
		}
		return ""
	}
}

func listsConcepts(s *scenario, _ *dice, c *call) {
	c.data = contains(fmt.Sprintf(`"total":%d`, len(s.bank.Concepts)+2)) // with those of the platform
}

// listsItems judges what everybody may see of the items of a concept: neither key nor explanation.
func listsItems(s *scenario, d *dice, c *call) {
	concept := s.bank.Concepts[d.IntN(len(s.bank.Concepts))].ID
	c.path += "?concept_id=" + concept
	list := []members{}
	for _, item := range s.bank.Items {
		if item.ConceptID == concept {
			options := []members{}
			for _, one := range item.Options {
				options = append(options, members{"key": one.Key, "text": one.Text})
			}
			list = append(list, members{"item_id": item.ID, "concept_id": concept, "stem": item.Stem, "options": options, "retired": false})
		}
	}
	c.data = func(r *reply) string { return r.differs(members{"items": list, "total": len(list)}) }
}

func hasDefaults(_ *scenario, _ *dice, c *call) {
	c.at("concept_id", platformConcept, "")
	c.data = func(r *reply) string {
		return r.differs(members{
			"concept_id": platformConcept, "p_l0": .1, "p_t": .2, "p_g": .25, "p_s": .1, "version": 0, "sample_size": 0, "last_fitted_at": nil, "source": "default",
		}, "outdated_states")
	}
}

// calibrates asks for more answers than there are. One calibration runs at a time.
func calibrates(_ *scenario, _ *dice, c *call) {
	c.sends(`{"min_responses":1000000}`, "")
	c.or(http.StatusConflict, core.CodeCalibrationInProgress, nil)
}
