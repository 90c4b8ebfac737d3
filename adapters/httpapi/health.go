package httpapi

import (
	"context"
	"math"
	"net/http"
	"time"

	"github.com/journey-os/journey-api/core"
	corehealth "github.com/journey-os/journey-api/core/health"
)

// health is corehealth.Report on the wire (STORY-ST-1, sections 3 and 5).
type health struct {
	Status        corehealth.Status           `json:"status" enum:"ok,degraded,error" example:"degraded" doc:"error if a required dependency is down, degraded if any other is"`
	Version       string                      `json:"version" example:"1.0.0"`
	Timestamp     string                      `json:"timestamp" format:"date-time" doc:"UTC" example:"2026-01-01T00:00:00Z"`
	UptimeSeconds float64                     `json:"uptime_seconds" example:"42.5"`
	Dependencies  map[string]dependencyHealth `json:"dependencies" doc:"Each by its name" example:"{\"neo4j\":{\"status\":\"ok\",\"latency_ms\":12.3},\"supabase\":{\"status\":\"error\",\"latency_ms\":null,\"error\":\"Connection refused\"}}"`
}

type dependencyHealth struct {
	Status    corehealth.Status `json:"status" enum:"ok,error"`
	LatencyMS *float64          `json:"latency_ms" nullable:"true" doc:"What the last check took, in milliseconds; null when down"`
	Error     core.Fault        `json:"error,omitzero" enum:"Connection refused,Timed out,Host not found,TLS failed,Credentials rejected,Server error,Unreachable,Storage full" doc:"Only when down"`
}

// alive is the data of a successful probe.
type alive struct {
	Status corehealth.Status `json:"status" enum:"ok"`
}

var fine = OK(alive{Status: corehealth.StatusOK})

func (s *Server) healthRoutes(r *Registry) {
	const tag = "Health"
	Handle(r, Route{
		Method: http.MethodGet, Path: "/health", Access: core.Public(), Tag: tag, probe: true,
		Summary:     "The health of the service and its dependencies",
		Description: "Each dependency is checked in the background; asking costs nothing. Answers 503, in the same shape, if a required dependency is down.",
		Statuses:    []int{http.StatusOK, http.StatusServiceUnavailable},
	}, s.reportHealth)
	Handle(r, Route{
		Method: http.MethodGet, Path: "/health/live", Access: core.Public(), Tag: tag, probe: true,
		Summary:     "Liveness: can the process serve?",
		Description: "Looks at no dependency: restarting this service repairs none of them.",
	}, func(context.Context, *struct{}) (Reply[alive], error) { return fine, nil })
	Handle(r, Route{
		Method: http.MethodGet, Path: "/health/ready", Access: core.Public(), Tag: tag, probe: true,
		Summary:     "Readiness: should requests be sent here?",
		Description: "503 with reason starting, draining or dependency_unavailable means: not now.",
	}, s.reportReady)
}

// renderEvery is how long an encoded report is reused: encoding it costs more than the rest of the request, and it
// changes no faster than a probe.
const renderEvery = 100 * time.Millisecond

// rendering is an encoded report.
type rendering struct {
	reply Reply[health]
	// until is on the monotonic clock.
	until time.Time
}

func (s *Server) reportHealth(ctx context.Context, _ *struct{}) (Reply[health], error) {
	if last := s.rendered.Load(); last != nil && time.Now().Before(last.until) {
		return last.reply, nil
	}
	report := s.health.Report(ctx)
	reply := Reply[health]{Data: healthOf(report), Status: http.StatusOK}
	if report.Status == corehealth.StatusError {
		reply.Status = http.StatusServiceUnavailable
	}
	var err error
	if reply.encoded, err = Encode(reply.Data); err != nil {
		return Reply[health]{}, err
	}
	s.rendered.Store(&rendering{reply: reply, until: time.Now().Add(renderEvery)})
	return reply, nil
}

func (s *Server) reportReady(context.Context, *struct{}) (Reply[alive], error) {
	if s.draining.Load() {
		return Reply[alive]{}, core.NewUnavailableError(core.ReasonDraining, "The service is shutting down", retryAfter)
	}
	if err := s.health.Ready(); err != nil {
		return Reply[alive]{}, err
	}
	return fine, nil
}

func healthOf(report corehealth.Report) health {
	wire := health{
		Status:        report.Status,
		Version:       report.Version,
		Timestamp:     report.Timestamp.Format(time.RFC3339),
		UptimeSeconds: roundTo(report.Uptime.Seconds(), 1000),
		Dependencies:  make(map[string]dependencyHealth, len(report.Dependencies)),
	}
	for _, dependency := range report.Dependencies {
		shown := dependencyHealth{Status: dependency.Status, Error: dependency.Fault}
		if dependency.Status == corehealth.StatusOK {
			latency := roundTo(dependency.Latency.Seconds()*1000, 100)
			shown.LatencyMS = &latency
		}
		wire.Dependencies[dependency.Name] = shown
	}
	return wire
}

// roundTo rounds to meaningful digits: roundTo(x, 100) keeps two after the point.
func roundTo(value, parts float64) float64 { return math.Round(value*parts) / parts }
