package httpapi

import (
	"context"
	"net/http"
	"runtime"

	"github.com/journey-os/journey-api/core"
	corehealth "github.com/journey-os/journey-api/core/health"
)

// Diagnostics is the state of the other adapters. It has no secret, and tells of a secret only whether it is set.
type Diagnostics struct {
	Settings    []SettingInForce `json:"settings" nullable:"false"`
	SigningKeys []SigningKey     `json:"signing_keys" nullable:"false" doc:"The published keys that tokens are verified with now; a shared secret is not among them"`
	KeyEndpoint KeyEndpoint      `json:"key_endpoint" doc:"Where the asymmetric keys come from"`
	Caches      []Cache          `json:"caches" nullable:"false"`
	Pools       []Pool           `json:"pools" nullable:"false"`
	Engines     []EngineFigures  `json:"engines" nullable:"false" doc:"Notes and figures of each engine"`
}

// SettingInForce is a setting as it is shown.
type SettingInForce struct {
	Name  string `json:"name"`
	Value string `json:"value" doc:"*** for a secret that is set"`
	From  string `json:"from" doc:"environment, .env, file or default"`
}

// SigningKey is a key by its names, never by its material.
type SigningKey struct {
	KeyID      string  `json:"kid"`
	Algorithm  string  `json:"algorithm"`
	AgeSeconds float64 `json:"age_seconds" doc:"How long this service has known it"`
}

// KeyEndpoint is the state of fetching the keys.
type KeyEndpoint struct {
	State               string  `json:"state" doc:"off, never fetched, ok, no keys, failing or stale"`
	Fault               string  `json:"fault,omitzero" doc:"Why the last fetch failed; left out if it did not"`
	SinceSuccessSeconds float64 `json:"since_success_seconds" doc:"The age of the last good answer; 0 if there was none"`
	UntilFetchSeconds   float64 `json:"until_fetch_seconds" doc:"The time until the next fetch; 0 if one is due"`
	Fetches             uint64  `json:"fetches"`
	Failed              uint64  `json:"failed"`
	Waiting             int     `json:"waiting" doc:"Tokens that wait for a key now"`
}

// Cache is how full a cache is, with its hits and misses.
type Cache struct {
	Name     string `json:"name"`
	Entries  int    `json:"entries"`
	Capacity int    `json:"capacity"`
	Hits     uint64 `json:"hits"`
	Misses   uint64 `json:"misses"`
}

// Pool is how much of a bounded resource is in use.
type Pool struct {
	Name     string `json:"name"`
	InUse    int    `json:"in_use"`
	Capacity int    `json:"capacity" doc:"0 if nothing bounds it"`
}

// EngineFigures are the notes and figures of one engine.
type EngineFigures struct {
	Name    string   `json:"name"`
	Figures []Figure `json:"figures" nullable:"false"`
	Notes   []string `json:"notes" nullable:"false" doc:"What an operator should know beyond numbers"`
}

// Figure is one number. The metrics have it too, as journey_api_ and its name.
type Figure struct {
	Name   string            `json:"name"`
	Labels map[string]string `json:"labels,omitempty" doc:"What tells figures of one name apart"`
	Value  float64           `json:"value"`
}

// diagnosticReport is Diagnostics with the data of this adapter.
type diagnosticReport struct {
	Build         buildInfo                       `json:"build"`
	UptimeSeconds float64                         `json:"uptime_seconds"`
	Dependencies  map[string]dependencyDiagnostic `json:"dependencies"`
	Diagnostics
}

type buildInfo struct {
	Version  string `json:"version"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

type dependencyDiagnostic struct {
	Status    corehealth.Status `json:"status" enum:"ok,error"`
	LatencyMS *float64          `json:"latency_ms" nullable:"true"`
	Error     core.Fault        `json:"error,omitzero"`
	Cause     string            `json:"cause,omitzero" doc:"The unshortened error"`
}

func (s *Server) diagnosticRoutes(r *Registry) {
	Handle(r, Route{
		Method: http.MethodGet, Path: "/api/diagnostics", Access: core.AllowRoles(core.RoleSuperadmin), Tag: "Operation",
		Summary:     "What the service knows about itself",
		Description: "Build, settings in force, dependencies with their unshortened error, signing keys, caches and pools of this copy of the service.",
	}, s.showDiagnostics)
}

func (s *Server) showDiagnostics(ctx context.Context, _ *struct{}) (Reply[diagnosticReport], error) {
	report := s.health.Report(ctx)
	shown := diagnosticReport{
		Build:         buildInfo{Version: report.Version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH},
		UptimeSeconds: roundTo(report.Uptime.Seconds(), 1000),
		Dependencies:  make(map[string]dependencyDiagnostic, len(report.Dependencies)),
		Diagnostics:   s.diagnose(),
	}
	own := s.Stats()
	shown.Pools = append([]Pool{
		{Name: "requests in flight", InUse: own.InFlight, Capacity: own.MaxInFlight},
		{Name: "connections", InUse: own.Connections, Capacity: own.MaxConnections},
		{Name: "bytes of bodies", InUse: own.BodyBytes, Capacity: own.MaxBodyBytes},
	}, shown.Pools...)
	public := healthOf(report).Dependencies
	for _, dependency := range report.Dependencies {
		shownPublicly := public[dependency.Name]
		diagnostic := dependencyDiagnostic{
			Status: shownPublicly.Status, LatencyMS: shownPublicly.LatencyMS, Error: shownPublicly.Error,
		}
		if dependency.Cause != nil {
			diagnostic.Cause = dependency.Cause.Error()
		}
		shown.Dependencies[dependency.Name] = diagnostic
	}
	return OK(shown), nil
}

// Stats is the state of the server at one moment.
type Stats struct {
	// InFlight counts the requests being served, without probes; MaxInFlight bounds it.
	InFlight, MaxInFlight int
	// Connections counts the open connections; MaxConnections bounds it.
	Connections, MaxConnections int
	// BodyBytes is the memory of the bodies that are being read or handled, without those of 4 KiB and less;
	// MaxBodyBytes bounds it.
	BodyBytes, MaxBodyBytes int
	// Draining reports whether the service is stopping.
	Draining bool
}

// Stats may be called at any time.
func (s *Server) Stats() Stats {
	return Stats{
		InFlight: int(s.inFlight.Load()), MaxInFlight: s.config.MaxInFlight,
		Connections: s.open.Count(), MaxConnections: s.open.Max(),
		BodyBytes: s.bodies.inUse(), MaxBodyBytes: s.bodies.most,
		Draining: s.draining.Load(),
	}
}
