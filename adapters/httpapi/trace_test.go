package httpapi_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/spans"
)

// tracing records every span of a server in memory.
func tracing(into *tracetest.InMemoryExporter) func(*options) {
	return func(o *options) {
		o.Traces = sdktrace.NewTracerProvider(sdktrace.WithSyncer(into), sdktrace.WithSampler(sdktrace.AlwaysSample()))
		o.Engines = append(o.Engines, traceRoutes)
	}
}

func fromTrustedProxy(o *options) {
	o.Config.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
}

// told is what a handler would pass on of a trace.
type told struct {
	Parent  string `json:"parent"`
	State   string `json:"state"`
	Trusted bool   `json:"trusted"`
}

func traceRoutes(r *httpapi.Registry) {
	httpapi.Handle(r, httpapi.Route{
		Method: http.MethodGet, Path: "/api/trace", Access: core.Public(), Tag: "Example", Summary: "The trace",
	}, func(ctx context.Context, _ *struct{}) (httpapi.Reply[told], error) {
		passed := propagation.MapCarrier{}
		propagation.TraceContext{}.Inject(ctx, passed)
		return httpapi.OK(told{passed["traceparent"], passed["tracestate"], httpapi.JoinedOnTrust(ctx)}), nil
	})
}

func TestASpanSaysWhatCameOfARequest(t *testing.T) {
	t.Parallel()
	var recorded tracetest.InMemoryExporter
	s := start(t, tracing(&recorded))
	for _, asked := range []request{
		{Path: "/api/me", Token: "student"},
		{Method: http.MethodHead, Path: "/api/me", Token: "student"},
		{Path: "/api/diagnostics?apikey=planted-1", Token: "student"},
		{Path: "/api/me", Token: "planted-2"},
		{Method: http.MethodPost, Path: "/api/example/own?token=planted-3", Token: "faculty-director", Body: `{"score":7,"note":"planted-4"}`,
			Header: http.Header{"X-Correlation-Id": {"planted-5"}, "User-Agent": {"planted-6"}, "X-Forwarded-For": {"planted-7"}}},
		{Path: "/planted-8"},
		{Method: http.MethodPut, Path: "/api/me"},
		{Method: "PLANTED-9", Path: "/api/me"},
		{Path: "/api/example/failing/unknown"},
		{Path: "/api/example/failing/panic"},
	} {
		s.Do(asked)
	}
	with := func(method string, status int, more ...string) map[string]any {
		attributes := map[string]any{"http.request.method": method, "http.response.status_code": int64(status), "url.scheme": "http"}
		for i := 0; i < len(more); i += 2 {
			attributes[more[i]] = more[i+1]
		}
		return attributes
	}
	want := []spans.Seen{
		{Name: "GET /api/me", Attributes: with("GET", 200, "http.route", "/api/me"), Failed: false},
		{Name: "HEAD /api/me", Attributes: with("HEAD", 200, "http.route", "/api/me"), Failed: false},
		{Name: "GET /api/diagnostics", Attributes: with("GET", 403, "http.route", "/api/diagnostics", "error_code", "FORBIDDEN", "reason", "role_not_allowed"), Failed: false},
		{Name: "GET /api/me", Attributes: with("GET", 401, "http.route", "/api/me", "error_code", "AUTHENTICATION_ERROR", "reason", "signature_invalid"), Failed: false},
		{Name: "POST /api/example/{institution_id}", Attributes: with("POST", 201, "http.route", "/api/example/{institution_id}"), Failed: false},
		{Name: "GET", Attributes: with("GET", 404, "error_code", "NOT_FOUND"), Failed: false},
		{Name: "PUT", Attributes: with("PUT", 405, "error_code", "METHOD_NOT_ALLOWED"), Failed: false},
		{Name: "HTTP", Attributes: with("_OTHER", 405, "error_code", "METHOD_NOT_ALLOWED"), Failed: false},
		{Name: "GET /api/example/failing/{how}", Attributes: with("GET", 500, "http.route", "/api/example/failing/{how}", "error_code", "INTERNAL_ERROR"), Failed: true},
		{Name: "GET /api/example/failing/{how}", Attributes: with("GET", 500, "http.route", "/api/example/failing/{how}", "error_code", "INTERNAL_ERROR"), Failed: true},
	}
	var got []spans.Seen
	for _, span := range recorded.GetSpans() {
		got = append(got, spans.Of(span))
		if span.SpanKind != trace.SpanKindServer || span.Parent.IsValid() || !span.EndTime.After(span.StartTime) {
			t.Errorf("%s is of kind %v, below %v, from %v to %v", span.Name, span.SpanKind, span.Parent, span.StartTime, span.EndTime)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	whole, err := json.Marshal(recorded.GetSpans())
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"planted", "PLANTED", "msm.edu", "user-", secretOfThePanic, "127.0.0.1", s.Address} {
		if strings.Contains(string(whole), secret) {
			t.Errorf("%q is in the spans: %s", secret, whole)
		}
	}
}

func TestProbesAndWhatCanNotBeReadMakeNoSpan(t *testing.T) {
	t.Parallel()
	var recorded tracetest.InMemoryExporter
	s := start(t, tracing(&recorded))
	for _, path := range []string{"/health", "/health/live", "/health/ready"} {
		s.get(path)
	}
	s.Raw("not HTTP\r\n\r\n")
	s.Raw("GET /api/me HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
	if made := recorded.GetSpans(); len(made) > 0 {
		t.Errorf("they made %v", made)
	}
}

const (
	callersTrace = "0af7651916cd43dd8448eb211c80319c"
	callersSpan  = "b7ad6b7169203331"
	callers01    = "00-" + callersTrace + "-" + callersSpan + "-01"
	callers00    = "00-" + callersTrace + "-" + callersSpan + "-00"
)

func TestACallersTraceIsPassedOnIfTheServiceTracesNothing(t *testing.T) {
	t.Parallel()
	longState := strings.Repeat("a=1,", 127) + "last=of-those-that-fit,over=1"
	for name, tt := range map[string]struct {
		header  http.Header
		trusted bool
		want    told
	}{
		"nothing":                             {nil, true, told{}},
		"sampled, of a trusted proxy":         {http.Header{"Traceparent": {callers01}}, true, told{callers01, "", true}},
		"not sampled, of a trusted proxy":     {http.Header{"Traceparent": {callers00}}, true, told{callers00, "", true}},
		"sampled, of anybody":                 {http.Header{"Traceparent": {callers01}}, false, told{callers00, "", false}},
		"a state":                             {http.Header{"Traceparent": {callers01}, "Tracestate": {"a=1,b=2"}}, true, told{callers01, "a=1,b=2", true}},
		"a state in two headers":              {http.Header{"Traceparent": {callers01}, "Tracestate": {"a=1", "b=2"}}, true, told{callers01, "a=1,b=2", true}},
		"a state that is none":                {http.Header{"Traceparent": {callers01}, "Tracestate": {"none"}}, true, told{callers01, "", true}},
		"a state that is one long entry":      {http.Header{"Traceparent": {callers01}, "Tracestate": {"a=" + strings.Repeat("b", 600)}}, true, told{callers01, "", true}},
		"a state of too many entries":         {http.Header{"Traceparent": {callers01}, "Tracestate": {longState}}, true, told{callers01, "", true}},
		"a state alone":                       {http.Header{"Tracestate": {"a=1"}}, true, told{}},
		"a later version":                     {http.Header{"Traceparent": {"cc-" + callersTrace + "-" + callersSpan + "-01-more"}}, true, told{callers01, "", true}},
		"empty":                               {http.Header{"Traceparent": {""}}, true, told{}},
		"two of them":                         {http.Header{"Traceparent": {callers01, callers01}}, true, told{}},
		"upper case":                          {http.Header{"Traceparent": {strings.ToUpper(callers01)}}, true, told{}},
		"no trace":                            {http.Header{"Traceparent": {"00-" + strings.Repeat("0", 32) + "-" + callersSpan + "-01"}}, true, told{}},
		"no span":                             {http.Header{"Traceparent": {"00-" + callersTrace + "-" + strings.Repeat("0", 16) + "-01"}}, true, told{}},
		"too short":                           {http.Header{"Traceparent": {callers01[:54]}}, true, told{}},
		"more behind it":                      {http.Header{"Traceparent": {callers01 + "-00"}}, true, told{}},
		"a version that is forbidden":         {http.Header{"Traceparent": {"ff" + callers01[2:]}}, true, told{}},
		"no hexadecimal digits":               {http.Header{"Traceparent": {"00-" + strings.Repeat("x", 32) + "-" + callersSpan + "-01"}}, true, told{}},
		"more than a header should ever hold": {http.Header{"Traceparent": {strings.Repeat("a", 8000)}}, true, told{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, func(o *options) {
				o.Engines = append(o.Engines, traceRoutes)
				if tt.trusted {
					fromTrustedProxy(o)
				}
			})
			var got told
			s.Do(request{Path: "/api/trace", Header: tt.header}).Data(t, &got)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAStateIsShortenedByWholeEntriesFromItsEnd(t *testing.T) {
	t.Parallel()
	entry := func(key string) string { return key + "=" + strings.Repeat("v", 98) } // 100 bytes with a key of one
	five := strings.Join([]string{entry("a"), entry("b"), entry("c"), entry("d"), entry("e")}, ",")
	s := start(t, func(o *options) { o.Engines = append(o.Engines, traceRoutes) })
	for state, want := range map[string]string{
		five:                          five,
		five + ",f=123456":            five,
		five + ",f=12345":             five + ",f=12345", // 512 bytes
		five + ",f=12345,g=1":         five + ",f=12345",
		five + "," + entry("f") + ",": five,
	} {
		var got told
		s.Do(request{Path: "/api/trace", Header: http.Header{"Traceparent": {callers01}, "Tracestate": {state}}}).Data(t, &got)
		if got.State != want {
			t.Errorf("%s became %s", state, got.State)
		}
	}
}

func TestARequestsSpanJoinsTheCallersTrace(t *testing.T) {
	t.Parallel()
	var recorded tracetest.InMemoryExporter
	s := start(t, tracing(&recorded))
	var got told
	s.Do(request{Path: "/api/trace", Header: http.Header{"Traceparent": {callers01}, "Tracestate": {"a=1"}}}).Data(t, &got)
	made := recorded.GetSpans()
	if len(made) != 1 {
		t.Fatalf("it made %v", made)
	}
	own := made[0].SpanContext
	if own.TraceID().String() != callersTrace || made[0].Parent.SpanID().String() != callersSpan || !made[0].Parent.IsRemote() {
		t.Errorf("the span %v stands below %v", own, made[0].Parent)
	}
	want := told{Parent: "00-" + callersTrace + "-" + own.SpanID().String() + "-01", State: "a=1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("its handler passes on (-want +got):\n%s", diff)
	}
}

func TestTheLogsLinesJoinTheTrace(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		traces bool
		header string
		path   string
		trace  any // nil for none, "" for any
		span   bool
	}{
		"nobody traces":                   {false, "", "/api/me", nil, false},
		"the caller traces":               {false, callers01, "/api/me", callersTrace, false},
		"the service traces":              {true, "", "/api/me", "", true},
		"both trace":                      {true, callers01, "/api/me", callersTrace, true},
		"both trace, and nothing matches": {true, callers01, "/nope", callersTrace, true},
		"both trace, and it is a probe":   {true, callers01, "/health", callersTrace, false},
		"the caller sends what is none":   {false, "planted", "/api/me", nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var recorded tracetest.InMemoryExporter
			s := start(t, func(o *options) {
				if tt.traces {
					tracing(&recorded)(o)
				}
			})
			s.Do(request{Path: tt.path, Token: "student", Header: http.Header{"Traceparent": {tt.header}, "X-Correlation-Id": {"joins"}}})
			line := s.Line("joins")
			if tt.trace == "" {
				tt.trace = recorded.GetSpans()[0].SpanContext.TraceID().String()
			}
			var span any
			if tt.span {
				span = recorded.GetSpans()[0].SpanContext.SpanID().String()
			}
			if diff := cmp.Diff([]any{tt.trace, span}, []any{line["trace_id"], line["span_id"]}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheLineOfARefusalJoinsTheTraceToo(t *testing.T) {
	t.Parallel()
	var recorded tracetest.InMemoryExporter
	s := start(t, tracing(&recorded))
	s.Do(request{Path: "/api/diagnostics", Token: "student"})
	own := recorded.GetSpans()[0].SpanContext
	joined := 0
	for _, line := range s.Log.Lines(t) {
		if line["trace_id"] == own.TraceID().String() && line["span_id"] == own.SpanID().String() {
			joined++
		}
	}
	if joined != 2 {
		t.Errorf("%d lines joined the trace, want 2:\n%s", joined, s.Log)
	}
}
