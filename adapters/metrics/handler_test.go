package metrics_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/adapters/metrics"
)

func TestThePageIsServedAndNothingElse(t *testing.T) {
	t.Parallel()
	handler := newRecorder(metrics.Snapshot{}).Handler()
	for asked, want := range map[string]int{
		"GET /metrics": 200, "HEAD /metrics": 200, "GET /metrics?name=x": 200,
		"POST /metrics": 405, "PUT /metrics": 405, "DELETE /metrics": 405, "OPTIONS /metrics": 405, "BREW /metrics": 405,
		"GET /": 404, "POST /": 404, "GET /metrics/": 404, "GET //metrics": 404, "GET /debug/pprof/": 404, "GET /health/live": 404,
	} {
		method, target, _ := strings.Cut(asked, " ")
		reply := httptest.NewRecorder()
		handler.ServeHTTP(reply, httptest.NewRequest(method, target, nil))
		allow := reply.Header().Get("Allow")
		if reply.Code != want || (allow == "GET, HEAD") != (want == http.StatusMethodNotAllowed) {
			t.Errorf("%s answered %d, Allow %q", asked, reply.Code, allow)
		}
	}
}
