package main

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports/portstest"
)

const (
	// peopleCount is enough that nobody asks as often as the rate limit lets them, but for those who do it on purpose.
	peopleCount = 1000
	// tokenLife is longer than any soak.
	tokenLife = 3 * time.Hour
)

// person is one account of the project.
type person struct {
	number      int
	subject     string
	email       string
	role        core.Role
	institution string
	director    bool
	// address is where the person's requests come from.
	address string
	// hs256 is a token under the project's secret.
	hs256 string
	// let in counts the replies that were no 429, for those who ask too often.
	letIn atomic.Int64
}

// newPeople are people of every role; the last one is greedy.
func newPeople(secret string) []*person {
	roles := []core.Role{core.RoleStudent, core.RoleAdvisor, core.RoleFaculty, core.RoleInstitutionalAdmin, core.RoleSuperadmin}
	people := make([]*person, peopleCount+1)
	for i := range people {
		p := &person{
			number: i, subject: fmt.Sprintf("soak-user-%d", i), email: fmt.Sprintf("%s-%d@soak.example", plantedEmail, i),
			role: roles[i%len(roles)], institution: fmt.Sprintf("school-%d", i%7),
			address: fmt.Sprintf("198.51.%d.%d", i/250, 1+i%250),
		}
		p.director = p.role == core.RoleFaculty && i%2 == 0
		if p.role == core.RoleSuperadmin {
			p.institution = ""
		}
		p.hs256 = portstest.Token(secret, p.claims(time.Now()))
		people[i] = p
	}
	return people
}

// claims are those of one of the person's tokens, with all that a Supabase project sends.
func (p *person) claims(now time.Time) portstest.Claims {
	return portstest.RealSizedClaims(now).
		With("sub", p.subject).With("email", p.email).With("exp", now.Add(tokenLife).Unix()).
		With("app_metadata.role", string(p.role)).
		With("app_metadata.institution_id", p.institution).
		With("app_metadata.is_course_director", p.director)
}
