package supabasedb_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/journey-os/journey-api/adapters/supabasedb"
	"github.com/journey-os/journey-api/internal/testkit/spans"
)

// tracing returns settings whose spans are kept in memory, and a context that is within one already.
func tracing(t *testing.T, url string) (supabasedb.Config, context.Context, *tracetest.InMemoryExporter) {
	t.Helper()
	recorded := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(recorded))
	config := settings(url)
	config.Traces = provider
	ctx, _ := provider.Tracer("test").Start(t.Context(), "request") //nolint:spancheck // it goes on
	return config, ctx, recorded
}

func TestASpanSaysHowARequestWentAndNothingPrivate(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status int
		body   string
		ends   string // error.type
		failed bool
	}{
		"well":           {200, `[]`, "", false},
		"a conflict":     {409, `{"code":"23505","message":"planted@example.org"}`, "CONFLICT", false},
		"a faulty query": {400, `{"code":"PGRST100","message":"planted@example.org"}`, "INTERNAL_ERROR", true},
		"a refused key":  {401, `{}`, "SERVICE_UNAVAILABLE", true},
		"a fault":        {500, `planted@example.org`, "SERVICE_UNAVAILABLE", true},
		"nobody there":   {0, ``, "SERVICE_UNAVAILABLE", true},
	} {
		t.Run(name, func(t *testing.T) {
			url := serve(t, replying(tt.status, tt.body))
			if tt.status == 0 {
				url = "http://127.0.0.1:1"
			}
			config, ctx, recorded := tracing(t, url)
			client := newClient(t, config)
			_ = ways(client)["a query"](ctx)
			_ = ways(client)["a call"](ctx)
			attributesOf := func(method, path string) map[string]any {
				attributes := map[string]any{"http.request.method": method, "url.template": path, "server.address": "127.0.0.1"}
				if tt.status != 0 {
					attributes["http.response.status_code"] = int64(tt.status)
				}
				if tt.ends != "" {
					attributes["error.type"] = tt.ends
				}
				return attributes
			}
			want := []spans.Seen{
				{Name: "GET /rest/v1/items", Attributes: attributesOf("GET", "/rest/v1/items"), Failed: tt.failed},
				{Name: "POST /rest/v1/rpc/estimate", Attributes: attributesOf("POST", "/rest/v1/rpc/estimate"), Failed: tt.failed},
			}
			var got []spans.Seen
			for _, span := range recorded.GetSpans() {
				got = append(got, spans.Of(span))
				if span.Parent.SpanID() != trace.SpanContextFromContext(ctx).SpanID() || span.SpanKind != trace.SpanKindClient {
					t.Errorf("a span of kind %v below %v", span.SpanKind, span.Parent)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			whole, err := json.Marshal(recorded.GetSpans())
			if err != nil {
				t.Fatal(err)
			}
			for _, private := range []string{"@example.org", "note", "select", jwtKey} {
				if bytes.Contains(whole, []byte(private)) {
					t.Errorf("%q is in the spans: %s", private, whole)
				}
			}
		})
	}
}

func TestARequestTellsItsTrace(t *testing.T) {
	t.Parallel()
	var sent http.Header
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		sent = r.Header
		replying(http.StatusOK, "[]")(w, r)
	})
	caller := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}})
	state, err := trace.ParseTraceState("a=1,b=2")
	if err != nil {
		t.Fatal(err)
	}
	config, within, recorded := tracing(t, url)
	for name, tt := range map[string]struct {
		config supabasedb.Config
		ctx    context.Context
		parent func() string
		state  string
	}{
		"nobody traces":                  {settings(url), t.Context(), func() string { return "" }, ""},
		"the caller traces":              {settings(url), trace.ContextWithRemoteSpanContext(t.Context(), caller), func() string { return "00-01000000000000000000000000000000-0200000000000000-00" }, ""},
		"the caller traces with a state": {settings(url), trace.ContextWithRemoteSpanContext(t.Context(), caller.WithTraceState(state)), func() string { return "00-01000000000000000000000000000000-0200000000000000-00" }, "a=1,b=2"},
		"the service traces": {config, within, func() string {
			own := recorded.GetSpans()[0].SpanContext
			return "00-" + own.TraceID().String() + "-" + own.SpanID().String() + "-01"
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if err := ways(newClient(t, tt.config))["a query"](tt.ctx); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{tt.parent(), tt.state}, []string{sent.Get("Traceparent"), sent.Get("Tracestate")}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheChecksOfHealthMakeNoSpan(t *testing.T) {
	t.Parallel()
	config, ctx, recorded := tracing(t, serve(t, replying(http.StatusOK, "{}")))
	if err := newClient(t, config).Check(ctx); err != nil || len(recorded.GetSpans()) > 0 {
		t.Errorf("%v, and %v", err, recorded.GetSpans())
	}
}
