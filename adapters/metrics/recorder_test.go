package metrics_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/journey-os/journey-api/adapters/metrics"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/health"
)

func newRecorder(snapshot metrics.Snapshot) *metrics.Recorder {
	return metrics.New(metrics.Config{
		Version: "1.2.3", GoVersion: "go1.26", Dependencies: []string{"neo4j"},
		Snapshot: func() metrics.Snapshot { return snapshot },
	})
}

// wantScrape compares these metrics of a scrape with their text.
func wantScrape(t *testing.T, recorder *metrics.Recorder, want string, names ...string) {
	t.Helper()
	server := httptest.NewServer(recorder.Handler())
	defer server.Close()
	if err := testutil.ScrapeAndCompare(server.URL+"/metrics", strings.NewReader(want), names...); err != nil {
		t.Error(err)
	}
}

// scraped is the page as a caller gets it.
func scraped(recorder *metrics.Recorder) string {
	reply := httptest.NewRecorder()
	recorder.Handler().ServeHTTP(reply, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return reply.Body.String()
}

func TestEachRequestIsCountedUnderItsKind(t *testing.T) {
	t.Parallel()
	recorder := newRecorder(metrics.Snapshot{})
	for _, seen := range []metrics.Request{
		{Method: "GET", Route: "/api/me", Status: 200, Duration: 20 * time.Millisecond, Authentication: "ok"},
		{Method: "GET", Route: "/api/me", Status: 200, Duration: 3 * time.Second, Authentication: "ok"},
		{Method: "GET", Route: "/api/me", Status: 401, Duration: time.Minute, Authentication: "token_expired"},
		{Route: "unmatched", Status: 400},
	} {
		recorder.Request(seen)
	}
	wantScrape(t, recorder, `
# HELP journey_api_authentications_total Requests whose token was looked at, by outcome: ok, or the reason of the refusal.
# TYPE journey_api_authentications_total counter
journey_api_authentications_total{outcome="ok"} 2
journey_api_authentications_total{outcome="token_expired"} 1
`, "journey_api_authentications_total")
	page := scraped(recorder)
	for _, line := range []string{
		`http_server_request_duration_seconds_count{http_request_method="GET",http_response_status_code="200",http_route="/api/me"} 2`,
		`http_server_request_duration_seconds_bucket{http_request_method="GET",http_response_status_code="200",http_route="/api/me",le="0.01"} 0`,
		`http_server_request_duration_seconds_bucket{http_request_method="GET",http_response_status_code="200",http_route="/api/me",le="0.025"} 1`,
		`http_server_request_duration_seconds_bucket{http_request_method="GET",http_response_status_code="200",http_route="/api/me",le="5"} 2`,
		`http_server_request_duration_seconds_sum{http_request_method="GET",http_response_status_code="200",http_route="/api/me"} 3.02`,
		`http_server_request_duration_seconds_bucket{http_request_method="GET",http_response_status_code="401",http_route="/api/me",le="10"} 0`,
		`http_server_request_duration_seconds_count{http_request_method="GET",http_response_status_code="401",http_route="/api/me"} 1`,
		`http_server_request_duration_seconds_count{http_request_method="",http_response_status_code="400",http_route="unmatched"} 1`,
	} {
		if !strings.Contains(page, line+"\n") {
			t.Errorf("no line %s in\n%s", line, page)
		}
	}
}

func TestEachChangeOfADependencyIsCountedUnderWhatItChangedTo(t *testing.T) {
	t.Parallel()
	recorder := newRecorder(metrics.Snapshot{})
	up := health.Dependency{Name: "neo4j", Status: health.StatusOK}
	down := health.Dependency{Name: "neo4j", Status: health.StatusError, Fault: core.FaultTimedOut}
	for _, change := range []health.Dependency{up, down, up} {
		recorder.DependencyChanged(change)
	}
	wantScrape(t, recorder, `
# HELP journey_api_dependency_changes_total Changes of a dependency's state, the first one included: ok, or what is wrong with it.
# TYPE journey_api_dependency_changes_total counter
journey_api_dependency_changes_total{dependency="neo4j",state="Connection refused"} 0
journey_api_dependency_changes_total{dependency="neo4j",state="Credentials rejected"} 0
journey_api_dependency_changes_total{dependency="neo4j",state="Host not found"} 0
journey_api_dependency_changes_total{dependency="neo4j",state="Server error"} 0
journey_api_dependency_changes_total{dependency="neo4j",state="Storage full"} 0
journey_api_dependency_changes_total{dependency="neo4j",state="TLS failed"} 0
journey_api_dependency_changes_total{dependency="neo4j",state="Timed out"} 1
journey_api_dependency_changes_total{dependency="neo4j",state="Unreachable"} 0
journey_api_dependency_changes_total{dependency="neo4j",state="ok"} 2
`, "journey_api_dependency_changes_total")
}

func TestRequestsOfManyGoroutinesAreAllCounted(t *testing.T) {
	t.Parallel()
	recorder := newRecorder(metrics.Snapshot{})
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			for i := range 1000 {
				recorder.Request(metrics.Request{Method: "GET", Route: "/api/me", Status: 200 + i%50, Authentication: "ok"})
			}
		})
	}
	callers.Wait()
	wantScrape(t, recorder, `
# HELP journey_api_authentications_total Requests whose token was looked at, by outcome: ok, or the reason of the refusal.
# TYPE journey_api_authentications_total counter
journey_api_authentications_total{outcome="ok"} 8000
`, "journey_api_authentications_total")
	if kinds := strings.Count(scraped(recorder), "http_server_request_duration_seconds_count{"); kinds != 50 {
		t.Errorf("%d kinds, want 50", kinds)
	}
}

func TestTheMetricsKeepToPrometheusPractice(t *testing.T) {
	t.Parallel()
	recorder := newRecorder(everything())
	recorder.Request(metrics.Request{Method: "GET", Route: "/api/me", Status: 200, Authentication: "ok"})
	problems, err := promlint.New(strings.NewReader(scraped(recorder))).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
}

func BenchmarkRequest(b *testing.B) {
	recorder := newRecorder(metrics.Snapshot{})
	seen := metrics.Request{Method: "GET", Route: "/api/me", Status: 200, Duration: time.Millisecond, Authentication: "ok"}
	for status := range 100 { // among as many kinds as a service has
		recorder.Request(metrics.Request{Method: "GET", Route: "/health", Status: status})
	}
	b.ReportAllocs()
	b.RunParallel(func(each *testing.PB) {
		for each.Next() {
			recorder.Request(seen)
		}
	})
}
