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

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports/portstest"
)

// plantedHeader is the collector's key.
const plantedHeader = "planted-key-of-the-collector"

func traced(c *collector, more ...string) map[string]string {
	environment := map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": c.url, "OTEL_EXPORTER_OTLP_HEADERS": "api-key=" + plantedHeader}
	for i := 0; i < len(more); i += 2 {
		environment[more[i]] = more[i+1]
	}
	return environment
}

func TestSpansReachTheCollectorBeforeTheServiceEnds(t *testing.T) {
	t.Parallel()
	c := startCollector(t, nil)
	r := boot(t, traced(c, "OTEL_SERVICE_NAME", "journeys", "OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test,team=a%20b"))
	r.get("/health")
	r.get("/health/live")
	r.me(portstest.Token(portstest.Secret, portstest.StudentClaims(time.Now())))
	r.get("/nope?planted-query")
	r.stop()
	if err := r.wait(); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{"GET /api/me", "GET"}, c.names()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	sent := c.requests()[0]
	if got := []string{sent.URL.Path, sent.Header.Get("Api-Key"), sent.Header.Get("User-Agent")}; !cmp.Equal(got, []string{"/v1/traces", plantedHeader, userAgent()}) {
		t.Errorf("sent with %q", got)
	}
	want := map[string]string{
		"service.name": "journeys", "service.version": version, "deployment.environment.name": "test", "team": "a b",
		"telemetry.sdk.name": "opentelemetry", "telemetry.sdk.language": "go",
	}
	got := c.resource()
	for _, made := range []string{"service.instance.id", "telemetry.sdk.version"} {
		if got[made] == "" {
			t.Errorf("no %s", made)
		}
		delete(got, made)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if strings.Contains(r.log.String(), plantedHeader) || c.contains("planted-query") {
		t.Errorf("the collector's key is in the log, or a query in a span:\n%s", r.log)
	}
}

func TestNothingIsTracedUnlessAskedFor(t *testing.T) {
	t.Parallel()
	c := startCollector(t, nil)
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
		if sent := c.requests(); len(sent) > 0 {
			t.Errorf("%s: %d batches came", name, len(sent))
		}
	}
}

// storeRoutes is an engine's in small: it reads from both.
func storeRoutes(a *app) httpapi.Routes {
	return func(r *httpapi.Registry) {
		httpapi.Handle(r, httpapi.Route{
			Method: http.MethodGet, Path: "/api/stored", Access: core.Public(), Tag: "Example", Summary: "Both stores",
		}, func(ctx context.Context, _ *struct{}) (httpapi.Reply[string], error) {
			var rows []map[string]any
			if _, err := a.supabase.From(ctx, "items").Select("*", "", false).Eq("email", "planted@example.org").ExecuteTo(&rows); err != nil {
				return httpapi.Reply[string]{}, err
			}
			err := a.neo4j.Read(ctx, func(ctx context.Context, tx neo4j.ManagedTransaction) error {
				_, err := tx.Run(ctx, "RETURN 'planted@example.org'", nil)
				return err
			})
			return httpapi.OK("all"), err
		})
	}
}

func TestOneTraceHoldsARequestAndItsCallsOfBothStores(t *testing.T) {
	t.Parallel()
	c := startCollector(t, nil)
	told := make(chan http.Header, 1)
	supabase := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		told <- r.Header
		_, _ = io.WriteString(w, "[]")
	}))
	defer supabase.Close()
	environment := traced(c)
	settings, _ := readTraceSettings(environment)
	loaded := loadSettings(t, map[string]string{"SUPABASE_URL": supabase.URL})
	a, err := newApp(loaded, settings, newLogger(io.Discard, loaded.Settings.Log), func(core.Dependency) {})
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	url := serveStores(t, a)
	asked, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/api/stored", nil)
	if err != nil {
		t.Fatal(err)
	}
	asked.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")
	asked.Header.Set("Connection", "close")
	response, err := http.DefaultClient.Do(asked)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	a.close()

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
	if read.GetStatus().GetCode() != tracepb.Status_STATUS_CODE_ERROR || textsOf(read.GetAttributes())["error.type"] != "SERVICE_UNAVAILABLE" {
		t.Errorf("Neo4j was not there, and its span says %v", read)
	}
	for _, private := range []string{"planted", "email", "service-role-key-of-the-tests", "password-of-the-tests", "refused"} {
		if c.contains(private) {
			t.Errorf("%q is in the spans", private)
		}
	}
}

// serveStores serves storeRoutes until the test ends.
func serveStores(t *testing.T, a *app) (url string) {
	t.Helper()
	server, err := httpapi.New(httpapi.Config{
		MaxBodyBytes: 1 << 20, MaxHeaderBytes: 1 << 14, MaxInFlight: 8,
		RequestTimeout: 10 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: 10 * time.Second,
	}, httpapi.Dependencies{Verifier: a.verifier, Health: a.monitor, Log: a.log.Handler(), Traces: a.traces}, storeRoutes(a))
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, server)
}

func spanNamed(t *testing.T, c *collector, name string) *tracepb.Span {
	t.Helper()
	for _, span := range c.spans() {
		if span.GetName() == name {
			return span
		}
	}
	t.Fatalf("no span %q among %q", name, c.names())
	return nil
}

// Whatever the collector does, requests are answered, the service ends in time, and the log has one line about it.
func TestACollectorInTroubleHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	elsewhere := startCollector(t, nil)
	for name, tt := range map[string]struct {
		answer func(http.ResponseWriter) int
		absent bool
		said   string
	}{
		"it refuses":             {absent: true, said: `"fault":"Connection refused"`},
		"it fails":               {answer: func(http.ResponseWriter) int { return 500 }, said: `"fault":"Status 500"`},
		"it asks to wait":        {answer: func(w http.ResponseWriter) int { w.Header().Set("Retry-After", "3600"); return 503 }, said: `"fault":"Status 503"`},
		"it refuses the headers": {answer: func(http.ResponseWriter) int { return 401 }, said: `"fault":"Status 401"`},
		"it sends us elsewhere":  {answer: func(w http.ResponseWriter) int { w.Header().Set("Location", elsewhere.url); return 307 }, said: `"fault":"Status 307"`},
		"it hangs":               {answer: func(http.ResponseWriter) int { <-release; return 200 }, said: `"what":"traces","error":"the last spans were not delivered in time"`},
	} {
		t.Run(name, func(t *testing.T) {
			c := startCollector(t, tt.answer)
			if tt.absent {
				c.url = "http://" + refused
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
			if took := time.Since(began); took > closeTimeout+5*time.Second {
				t.Errorf("ending took %v", took)
			}
			lines := strings.Count(r.log.String(), "traces are not delivered") + strings.Count(r.log.String(), "not closed cleanly")
			if lines != 1 || !strings.Contains(r.log.String(), tt.said) || strings.Contains(r.log.String(), plantedHeader) {
				t.Errorf("%d lines about it, want one with %s:\n%s", lines, tt.said, r.log)
			}
		})
	}
	if sent := elsewhere.requests(); len(sent) > 0 {
		t.Errorf("a redirect took the headers with it: %v", sent[0].Header)
	}
}

func TestNobodyWaitsForACollectorThatHangs(t *testing.T) {
	release := make(chan struct{})
	c := startCollector(t, func(http.ResponseWriter) int { <-release; return 200 })
	defer close(release)
	settings, _ := readTraceSettings(traced(c, "OTEL_EXPORTER_OTLP_TIMEOUT", "3600000"))
	a := &app{log: newLogger(io.Discard, config.Log{Format: "json"})}
	provider, err := a.openTraces(settings)
	if err != nil {
		t.Fatal(err)
	}
	tracer, began := provider.Tracer("test"), time.Now()
	for range 20_000 { // ten times what the queue holds
		_, span := tracer.Start(t.Context(), "one of many")
		span.End()
	}
	a.close()
	if took := time.Since(began); took > closeTimeout+10*time.Second {
		t.Errorf("took %v", took)
	}
	sent := c.requests()
	if len(sent) != 1 {
		t.Fatalf("%d batches were sent to a collector that hangs", len(sent))
	}
	select {
	case <-sent[0].Context().Done():
	case <-time.After(10 * time.Second):
		t.Error("the service is closed, and still waits for the collector")
	}
}

// OpenTelemetry's SDK would write the panic's value into the span.
func TestWhatAPanicSaysIsInNoSpan(t *testing.T) {
	t.Parallel()
	c := startCollector(t, nil)
	settings, _ := readTraceSettings(traced(c))
	a := &app{log: newLogger(io.Discard, config.Log{Format: "json"})}
	provider, err := a.openTraces(settings)
	if err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() { _ = recover() }()
		_, span := provider.Tracer("test").Start(t.Context(), "it panics")
		defer span.End()
		panic("planted-in-the-panic")
	}()
	a.close()
	if diff := cmp.Diff([]string{"it panics"}, c.names()); diff != "" || c.contains("planted") {
		t.Errorf("%s\n%v", diff, c.spans())
	}
}

func TestDiagnosticsDoNotKnowTheCollectorsKey(t *testing.T) {
	t.Parallel()
	c := startCollector(t, nil)
	r := boot(t, traced(c))
	got := r.get("/api/diagnostics", "Bearer "+portstest.Token(portstest.Secret, portstest.SuperadminClaims(time.Now())))
	if got.Status != 200 || strings.Contains(got.Body, plantedHeader) {
		t.Errorf("answered %d %s", got.Status, got.Body)
	}
}
