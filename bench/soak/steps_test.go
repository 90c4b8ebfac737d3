package soak

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports/portstest"
)

const (
	// peopleCount is enough that nobody asks as often as the rate limit allows, but for the one who does it on purpose.
	peopleCount = 2000
	// tokenLife is longer than any soak.
	tokenLife = 3 * time.Hour
	// goodOrigin may call, badOrigin may not.
	goodOrigin, badOrigin = "https://app.soak.example", "https://elsewhere.example"
	// These must stand in no log.
	plantedEmail, plantedKey, plantedPassword = "soak-planted-email", "soak-planted-role-key", "soak-planted-neo4j-password"
)

// person is one account of the project.
type person struct {
	number           int
	subject, address string
	role             core.Role
	profile          members // what GET /api/me returns, but for the token's times
	token            func() string
}

// newPeople are those who keep to the limits, and a last one who does not.
func newPeople(secret string) (people []*person) {
	for i := range peopleCount + 1 {
		p := &person{number: i, subject: fmt.Sprintf("soak-user-%d", i), role: core.Roles()[i%len(core.Roles())]}
		p.address = fmt.Sprintf("198.51.%d.%d", i/250, 1+i%250)
		p.profile = members{
			"sub": p.subject, "email": fmt.Sprintf("%s-%d@soak.example", plantedEmail, i), "role": string(p.role),
			"institution_id": fmt.Sprintf("school-%d", i%7), "is_course_director": p.role == core.RoleFaculty && i%2 == 0,
			"aud": "authenticated",
		}
		if p.role == core.RoleSuperadmin {
			p.profile["institution_id"] = ""
		}
		p.token = sync.OnceValue(func() string { return portstest.Token(secret, p.claims()) })
		people = append(people, p)
	}
	return people
}

// claims are those of one of the person's tokens, with all that a Supabase project sends.
func (p *person) claims() portstest.Claims {
	now := time.Now()
	claims := portstest.RealSizedClaims(now).With("sub", p.subject).With("email", p.profile["email"]).
		With("exp", now.Add(tokenLife).Unix())
	for _, name := range []string{"role", "institution_id", "is_course_director"} {
		claims = claims.With("app_metadata."+name, p.profile[name])
	}
	return claims
}

// isMe judges GET /api/me: the caller is this person and nobody else, and is told what is left of the budget.
func (p *person) isMe(r *reply) string {
	if left := r.Header.Get("RateLimit"); !strings.HasPrefix(left, `"user";r=`) {
		return fmt.Sprintf("RateLimit is %q", left)
	}
	var life struct{ Exp, Iat int64 }
	_ = json.Unmarshal(r.envelope.Data, &life)
	if life.Exp-life.Iat != int64(tokenLife/time.Second) {
		return "its times are not the token's"
	}
	return p.profile.MissingIn(r.envelope.Data)
}

// step fills in a part of a call, or says what is right.
type (
	step  func(*call)
	steps []step
)

// anyone is somebody who keeps to the limits, of a role if there is one.
func (c *call) anyone(role core.Role) *person {
	for {
		if p := c.people[c.IntN(peopleCount)]; role == "" || p.role == role {
			return p
		}
	}
}

// bears sends a token from an address, or from any of many, of both kinds of IP.
func (c *call) bears(token, from string) {
	if from == "" && c.IntN(4) == 0 {
		from = fmt.Sprintf("2001:db8:%x::%x", c.IntN(1000), c.IntN(1<<16))
	} else if from == "" {
		from = fmt.Sprintf("192.0.%d.%d", c.IntN(8), 1+c.IntN(250))
	}
	c.header.Set("X-Forwarded-For", from)
	if token != "" {
		c.header.Set("Authorization", "Bearer "+token)
	}
}

// by signs the call in as p.
func (c *call) by(p *person, token string) {
	c.person = p
	c.bears(token, p.address)
	if origin := []string{"", goodOrigin, badOrigin}[p.number%3]; origin != "" {
		c.header.Set("Origin", origin)
	}
}

func nobody(c *call) { c.bears("", "") }

// careless sends a bad token to a route that looks at none.
func careless(c *call) { c.bears([]string{"", "nonsense"}[c.IntN(2)], "") }

func greedy(c *call) { p := c.people[peopleCount]; c.by(p, p.token()) }

// as signs in as somebody of a role, "" for any.
func as(role core.Role) step {
	return func(c *call) { p := c.anyone(role); c.by(p, p.token()) }
}

// fresh signs in with a token that was never sent: its kid, which HS256 ignores, makes it another.
func fresh(c *call) {
	p := c.anyone("")
	c.by(p, portstest.SignHS256(c.secret, fmt.Sprintf(`{"alg":"HS256","kid":%q,"typ":"JWT"}`, c.id), p.claims().JSON()))
}

func isMe(c *call) { c.judge = c.person.isMe }

// bad sends what is made of somebody's claims.
func bad(token func(secret string, claims portstest.Claims) string) step {
	return func(c *call) { c.bears(token(c.secret, c.anyone("").claims()), "") }
}

// claiming changes one claim of a good token: a number is in seconds from now, nil takes the claim away.
func claiming(name string, value any) step {
	return bad(func(secret string, claims portstest.Claims) string {
		if seconds, isTime := value.(int); isTime {
			return portstest.Token(secret, claims.With(name, time.Now().Unix()+int64(seconds)))
		} else if value == nil {
			return portstest.Token(secret, claims.Without(name))
		}
		return portstest.Token(secret, claims.With(name, value))
	})
}

func forged(_ string, claims portstest.Claims) string {
	return portstest.Token(portstest.OtherSecret, claims.With("app_metadata.role", string(core.RoleSuperadmin)))
}

func unsigned(_ string, claims portstest.Claims) string {
	return portstest.EncodePart(`{"alg":"none","typ":"JWT"}`) + "." + portstest.EncodePart(claims.JSON()) + "."
}

func short(secret string, claims portstest.Claims) string {
	token := portstest.Token(secret, claims)
	return token[:len(token)/2]
}

// sets sets a header; X-Forwarded-For is one address, which may be limited: all others fail too seldom.
func sets(name, value string) step { return func(c *call) { c.header.Set(name, value) } }

// routed is how log and metrics call the route.
func routed(route string) step { return func(c *call) { c.route = route } }

// closes has the connection end with the reply.
func closes(c *call) { c.closes = true }

// about asks about one student, concept or session, with a body if there is one.
func about(id, body string) step {
	return func(c *call) {
		if before, after, found := strings.Cut(c.path, "{"); found {
			_, after, _ = strings.Cut(after, "}")
			c.path = before + id + after
		}
		if c.body = body; body != "" {
			c.header.Set("Content-Type", "application/json")
		}
	}
}

// says has the data of a wanted reply have these members.
func says(want members) step {
	return func(c *call) { c.judge = func(r *reply) string { return want.MissingIn(r.envelope.Data) } }
}

// wrongly sends an answer that is refused for the value of one member.
func wrongly(name string, value any) step {
	return func(c *call) {
		fields := members{
			"student_id": c.person.subject, "concept_id": platformConcept, "item_id": platformItem, "correct": true, "latency_ms": 1,
			"timestamp": "2025-11-03T09:30:00Z",
		}
		fields[name] = value
		about("", fields.String())(c)
	}
}

// seesRoutes judges GET /api/me/access by a route that is for a superadmin alone.
func seesRoutes(c *call) {
	isAllowed := map[bool]string{false: "no", true: "yes"}[c.person.role == core.RoleSuperadmin]
	want := `"path":"/api/diagnostics","allowed":"` + isAllowed + `"`
	c.judge = func(r *reply) string {
		return map[bool]string{false: "it lacks " + want}[strings.Contains(string(r.envelope.Data), want)]
	}
}

// listsConcepts counts those of the bank and of the platform.
func listsConcepts(c *call) { says(members{"total": len(c.bank.Concepts) + 2})(c) }

// listsItems judges the items of a concept. That they have no keys, the document has.
func listsItems(c *call) {
	concept, list := c.bank.Concepts[c.IntN(len(c.bank.Concepts))].ID, []members{}
	c.path += "?concept_id=" + concept
	for _, item := range c.bank.Items {
		if item.ConceptID == concept {
			list = append(list, members{"item_id": item.ID, "concept_id": concept, "stem": item.Stem, "retired": false})
		}
	}
	says(members{"items": list, "total": len(list)})(c)
}

func preflight(origin string) step {
	return func(c *call) {
		c.route = "preflight"
		c.header.Set("Origin", origin)
		c.header.Set("Access-Control-Request-Method", http.MethodGet)
		c.header.Set("Access-Control-Request-Headers", "authorization")
	}
}
