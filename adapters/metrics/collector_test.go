package metrics_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/journey-os/journey-api/adapters/metrics"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/health"
)

// everything is a Snapshot in which each metric is there.
func everything() metrics.Snapshot {
	return metrics.Snapshot{
		ActiveRequests: 3, ActiveRequestsLimit: 1024, Ready: true,
		Dependencies: []health.Dependency{
			{Name: "neo4j", Status: health.StatusOK, Latency: 12 * time.Millisecond},
			{Name: "supabase", Status: health.StatusError, Fault: core.FaultTimedOut},
		},
		Keys:            []health.SigningKey{{ID: "es-1", Algorithm: "ES256", Age: time.Hour}},
		KeyEndpoint:     metrics.KeyEndpoint{OK: true, SinceSuccess: time.Minute, Succeeded: 7, Failed: 2},
		Caches:          []health.Cache{{Name: "token verdicts", Entries: 5, Capacity: 10_000, Hits: 90, Misses: 10}},
		Pools:           []health.Pool{{Name: "neo4j", InUse: 4, Capacity: 50}, {Name: "supabase", InUse: 1}},
		LogLinesDropped: 12,
	}
}

func TestWhatTheServiceKnowsOfItselfIsExported(t *testing.T) {
	t.Parallel()
	wantValues(t, newRecorder(everything()), `
http_server_active_requests 3
http_server_active_requests_limit 1024
journey_api_build_info{goversion="go1.26",version="1.2.3"} 1
journey_api_cache_capacity{cache="token verdicts"} 10000
journey_api_cache_entries{cache="token verdicts"} 5
journey_api_cache_hits_total{cache="token verdicts"} 90
journey_api_cache_misses_total{cache="token verdicts"} 10
journey_api_dependency_probe_latency_seconds{dependency="neo4j"} 0.012
journey_api_dependency_up{dependency="neo4j"} 1
journey_api_dependency_up{dependency="supabase"} 0
journey_api_draining 0
journey_api_key_endpoint_ok 1
journey_api_key_endpoint_since_success_seconds 60
journey_api_key_fetches_total{result="failed"} 2
journey_api_key_fetches_total{result="ok"} 7
journey_api_log_lines_dropped_total 12
journey_api_pool_capacity{pool="neo4j"} 50
journey_api_pool_in_use{pool="neo4j"} 4
journey_api_pool_in_use{pool="supabase"} 1
journey_api_ready 1
journey_api_signing_key_age_seconds{algorithm="ES256",kid="es-1"} 3600
journey_api_signing_keys 1
`)
}

func TestWhatIsNotKnownIsAbsent(t *testing.T) {
	t.Parallel()
	wantValues(t, newRecorder(metrics.Snapshot{Draining: true}), `
http_server_active_requests 0
http_server_active_requests_limit 0
journey_api_build_info{goversion="go1.26",version="1.2.3"} 1
journey_api_draining 1
journey_api_key_endpoint_ok 0
journey_api_key_fetches_total{result="failed"} 0
journey_api_key_fetches_total{result="ok"} 0
journey_api_log_lines_dropped_total 0
journey_api_ready 0
journey_api_signing_keys 0
`)
}

// wantValues compares every sample beside those that are counted as they happen.
func wantValues(t *testing.T, recorder *metrics.Recorder, want string) {
	t.Helper()
	var got strings.Builder
	got.WriteString("\n")
	for line := range strings.Lines(scraped(recorder)) {
		isOurs := strings.HasPrefix(line, "journey_api_") || strings.HasPrefix(line, "http_server_active_")
		if isOurs && !strings.Contains(line, "authentications") && !strings.Contains(line, "changes") {
			got.WriteString(line)
		}
	}
	if got.String() != want {
		t.Errorf("got%s\nwant%s", got.String(), want)
	}
}

// The ids of keys come from outside: none may multiply series, spoil a scrape or fill a page.
func TestKeyIDsAreBoundedInLengthAndNumber(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("k", 300)
	keys := []health.SigningKey{
		{ID: long + "1", Algorithm: "ES256"}, {ID: long + "2", Algorithm: "ES256"}, // the same once they are cut
		{ID: long[:63] + "é", Algorithm: "RS256"}, // cut in the middle of a character
		{ID: "\xff\xfe", Algorithm: "ES256"},
		{ID: "line\nbreak\"", Algorithm: "ES256"},
	}
	for i := range 1000 {
		keys = append(keys, health.SigningKey{ID: fmt.Sprint("key-", i), Algorithm: "ES256"})
	}
	recorder := newRecorder(metrics.Snapshot{Keys: keys})
	reply := httptest.NewRecorder()
	recorder.Handler().ServeHTTP(reply, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	var series []string
	for line := range strings.Lines(reply.Body.String()) {
		if strings.HasPrefix(line, "journey_api_signing_key_age_seconds{") {
			series = append(series, line)
			if len(line) > 140 {
				t.Errorf("a long line: %s", line)
			}
		}
	}
	if reply.Code != 200 || len(series) != 19 {
		t.Errorf("answered %d with %d series:\n%s", reply.Code, len(series), strings.Join(series, ""))
	}
	if !strings.Contains(reply.Body.String(), "journey_api_signing_keys 1005\n") {
		t.Error("not all keys are counted")
	}
}
