package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/health"
)

// The codes that only the service's HTTP adapter knows.
const (
	codeBadRequest       core.Code = "BAD_REQUEST"
	codeMethodNotAllowed core.Code = "METHOD_NOT_ALLOWED"
	codeRequestTimeout   core.Code = "REQUEST_TIMEOUT"
	codePayloadTooLarge  core.Code = "PAYLOAD_TOO_LARGE"
	codeMediaType        core.Code = "UNSUPPORTED_MEDIA_TYPE"
	codeRateLimited      core.Code = "RATE_LIMITED"
	codeHeadersTooLarge  core.Code = "HEADERS_TOO_LARGE"
)

// fails judges a reply that has to be one failure.
func fails(status int, code core.Code, reason core.Reason) judge {
	return func(r *reply) string {
		if r.is(status, code, reason) {
			return ""
		}
		return fmt.Sprintf("it should be %d %s %s", status, code, reason)
	}
}

// refused judges a reply to a token that is not taken.
func refused(reason core.Reason) judge {
	return fails(http.StatusUnauthorized, core.CodeAuthentication, reason)
}

// succeeds judges a reply by its status alone.
func succeeds(status int) judge {
	return func(r *reply) string {
		if r.status == status {
			return ""
		}
		return fmt.Sprintf("it should be %d", status)
	}
}

// caller is the reply to GET /api/me.
type caller struct {
	Subject          string    `json:"sub"`
	Email            string    `json:"email"`
	Role             core.Role `json:"role"`
	InstitutionID    string    `json:"institution_id"`
	IsCourseDirector bool      `json:"is_course_director"`
	Audience         string    `json:"aud"`
	ExpiresAt        int64     `json:"exp"`
	IssuedAt         int64     `json:"iat"`
}

// isMe judges the reply to GET /api/me: it has to be this person and nobody else.
func (p *person) isMe(r *reply) string {
	if complaint := p.isServed(r); complaint != "" {
		return complaint
	}
	var got caller
	if err := json.Unmarshal(r.data, &got, json.RejectUnknownMembers(true)); err != nil {
		return "it is no caller: " + err.Error()
	}
	want := caller{p.subject, p.email, p.role, p.institution, p.director, "authenticated", got.IssuedAt + int64(tokenLife/time.Second), got.IssuedAt}
	if got != want {
		return fmt.Sprintf("it is another caller: %+v", got)
	}
	return ""
}

// isServed judges the reply to a person whose token is good: they are let in, and told what is left of their budget.
func (p *person) isServed(r *reply) string {
	switch {
	case r.status != http.StatusOK:
		return "a good token gets 200"
	case !strings.HasPrefix(r.header.get("RateLimit"), `"user";r=`):
		return fmt.Sprintf("RateLimit is %q", r.header.get("RateLimit"))
	}
	return ""
}

// isServedOrLimited is for those who ask too often.
func (p *person) isServedOrLimited(r *reply) string {
	if r.is(http.StatusTooManyRequests, codeRateLimited, "") {
		return ""
	}
	p.letIn.Add(1)
	return p.isMe(r)
}

// mayDiagnose judges the reply to GET /api/diagnostics, which is for a superadmin alone.
func (p *person) mayDiagnose(r *reply) string {
	if p.role != core.RoleSuperadmin {
		return fails(http.StatusForbidden, core.CodeForbidden, core.ReasonRoleNotAllowed)(r)
	}
	return p.isServed(r)
}

// seesRoutes judges the reply to GET /api/me/access.
func (p *person) seesRoutes(r *reply) string {
	if complaint := p.isServed(r); complaint != "" {
		return complaint
	}
	want := `"path":"/api/diagnostics","allowed":"no"`
	if p.role == core.RoleSuperadmin {
		want = `"path":"/api/diagnostics","allowed":"yes"`
	}
	if !strings.Contains(string(r.data), want) {
		return "it does not say who may see the diagnostics"
	}
	return ""
}

// report is the reply to GET /health.
type report struct {
	Status       health.Status `json:"status"`
	Version      string        `json:"version"`
	Timestamp    string        `json:"timestamp"`
	Uptime       float64       `json:"uptime_seconds"`
	Dependencies struct {
		Database dependency `json:"database"`
		Neo4j    dependency `json:"neo4j"`
		Supabase dependency `json:"supabase"`
	} `json:"dependencies"`
}

type dependency struct {
	Status  health.Status `json:"status"`
	Latency *float64      `json:"latency_ms"`
	Error   core.Fault    `json:"error"`
}

// isHealth judges the reply to GET /health by the weather of the last seconds, where Neo4j is required.
func (c *climate) isHealth(r *reply) string {
	var got report
	if err := json.Unmarshal(r.data, &got, json.RejectUnknownMembers(true)); err != nil {
		return "it is no report: " + err.Error()
	}
	_, err := time.Parse("2006-01-02T15:04:05Z", got.Timestamp)
	graph, project := got.Dependencies.Neo4j, got.Dependencies.Supabase
	status, code := health.StatusOK, http.StatusOK
	switch {
	case graph.Status != health.StatusOK:
		status, code = health.StatusError, http.StatusServiceUnavailable
	case project.Status != health.StatusOK:
		status = health.StatusDegraded
	}
	switch {
	case err != nil || got.Uptime <= 0 || got.Version == "":
		return fmt.Sprintf("timestamp, uptime or version: %+v", got)
	case got.Dependencies.Database.Status != health.StatusOK:
		return fmt.Sprintf("the embedded database has no weather, and is %+v", got.Dependencies.Database)
	case got.Status != status || r.status != code:
		return fmt.Sprintf("%d %s does not fit its dependencies %+v", r.status, got.Status, got.Dependencies)
	}
	for _, one := range []struct {
		weather *weather
		shown   dependency
	}{{c.neo4j, graph}, {c.supabase, project}} {
		if complaint := c.isPossible(one.weather, one.shown, r); complaint != "" {
			return complaint
		}
	}
	return ""
}

func (c *climate) isPossible(w *weather, shown dependency, r *reply) string {
	up := shown.Status == health.StatusOK
	if up != (shown.Latency != nil) || up != (shown.Error == isUp) {
		return fmt.Sprintf("%s is up or down: %+v", w.name, shown)
	}
	words := w.possible(r.sent, r.received)
	if !slices.Contains(words, shown.Error) {
		return fmt.Sprintf("%s is %q, under %v in the last %s", w.name, shown.Error, w.between(r.sent.Add(-lookBack), r.received), lookBack)
	}
	if len(words) == 1 {
		c.certain.Add(1)
	}
	return ""
}

// isReady judges the reply to GET /health/ready, where Neo4j is required.
func (c *climate) isReady(r *reply) string {
	words := c.neo4j.possible(r.sent, r.received)
	mayBeUp := slices.Contains(words, isUp)
	mayBeDown := len(words) > 1 || !mayBeUp
	switch {
	case r.status == http.StatusOK && mayBeUp:
	case r.is(http.StatusServiceUnavailable, core.CodeUnavailable, core.ReasonDependencyUnavailable) && mayBeDown:
	default:
		return fmt.Sprintf("readiness under %v in the last %s", c.neo4j.between(r.sent.Add(-lookBack), r.received), lookBack)
	}
	if len(words) == 1 {
		c.certain.Add(1)
	}
	return ""
}
