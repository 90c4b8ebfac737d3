package main

import (
	"crypto"
	"crypto/rand"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/demo"
	"github.com/journey-os/journey-api/ports/portstest"
)

const (
	// peopleCount is enough that nobody asks as often as the rate limit allows, but for the one who does it on purpose.
	peopleCount = 2000
	// tokenLife is longer than any soak.
	tokenLife = 3 * time.Hour
	// guesser is the one address that guesses tokens; the others fail too seldom to be limited.
	guesser = "203.0.113.7"
	// goodOrigin may call, badOrigin may not.
	goodOrigin, badOrigin = "https://app.soak.example", "https://elsewhere.example"
	// These must stand in no log.
	plantedEmail, plantedKey, plantedPassword = "soak-planted-email", "soak-planted-service-role-key", "soak-planted-neo4j-password"
)

// person is one account of the project.
type person struct {
	number                                      int
	subject, email, institution, address, token string
	role                                        core.Role
	director                                    bool
}

// scenario is whom the service is asked by, and what it depends on.
type scenario struct {
	secret          string
	people          []*person  // the last one is greedy
	learners        []*learner // the students among them
	bank            demo.Bank
	keys            *keyring
	neo4j, supabase *schedule
	es256, eddsa    crypto.Signer // of forgers
	anySession      atomic.Value  // the id of one that was opened
	// stalled is when the service last did not get its share of this machine, in nanoseconds.
	stalled *atomic.Int64
	// made counts new tokens, served and guesses what was not limited, cutOff the requests that were cut off.
	made, served, guesses, cutOff atomic.Int64
}

func newScenario(b *book, neo4j, supabase *schedule, stalled *atomic.Int64) *scenario {
	s := &scenario{
		secret: rand.Text() + rand.Text(), keys: newKeyring(b), bank: demo.NewBank(), stalled: stalled, neo4j: neo4j, supabase: supabase,
		es256: portstest.NewES256Key("").Private, eddsa: portstest.NewEdDSAKey("").Private,
	}
	roles := core.Roles()
	for i := range peopleCount + 1 {
		p := &person{
			number: i, subject: fmt.Sprintf("soak-user-%d", i), email: fmt.Sprintf("%s-%d@soak.example", plantedEmail, i),
			role: roles[i%len(roles)], institution: fmt.Sprintf("school-%d", i%7), address: fmt.Sprintf("198.51.%d.%d", i/250, 1+i%250),
		}
		p.director = p.role == core.RoleFaculty && i%2 == 0
		if p.role == core.RoleSuperadmin {
			p.institution = ""
		}
		p.token = portstest.Token(s.secret, p.claims())
		s.people = append(s.people, p)
		if p.role == core.RoleStudent && i < peopleCount {
			s.learners = append(s.learners, &learner{person: p, given: map[string][]given{}})
		}
	}
	return s
}

// claims are those of one of the person's tokens, with all that a Supabase project sends.
func (p *person) claims() portstest.Claims {
	now := time.Now()
	return portstest.RealSizedClaims(now).With("sub", p.subject).With("email", p.email).With("exp", now.Add(tokenLife).Unix()).
		With("app_metadata.role", string(p.role)).With("app_metadata.institution_id", p.institution).
		With("app_metadata.is_course_director", p.director)
}

// anyone is somebody who keeps to the limits, of a role if there is one.
func (s *scenario) anyone(d *dice, role core.Role) *person {
	for {
		if p := s.people[d.IntN(peopleCount)]; role == "" || p.role == role {
			return p
		}
	}
}

// item is one of the bank.
func (s *scenario) item(id string) demo.Item {
	at := slices.IndexFunc(s.bank.Items, func(i demo.Item) bool { return i.ID == id })
	return s.bank.Items[at]
}

// anyAddress is one of many, of both kinds of IP.
func anyAddress(d *dice) string {
	if d.IntN(4) == 0 {
		return fmt.Sprintf("2001:db8:%x::%x", d.IntN(1000), d.IntN(1<<16))
	}
	return fmt.Sprintf("192.0.%d.%d", d.IntN(8), 1+d.IntN(250))
}
