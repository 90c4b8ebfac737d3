package main

import (
	"context"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/bootstrap/app"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/collector"
	"github.com/journey-os/journey-api/internal/testkit/environment"
	"github.com/journey-os/journey-api/internal/testkit/wait"
	"github.com/journey-os/journey-api/ports/portstest"
)

// plantedHeader is the collector's key.
const plantedHeader = "planted-key-of-the-collector"

func traced(c *collector.Collector, more ...string) map[string]string {
	environment := map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": c.URL, "OTEL_EXPORTER_OTLP_HEADERS": "api-key=" + plantedHeader}
	for i := 0; i < len(more); i += 2 {
		environment[more[i]] = more[i+1]
	}
	return environment
}

func TestSpansReachTheCollectorBeforeTheServiceEnds(t *testing.T) {
	t.Parallel()
	c := collector.Start(t, nil)
	r := boot(t, traced(c, "OTEL_SERVICE_NAME", "journeys", "OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test,team=a%20b"))
	r.get("/health")
	r.get("/health/live")
	r.me(portstest.Token(portstest.Secret, portstest.StudentClaims(time.Now())))
	r.get("/nope?planted-query")
	r.stop()
	if err := r.wait(); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{"GET /api/me", "GET"}, c.Names()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	sent := c.Requests()[0]
	if got := []string{sent.URL.Path, sent.Header.Get("Api-Key"), sent.Header.Get("User-Agent")}; !cmp.Equal(got, []string{"/v1/traces", plantedHeader, "journey-api/" + version}) {
		t.Errorf("sent with %q", got)
	}
	want := map[string]string{
		"service.name": "journeys", "service.version": version, "deployment.environment.name": "test", "team": "a b",
		"telemetry.sdk.name": "opentelemetry", "telemetry.sdk.language": "go",
	}
	got := c.Resource()
	for _, made := range []string{"service.instance.id", "telemetry.sdk.version"} {
		if got[made] == "" {
			t.Errorf("no %s", made)
		}
		delete(got, made)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if strings.Contains(r.log.String(), plantedHeader) || c.Contains("planted-query") {
		t.Errorf("the collector's key is in the log, or a query in a span:\n%s", r.log)
	}
}

func TestNothingIsTracedUnlessAskedFor(t *testing.T) {
	t.Parallel()
	c := collector.Start(t, nil)
	for name, environment := range map[string]map[string]string{
		"no endpoint":      {"OTEL_TRACES_EXPORTER": "otlp"},
		"disabled":         traced(c, "OTEL_SDK_DISABLED", "TRUE"),
		"no exporter":      traced(c, "OTEL_TRACES_EXPORTER", "none"),
		"nothing is drawn": traced(c, "OTEL_TRACES_SAMPLER", "always_off"),
	} {
		r := boot(t, environment)
		r.me("x")
		r.stop()
		if err := r.wait(); err != nil {
			t.Error(err)
		}
		if sent := c.Requests(); len(sent) > 0 {
			t.Errorf("%s: %d batches came", name, len(sent))
		}
	}
}

// bothStores is an engine in small: it reads from both.
func bothStores(stores app.Resources) []app.Engine {
	read := func(ctx context.Context, _ *struct{}) (httpapi.Reply[string], error) {
		var rows []map[string]any
		if _, err := stores.Supabase.From(ctx, "items").Select("*", "", false).Eq("email", "planted@example.org").ExecuteTo(&rows); err != nil {
			return httpapi.Reply[string]{}, err
		}
		err := stores.Neo4j.Read(ctx, func(ctx context.Context, tx neo4j.ManagedTransaction) error {
			_, err := tx.Run(ctx, "RETURN 'planted@example.org'", nil)
			return err
		})
		return httpapi.OK("all"), err
	}
	return []app.Engine{{Routes: func(r *httpapi.Registry) {
		httpapi.Handle(r, httpapi.Route{
			Method: http.MethodGet, Path: "/api/stored", Access: core.Public(), Tag: "Example", Summary: "Both stores",
		}, read)
	}}}
}

func TestOneTraceHoldsARequestAndItsCallsOfBothStores(t *testing.T) {
	t.Parallel()
	c := collector.Start(t, nil)
	told := make(chan http.Header, 1)
	supabase := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/rest/v1/items" { // the monitor and the verifier ask as well
			told <- r.Header
		}
		_, _ = io.WriteString(w, "[]")
	}))
	defer supabase.Close()
	r := bootWith(t, app.Config{
		Loaded: environment.Load(t, map[string]string{"SUPABASE_URL": supabase.URL}), Environment: traced(c), Engines: bothStores,
	})
	asked, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+"/api/stored", nil)
	if err != nil {
		t.Fatal(err)
	}
	asked.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")
	response, err := hurried().Do(asked) // the document knows nothing of this route
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	r.stop()
	if err := r.wait(); err != nil {
		t.Error(err)
	}

	request, query, read := spanNamed(t, c, "GET /api/stored"), spanNamed(t, c, "GET /rest/v1/items"), spanNamed(t, c, "neo4j READ")
	for _, span := range []*tracepb.Span{request, query, read} {
		if hex.EncodeToString(span.GetTraceId()) != "0af7651916cd43dd8448eb211c80319c" {
			t.Errorf("%s is in the trace %x", span.GetName(), span.GetTraceId())
		}
	}
	parents := []string{hex.EncodeToString(request.GetParentSpanId()), string(query.GetParentSpanId()), string(read.GetParentSpanId())}
	if diff := cmp.Diff([]string{"b7ad6b7169203331", string(request.GetSpanId()), string(request.GetSpanId())}, parents); diff != "" {
		t.Errorf("they stand below (-want +got):\n%s", diff)
	}
	want := "00-0af7651916cd43dd8448eb211c80319c-" + hex.EncodeToString(query.GetSpanId()) + "-01"
	if got := (<-told).Get("Traceparent"); got != want {
		t.Errorf("Supabase was told %q, want %q", got, want)
	}
	if read.GetStatus().GetCode() != tracepb.Status_STATUS_CODE_ERROR || collector.TextsOf(read.GetAttributes())["error.type"] != "SERVICE_UNAVAILABLE" {
		t.Errorf("Neo4j was not there, and its span says %v", read)
	}
	for _, private := range []string{"planted", "email", "service-role-key-of-the-tests", "password-of-the-tests", "refused"} {
		if c.Contains(private) {
			t.Errorf("%q is in the spans", private)
		}
	}
}

func spanNamed(t *testing.T, c *collector.Collector, name string) *tracepb.Span {
	t.Helper()
	for _, span := range c.Spans() {
		if span.GetName() == name {
			return span
		}
	}
	t.Fatalf("no span %q among %q", name, c.Names())
	return nil
}

// Whatever the collector does, requests are answered, the service ends in time, and the log has one line about it.
func TestACollectorInTroubleHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	elsewhere := collector.Start(t, nil)
	for name, tt := range map[string]struct {
		answer func(http.ResponseWriter) int
		absent bool
		said   string
	}{
		"it refuses":             {absent: true, said: `"fault":"Connection refused"`},
		"it fails":               {answer: func(http.ResponseWriter) int { return 500 }, said: `"fault":"Status 500"`},
		"it asks to wait":        {answer: func(w http.ResponseWriter) int { w.Header().Set("Retry-After", "3600"); return 503 }, said: `"fault":"Status 503"`},
		"it refuses the headers": {answer: func(http.ResponseWriter) int { return 401 }, said: `"fault":"Status 401"`},
		"it sends us elsewhere":  {answer: func(w http.ResponseWriter) int { w.Header().Set("Location", elsewhere.URL); return 307 }, said: `"fault":"Status 307"`},
		"it hangs":               {answer: func(http.ResponseWriter) int { <-release; return 200 }, said: `"what":"traces","error":"the last spans were not delivered in time"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := collector.Start(t, tt.answer)
			if tt.absent {
				c.URL = "http://" + refused
			}
			if name == "it hangs" {
				t.Cleanup(func() { close(release) })
			}
			r := boot(t, traced(c))
			for range 20 {
				if got := r.me("x"); got.Status != 401 {
					t.Errorf("answered %d", got.Status)
				}
			}
			began := time.Now()
			r.stop()
			if err := r.wait(); err != nil {
				t.Errorf("ended with %v", err)
			}
			if took := time.Since(began); took > wait.Limit {
				t.Errorf("ending took %v", took)
			}
			lines := strings.Count(r.log.String(), "traces are not delivered") + strings.Count(r.log.String(), "not closed cleanly")
			if lines != 1 || !strings.Contains(r.log.String(), tt.said) || strings.Contains(r.log.String(), plantedHeader) {
				t.Errorf("%d lines about it, want one with %s:\n%s", lines, tt.said, r.log)
			}
		})
	}
	t.Cleanup(func() {
		if sent := elsewhere.Requests(); len(sent) > 0 {
			t.Errorf("a redirect took the headers with it: %v", sent[0].Header)
		}
	})
}

func TestDiagnosticsDoNotKnowTheCollectorsKey(t *testing.T) {
	t.Parallel()
	c := collector.Start(t, nil)
	r := boot(t, traced(c))
	got := r.get("/api/diagnostics", "Bearer "+portstest.Token(portstest.Secret, portstest.SuperadminClaims(time.Now())))
	if got.Status != 200 || strings.Contains(got.Body, plantedHeader) {
		t.Errorf("answered %d %s", got.Status, got.Body)
	}
}

func TestABatchIsCompressedIfThatIsAskedFor(t *testing.T) {
	t.Parallel()
	c := collector.Start(t, nil)
	r := boot(t, traced(c, "OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"))
	r.me("x")
	r.stop()
	if err := r.wait(); err != nil {
		t.Error(err)
	}
	if got := c.Requests()[0].Header.Get("Content-Encoding"); got != "gzip" {
		t.Errorf("sent with the encoding %q", got)
	}
	if diff := cmp.Diff([]string{"GET /api/me"}, c.Names()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
