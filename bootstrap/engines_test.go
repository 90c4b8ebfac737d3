package main

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/adapters/metrics"
	"github.com/journey-os/journey-api/bootstrap/app"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/environment"
	"github.com/journey-os/journey-api/ports/portstest"
)

// slowEngine has one of each: a route that answers when it is let, a task that uses a store at its end, a figure.
type slowEngine struct {
	asked, answer chan struct{}
	// ended has what the store said when the task ended, which is after the last request.
	ended chan error
}

func newSlowEngine() *slowEngine {
	return &slowEngine{asked: make(chan struct{}), answer: make(chan struct{}), ended: make(chan error, 1)}
}

func (e *slowEngine) engines(from app.Resources) []app.Engine {
	return []app.Engine{{
		Name: "slow",
		Routes: func(r *httpapi.Registry) {
			httpapi.Handle(r, httpapi.Route{Method: http.MethodGet, Path: "/api/slow", Access: core.Public(), Tag: "Test", Summary: "Wait"},
				func(context.Context, *struct{}) (httpapi.Reply[string], error) {
					e.asked <- struct{}{}
					<-e.answer
					return httpapi.OK("done"), nil
				})
		},
		Tasks: []app.Task{{Name: "slow work", Run: func(ctx context.Context) error {
			<-ctx.Done()
			e.ended <- from.Neo4j.Check(context.WithoutCancel(ctx))
			return nil
		}}},
		Figures: func() []metrics.Figure {
			return []metrics.Figure{
				{Name: "slow_answers_total", Help: "Answers.", IsCounter: true, Labels: map[string]string{"outcome": "new"}, Value: 3},
				{Name: "slow_pending_seconds", Help: "Age of the oldest.", Value: 1.5},
			}
		},
	}}
}

func TestAtTheEndRequestsAreFinishedThenTasksThenStores(t *testing.T) {
	t.Parallel()
	o, engine := startOutside(t), newSlowEngine()
	r := bootWith(t, app.Config{Loaded: environment.Load(t, o.settings(nil)), Engines: engine.engines})
	status := make(chan int, 1)
	go func() {
		reply, err := hurried().Get(r.url + "/api/slow")
		if err != nil {
			status <- 0
			return
		}
		_ = reply.Body.Close()
		status <- reply.StatusCode
	}()
	<-engine.asked
	r.stop()
	r.waitFor(`"msg":"stopping"`)
	select {
	case err := <-engine.ended:
		t.Errorf("the task was ended while a request was under way: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	close(engine.answer)
	if got := <-status; got != http.StatusOK {
		t.Errorf("the request was answered %d", got)
	}
	if err := r.wait(); err != nil {
		t.Error(err)
	}
	if err := <-engine.ended; err != nil {
		t.Errorf("the store was closed before the task: %v", err)
	}
}

func TestTheFiguresOfAnEngineAreInMetricsAndDiagnostics(t *testing.T) {
	t.Parallel()
	r := bootWith(t, app.Config{Loaded: environment.Load(t, withMetrics(nil)), Engines: newSlowEngine().engines})
	page := r.scrape()
	for _, line := range []string{
		"# TYPE journey_api_slow_answers_total counter", `journey_api_slow_answers_total{outcome="new"} 3`,
		"# TYPE journey_api_slow_pending_seconds gauge", "journey_api_slow_pending_seconds 1.5",
	} {
		if !strings.Contains(page, "\n"+line+"\n") {
			t.Errorf("no line %s in\n%s", line, page)
		}
	}
	got := r.get("/api/diagnostics", "Bearer "+portstest.Token(portstest.Secret, portstest.SuperadminClaims(time.Now())))
	noJobs := map[string]any{"name": "jobs", "figures": []any{}, "notes": []any{}}
	want := []any{noJobs, map[string]any{"name": "slow", "notes": []any{}, "figures": []any{
		map[string]any{"name": "slow_answers_total", "labels": map[string]any{"outcome": "new"}, "value": 3.0},
		map[string]any{"name": "slow_pending_seconds", "value": 1.5},
	}}}
	if diff := cmp.Diff(want, got.Data["engines"]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
