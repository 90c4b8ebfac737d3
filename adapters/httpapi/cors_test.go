package httpapi_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// corsOf keeps what CORS says of a reply.
func corsOf(got reply) map[string]string {
	said := map[string]string{}
	for _, name := range []string{
		"Vary", "Access-Control-Allow-Origin", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers",
		"Access-Control-Max-Age", "Access-Control-Expose-Headers", "Access-Control-Allow-Credentials",
	} {
		if values := got.Header.Values(name); len(values) > 0 {
			said[name] = values[0]
		}
	}
	return said
}

const (
	exposed   = "X-Correlation-ID, Retry-After, WWW-Authenticate, RateLimit, RateLimit-Policy"
	preflight = "GET, POST, PUT, PATCH, DELETE, OPTIONS"
	sendable  = "Authorization, Content-Type, X-Correlation-ID, traceparent, tracestate"
)

func TestPreflightsOnEveryPath(t *testing.T) {
	t.Parallel()
	s := start(t)
	listed := map[string]string{
		"Vary": "Origin", "Access-Control-Allow-Origin": origin, "Access-Control-Allow-Methods": preflight,
		"Access-Control-Allow-Headers": sendable, "Access-Control-Max-Age": "600", "Access-Control-Expose-Headers": exposed,
	}
	for _, path := range []string{"/health", "/api/me", "/api/example/own", "/docs", "/nope"} {
		for asking, want := range map[string]map[string]string{
			origin:                   listed,
			"http://evil.example":    {"Vary": "Origin"},
			"null":                   {"Vary": "Origin"},
			origin + ".evil.example": {"Vary": "Origin"},
		} {
			got := s.do(request{Method: http.MethodOptions, Path: path, Header: http.Header{
				"Origin": {asking}, "Access-Control-Request-Method": {"POST"},
			}})
			if got.Status != http.StatusNoContent || got.Body != "" || got.Header.Get("X-Correlation-ID") == "" {
				t.Errorf("%s from %s answered %d %q", path, asking, got.Status, got.Body)
			}
			if diff := cmp.Diff(want, corsOf(got)); diff != "" {
				t.Errorf("%s from %s (-want +got):\n%s", path, asking, diff)
			}
		}
	}
}

func TestAnOriginIsComparedInLowerCase(t *testing.T) {
	t.Parallel()
	got := start(t).do(request{Path: "/health", Header: http.Header{"Origin": {"HTTP://LocalHost:3000"}}})
	if allowed := got.Header.Get("Access-Control-Allow-Origin"); allowed != "HTTP://LocalHost:3000" {
		t.Errorf("allowed %q", allowed)
	}
}

func TestRepliesAndFailuresCarryCORS(t *testing.T) {
	t.Parallel()
	s := start(t)
	from := func(asking string) http.Header { return http.Header{"Origin": {asking}} }
	want := map[string]string{"Vary": "Origin", "Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": exposed}
	for _, path := range []string{"/health", "/api/me", "/nope", "/api/example/failing/panic", "/openapi.json"} {
		if diff := cmp.Diff(want, corsOf(s.do(request{Path: path, Header: from(origin)}))); diff != "" {
			t.Errorf("%s from a listed origin (-want +got):\n%s", path, diff)
		}
		if diff := cmp.Diff(map[string]string{"Vary": "Origin"}, corsOf(s.do(request{Path: path, Header: from("http://evil.example")}))); diff != "" {
			t.Errorf("%s from another origin (-want +got):\n%s", path, diff)
		}
		if diff := cmp.Diff(map[string]string{"Vary": "Origin"}, corsOf(s.get(path))); diff != "" {
			t.Errorf("%s from no origin (-want +got):\n%s", path, diff)
		}
	}
}

func TestAnyOriginWhereTheStarIsListed(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) { o.config.CORSOrigins = []string{"*"} })
	got := s.do(request{Path: "/health", Header: http.Header{"Origin": {"http://anyone.example"}}})
	want := map[string]string{"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": exposed}
	if diff := cmp.Diff(want, corsOf(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOptionsThatIsNoPreflightIsAnotherMethod(t *testing.T) {
	t.Parallel()
	s := start(t)
	for name, header := range map[string]http.Header{
		"bare":                      nil,
		"with an origin alone":      {"Origin": {origin}},
		"with a method asked alone": {"Access-Control-Request-Method": {"GET"}},
	} {
		got := s.do(request{Method: http.MethodOptions, Path: "/health", Header: header})
		if got.Status != http.StatusMethodNotAllowed || got.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: answered %d, Allow %q", name, got.Status, got.Header.Get("Allow"))
		}
	}
}
