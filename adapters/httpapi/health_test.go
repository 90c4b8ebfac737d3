package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports/portstest"
)

// healthData is the report as a client of the story reads it.
type healthData struct {
	Status        string                    `json:"status"`
	Version       string                    `json:"version"`
	Timestamp     string                    `json:"timestamp"`
	UptimeSeconds float64                   `json:"uptime_seconds"`
	Dependencies  map[string]map[string]any `json:"dependencies"`
}

func with(checkers ...core.HealthChecker) func(*options) {
	return func(o *options) { o.Checkers = checkers }
}

func requiring(names ...string) func(*options) {
	return func(o *options) { o.Required = names }
}

func TestHealthReturns200WithServiceStatus(t *testing.T) {
	t.Parallel()
	got := start(t).get("/health")
	var report healthData
	got.Data(t, &report)
	if got.Status != http.StatusOK || report.Status != "ok" {
		t.Errorf("answered %d with status %q, want 200 with ok", got.Status, report.Status)
	}
}

func TestHealthReturnsDependencyStatuses(t *testing.T) {
	t.Parallel()
	var report healthData
	start(t).get("/health").Data(t, &report)
	for _, name := range []string{"neo4j", "supabase"} {
		latency, isNumber := report.Dependencies[name]["latency_ms"].(float64)
		if !isNumber || latency < 0 {
			t.Errorf("%s has latency_ms %v, want a number", name, report.Dependencies[name]["latency_ms"])
		}
		delete(report.Dependencies[name], "latency_ms")
	}
	want := map[string]map[string]any{"neo4j": {"status": "ok"}, "supabase": {"status": "ok"}}
	if diff := cmp.Diff(want, report.Dependencies); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestHealthReturnsDegradedWhenNeo4jDown(t *testing.T) {
	wantDegraded(t, "neo4j", "Connection refused",
		with(portstest.Neo4jDown(core.FaultConnectionRefused), portstest.SupabaseUp()))
}

func TestHealthReturnsDegradedWhenSupabaseDown(t *testing.T) {
	wantDegraded(t, "supabase", "Server error",
		with(portstest.Neo4jUp(), portstest.SupabaseDown(core.FaultServerError)))
}

func wantDegraded(t *testing.T, down, word string, change func(*options)) {
	t.Helper()
	got := start(t, change).get("/health")
	var report healthData
	got.Data(t, &report)
	if got.Status != http.StatusOK || report.Status != "degraded" {
		t.Errorf("answered %d with status %q, want 200 with degraded", got.Status, report.Status)
	}
	want := map[string]any{"status": "error", "latency_ms": nil, "error": word}
	if diff := cmp.Diff(want, report.Dependencies[down]); diff != "" {
		t.Errorf("%s (-want +got):\n%s", down, diff)
	}
}

func TestHealthIncludesVersionAndUptime(t *testing.T) {
	t.Parallel()
	began := time.Now()
	var report healthData
	start(t).get("/health").Data(t, &report)
	if report.Version != "1.2.3" {
		t.Errorf("version is %q", report.Version)
	}
	if report.UptimeSeconds < 0 || report.UptimeSeconds > time.Since(began).Seconds()+0.001 {
		t.Errorf("uptime_seconds is %v after %v", report.UptimeSeconds, time.Since(began))
	}
	at, err := time.Parse(time.RFC3339, report.Timestamp)
	if err != nil || !strings.HasSuffix(report.Timestamp, "Z") || time.Since(at).Abs() > time.Minute {
		t.Errorf("timestamp is %q (%v), want now in UTC", report.Timestamp, err)
	}
}

func TestHealthDoesNotRequireAuthentication(t *testing.T) {
	t.Parallel()
	verifier := portstest.VerifierFailing(core.NewAuthenticationError(core.ReasonSignatureInvalid, "The signature does not fit"))
	s := start(t, func(o *options) { o.Verifier = verifier })
	for _, path := range []string{"/health", "/health/live", "/health/ready"} {
		for name, token := range map[string]string{"no token": "", "a bad token": "bad"} {
			if got := s.Do(request{Path: path, Token: token}); got.Status != http.StatusOK {
				t.Errorf("%s with %s answered %d", path, name, got.Status)
			}
		}
	}
	if calls := len(verifier.VerifyCalls()); calls != 0 {
		t.Errorf("a token was looked at %d times", calls)
	}
}

func TestHealthAnswers503InTheSameShapeWhenARequiredDependencyIsDown(t *testing.T) {
	t.Parallel()
	got := start(t, with(portstest.Neo4jDown(core.FaultTimedOut), portstest.SupabaseUp()), requiring("neo4j")).get("/health")
	var report healthData
	got.Data(t, &report)
	if got.Status != http.StatusServiceUnavailable || report.Status != "error" {
		t.Errorf("answered %d with status %q, want 503 with error", got.Status, report.Status)
	}
}

func TestHealthShowsNoCause(t *testing.T) {
	t.Parallel()
	for _, fault := range []core.Fault{
		core.FaultConnectionRefused, core.FaultTimedOut, core.FaultHostNotFound, core.FaultTLSFailed,
		core.FaultCredentialsRejected, core.FaultServerError, core.FaultUnreachable,
	} {
		t.Run(string(fault), func(t *testing.T) {
			got := start(t, with(portstest.Neo4jDown(fault))).get("/health")
			var report healthData
			got.Data(t, &report)
			want := map[string]map[string]any{"neo4j": {"status": "error", "latency_ms": nil, "error": string(fault)}}
			if diff := cmp.Diff(want, report.Dependencies); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	hanging := portstest.NewHangingChecker("neo4j")
	t.Cleanup(hanging.Release)
	tests := []struct {
		name   string
		change []func(*options)
		drain  bool
		want   failed
	}{
		{name: "ready while nothing is required, whatever is down", change: []func(*options){with(portstest.Neo4jDown(core.FaultTimedOut))}, want: failed{Status: 200}},
		{name: "ready while what is required is up", change: []func(*options){requiring("neo4j")}, want: failed{Status: 200}},
		{
			name:   "starting until the required dependency was checked once",
			change: []func(*options){with(hanging), requiring("neo4j")},
			want:   failed{Status: 503, Code: "SERVICE_UNAVAILABLE", Reason: "starting"},
		},
		{
			name:   "not ready while a required dependency is down",
			change: []func(*options){with(portstest.Neo4jDown(core.FaultTimedOut)), requiring("neo4j")},
			want:   failed{Status: 503, Code: "SERVICE_UNAVAILABLE", Reason: "dependency_unavailable"},
		},
		{name: "draining beats everything", drain: true, want: failed{Status: 503, Code: "SERVICE_UNAVAILABLE", Reason: "draining"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t, tt.change...)
			if tt.want.Reason != "starting" {
				s.get("/health") // waits for the first results
			}
			if tt.drain {
				s.Server.Drain()
			}
			got := s.get("/health/ready")
			if tt.want.Status == http.StatusOK {
				if want := `{"data":{"status":"ok"},"error":null}`; got.Status != http.StatusOK || got.Body != want {
					t.Errorf("answered %d %s", got.Status, got.Body)
				}
				return
			}
			if diff := cmp.Diff(tt.want, got.Failure(t), cmpopts.IgnoreFields(failed{}, "Message")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if after := got.Header.Get("Retry-After"); after != "1" {
				t.Errorf("Retry-After is %q", after)
			}
		})
	}
}

func TestLivenessLooksAtNoDependency(t *testing.T) {
	t.Parallel()
	s := start(t, with(portstest.Neo4jDown(core.FaultTimedOut)), requiring("neo4j"))
	s.Server.Drain()
	got := s.get("/health/live")
	if want := `{"data":{"status":"ok"},"error":null}`; got.Status != http.StatusOK || got.Body != want {
		t.Errorf("answered %d %s, want 200 %s", got.Status, got.Body, want)
	}
}

func TestDrainingClosesKeptConnections(t *testing.T) {
	t.Parallel()
	s := start(t)
	if got := s.Raw("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"); got.Closes {
		t.Error("the connection is closed before")
	}
	s.Server.Drain()
	for _, path := range []string{"/health/live", "/api/me", "/nope"} {
		if got := s.Raw("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n"); !got.Closes {
			t.Errorf("%s: the connection is kept while draining", path)
		}
	}
}

func TestHeadAnswersAsGetWithoutABody(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, path := range []string{"/health", "/health/live", "/docs", "/openapi.json", "/nope", "/api/me"} {
		get, head := s.get(path), s.Do(request{Method: http.MethodHead, Path: path})
		if head.Status != get.Status || head.Body != "" || head.Header.Get("Content-Type") != get.Header.Get("Content-Type") {
			t.Errorf("%s: HEAD answered %d %q (%d bytes), GET %d %q", path,
				head.Status, head.Header.Get("Content-Type"), len(head.Body), get.Status, get.Header.Get("Content-Type"))
		}
	}
}
