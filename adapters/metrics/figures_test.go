package metrics_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/adapters/metrics"
)

// scrapeOf is the page of a recorder with these figures.
func scrapeOf(figures ...metrics.Figure) (status int, page string) {
	recorder := metrics.New(metrics.Config{
		Version: "1.2.3", GoVersion: "go1.26",
		Snapshot: func() metrics.Snapshot { return metrics.Snapshot{} },
		Figures:  func() []metrics.Figure { return figures },
	})
	reply := httptest.NewRecorder()
	recorder.Handler().ServeHTTP(reply, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return reply.Code, reply.Body.String()
}

func TestTheFiguresOfEnginesAreExported(t *testing.T) {
	t.Parallel()
	status, page := scrapeOf(
		metrics.Figure{Name: "x_answers_total", Help: "Answers.", IsCounter: true, Labels: map[string]string{"outcome": "new", "at": "home"}, Value: 3},
		metrics.Figure{Name: "x_answers_total", Help: "Answers.", IsCounter: true, Labels: map[string]string{"outcome": "late", "at": "home"}, Value: 1},
		metrics.Figure{Name: "x_pending_seconds", Help: "Age of the oldest.", Value: 0.5},
	)
	want := `# HELP journey_api_x_answers_total Answers.
# TYPE journey_api_x_answers_total counter
journey_api_x_answers_total{at="home",outcome="late"} 1
journey_api_x_answers_total{at="home",outcome="new"} 3
# HELP journey_api_x_pending_seconds Age of the oldest.
# TYPE journey_api_x_pending_seconds gauge
journey_api_x_pending_seconds 0.5
`
	if status != http.StatusOK || !strings.Contains(page, want) {
		t.Errorf("answered %d %s", status, page)
	}
}

func TestFiguresThatContradictEachOtherFailTheScrape(t *testing.T) {
	t.Parallel()
	figure := metrics.Figure{Name: "x", Help: "One.", Value: 1}
	other := figure
	other.Labels = map[string]string{"a": "b"}
	unnamed := metrics.Figure{Name: "no name"}
	for name, figures := range map[string][]metrics.Figure{
		"the same twice": {figure, figure}, "other labels": {figure, other, figure}, "no name that Prometheus takes": {unnamed, unnamed},
	} {
		if status, page := scrapeOf(figures...); status != http.StatusInternalServerError {
			t.Errorf("%s: answered %d %s", name, status, page)
		}
	}
}
