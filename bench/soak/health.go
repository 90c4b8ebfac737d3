package main

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/health"
)

type dependency struct {
	Status  health.Status `json:"status"`
	Latency *float64      `json:"latency_ms"`
	Error   core.Fault    `json:"error"`
}

// isHealth judges GET /health by the faults of the last seconds. Neo4j is required.
func (s *scenario) isHealth(r *reply) string {
	var got struct {
		Dependencies struct{ Database, Neo4j, Supabase dependency } `json:"dependencies"`
	}
	if err := json.Unmarshal(r.data, &got, json.MatchCaseInsensitiveNames(true)); err != nil {
		return "it is no report: " + err.Error()
	}
	all := got.Dependencies
	status, code := health.StatusOK, http.StatusOK
	if all.Neo4j.Status != health.StatusOK {
		status, code = health.StatusError, http.StatusServiceUnavailable
	} else if all.Supabase.Status != health.StatusOK {
		status = health.StatusDegraded
	}
	if r.status != code || all.Database.Status != health.StatusOK { // there are no faults in front of the embedded database
		return fmt.Sprintf("it should be %d: %+v", code, all)
	}
	for shown, faults := range map[*dependency]*schedule{&all.Neo4j: s.neo4j, &all.Supabase: s.supabase} {
		isUp := shown.Status == health.StatusOK
		if isUp != (shown.Latency != nil) || isUp != (shown.Error == up) {
			return fmt.Sprintf("%s is up or down: %+v", faults.name, *shown)
		}
		if complaint := faults.explains(r, func(words []core.Fault) bool { return slices.Contains(words, shown.Error) }); complaint != "" {
			return complaint
		}
	}
	return r.differs(members{"status": status, "dependencies": nil}, "version", "timestamp", "uptime_seconds", "dependencies")
}

// isReady judges GET /health/ready.
func (s *scenario) isReady(r *reply) string {
	return s.neo4j.explains(r, func(words []core.Fault) bool {
		mayBeUp := slices.Contains(words, up)
		mayBeDown := len(words) > 1 || !mayBeUp
		return r.status == http.StatusOK && mayBeUp || r.is(http.StatusServiceUnavailable, core.CodeUnavailable, core.ReasonDependencyUnavailable) && mayBeDown
	})
}

// explains judges a reply by the words that are possible, and counts those of which one alone is right.
func (s *schedule) explains(r *reply, fits func([]core.Fault) bool) string {
	words := s.possible(r.sent, r.received)
	if !fits(words) {
		return fmt.Sprintf("%s, under %v in the last %s", s.name, s.between(r.sent.Add(-lookBack), r.received), lookBack)
	}
	if len(words) == 1 {
		s.certain.Add(1)
	}
	return ""
}
