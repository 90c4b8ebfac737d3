package httpapi_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core"
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
	exposed = "X-Correlation-ID, Retry-After, WWW-Authenticate, Location, RateLimit, RateLimit-Policy, Content-Disposition" +
		", X-Example, X-Rows" // which routes of the example engine set
	preflight = "GET, POST, PUT, PATCH, DELETE, OPTIONS"
	sendable  = "Authorization, Content-Type, X-Correlation-ID, Idempotency-Key, If-None-Match, Prefer, " +
		"apikey, x-client-info, traceparent, tracestate, baggage, sentry-trace"
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
			got := s.Do(request{Method: http.MethodOptions, Path: path, Header: http.Header{
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
	got := start(t).Do(request{Path: "/health", Header: http.Header{"Origin": {"HTTP://LocalHost:3000"}}})
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
		if diff := cmp.Diff(want, corsOf(s.Do(request{Path: path, Header: from(origin)}))); diff != "" {
			t.Errorf("%s from a listed origin (-want +got):\n%s", path, diff)
		}
		if diff := cmp.Diff(map[string]string{"Vary": "Origin"}, corsOf(s.Do(request{Path: path, Header: from("http://evil.example")}))); diff != "" {
			t.Errorf("%s from another origin (-want +got):\n%s", path, diff)
		}
		if diff := cmp.Diff(map[string]string{"Vary": "Origin"}, corsOf(s.get(path))); diff != "" {
			t.Errorf("%s from no origin (-want +got):\n%s", path, diff)
		}
	}
}

func TestAnyOriginIfTheStarIsListed(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) { o.Config.CORSOrigins = []string{"*"} })
	got := s.Do(request{Path: "/health", Header: http.Header{"Origin": {"http://anyone.example"}}})
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
		got := s.Do(request{Method: http.MethodOptions, Path: "/health", Header: header})
		if got.Status != http.StatusMethodNotAllowed || got.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: answered %d, Allow %q", name, got.Status, got.Header.Get("Allow"))
		}
	}
}

func TestAStarStandsForExactlyOneLabel(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) {
		o.Config.CORSOrigins = []string{"https://*.example.vercel.app", "http://*.localhost:3000"}
	})
	for asking, allowed := range map[string]bool{
		"https://app-git-main.example.vercel.app":  true,
		"https://APP.example.vercel.app":           true,
		"http://a.localhost:3000":                  true,
		"https://example.vercel.app":               false,
		"https://.example.vercel.app":              false,
		"https://a.b.example.vercel.app":           false,
		"http://a.example.vercel.app":              false,
		"https://a.example.vercel.app:8443":        false,
		"https://a.example.vercel.app.evil.org":    false,
		"https://evil.org/.example.vercel.app":     false,
		"https://evil.org#.example.vercel.app":     false,
		"https://evil.org:443@.example.vercel.app": false,
		"https://aexample.vercel.app":              false,
		"http://a.localhost:3001":                  false,
		"null":                                     false,
	} {
		got := s.Do(request{Path: "/health", Header: http.Header{"Origin": {asking}}}).Header.Get("Access-Control-Allow-Origin")
		if allowed != (got == asking) || !allowed && got != "" {
			t.Errorf("%s: allowed %q", asking, got)
		}
	}
}

func TestPagesMaySendTheHeadersOfTheSettingsToo(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) { o.Config.CORSHeaders = []string{"X-Tenant", "X-Request-Source"} })
	got := s.Do(preflightFrom(origin, "")).Header.Get("Access-Control-Allow-Headers")
	if want := sendable + ", X-Tenant, X-Request-Source"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestPagesMaySendTheHeadersThatRoutesTake(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) {
		o.Engines = append(o.Engines, func(r *httpapi.Registry) {
			httpapi.Handle(r, httpapi.Route{
				Method: http.MethodGet, Path: "/api/tenant", Tag: "Example", Access: core.Public(), Summary: "Name the tenant",
			}, func(_ context.Context, in *struct {
				Tenant string `header:"X-Tenant"`
				Key    string `header:"idempotency-key"`
			}) (httpapi.Reply[string], error) {
				return httpapi.OK(in.Tenant), nil
			})
		})
	})
	if got := s.Do(preflightFrom(origin, "")).Header.Get("Access-Control-Allow-Headers"); got != sendable+", X-Tenant" {
		t.Errorf("got  %s\nwant %s", got, sendable+", X-Tenant")
	}
}

func preflightFrom(origin, headers string) request {
	asked := http.Header{"Origin": {origin}, "Access-Control-Request-Method": {"POST"}}
	if headers != "" {
		asked.Set("Access-Control-Request-Headers", headers)
	}
	return request{Method: http.MethodOptions, Path: "/api/me", Header: asked}
}

func TestPreflightsAreLoggedAndCountedAsSuch(t *testing.T) {
	t.Parallel()
	seen := make(chan httpapi.Observation, 1)
	s := start(t, func(o *options) { o.Observe = func(o httpapi.Observation) { seen <- o } })
	line := s.Line(s.Do(preflightFrom(origin, "")).Header.Get("X-Correlation-ID"))
	if line["level"] != "DEBUG" || line["route"] != "preflight" {
		t.Errorf("logged %v", line)
	}
	if got := (<-seen).Route; got != "preflight" {
		t.Errorf("counted as %q", got)
	}
}

// hintsOf makes the requests one after another and returns the lines that they cause beside their own.
func hintsOf(t *testing.T, isDevelopment bool, requests ...request) []map[string]any {
	t.Helper()
	s := start(t, func(o *options) { o.Config.Development = isDevelopment })
	for _, r := range requests {
		s.Do(r)
	}
	hints := []map[string]any{}
	for _, line := range s.Log.Lines(t) {
		if message := line["msg"]; message == "origin refused" || message == "request header refused" {
			for _, other := range []string{"time", "correlation_id"} {
				delete(line, other)
			}
			hints = append(hints, line)
		}
	}
	return hints
}

func TestInDevelopmentARefusedOriginIsOneLineThatSaysWhatToSet(t *testing.T) {
	t.Parallel()
	const vite = "http://localhost:5174"
	requests := []request{
		preflightFrom(vite, ""),
		{Path: "/health", Header: http.Header{"Origin": {vite}}},
		{Path: "/health", Header: http.Header{"Origin": {"HTTP://localhost:5174"}}},
		{Path: "/health", Header: http.Header{"Origin": {origin}}},
		{Path: "/health", Header: http.Header{"Origin": {"null"}}},
		{Path: "/health", Header: http.Header{"Origin": {"http://hunter2 hunter2"}}},
		{Path: "/health", Header: http.Header{"Origin": {"http://u:hunter2@a"}}},
		{Path: "/health", Header: http.Header{"Origin": {"hunter2"}}},
		{Path: "/health", Header: http.Header{"Origin": {"http://" + strings.Repeat("a", 200)}}},
	}
	want := []map[string]any{
		{"level": "WARN", "msg": "origin refused", "origin": vite, "set": "CORS_ORIGINS=http://localhost:3000,http://localhost:3001,http://localhost:5174"},
		{"level": "WARN", "msg": "origin refused", "origin": "null", "problem": "a page from a file or a sandboxed frame has no origin that can be listed: serve it over http"},
	}
	if diff := cmp.Diff(want, hintsOf(t, true, requests...)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := hintsOf(t, false, requests...); len(got) != 0 {
		t.Errorf("in production: %v", got)
	}
}

func TestAPageOfTheServiceItselfIsNoOtherOrigin(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) { o.Config.Development = true })
	s.Do(request{Path: "/health", Header: http.Header{"Origin": {"http://" + s.Address}}})
	if strings.Contains(s.Log.String(), "origin refused") {
		t.Error(s.Log)
	}
}

func TestInDevelopmentARefusedHeaderIsOneLineThatSaysWhatToSet(t *testing.T) {
	t.Parallel()
	requests := []request{
		preflightFrom(origin, "apikey,authorization,x-client-info,x-tenant"),
		preflightFrom(origin, "X-Tenant, if-none-match"),
		preflightFrom(origin, "x-tenant,x-region,x-retry-count"),
		preflightFrom("http://evil.example", "x-evil"),
	}
	want := []map[string]any{
		{"level": "WARN", "msg": "request header refused", "header": "x-tenant", "set": "CORS_HEADERS=x-tenant"},
		{"level": "WARN", "msg": "request header refused", "header": "x-tenant,x-region,x-retry-count", "set": "CORS_HEADERS=x-tenant,x-region,x-retry-count"},
		{"level": "WARN", "msg": "origin refused", "origin": "http://evil.example", "set": "CORS_ORIGINS=http://localhost:3000,http://localhost:3001,http://evil.example"},
	}
	if diff := cmp.Diff(want, hintsOf(t, true, requests...)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestHintsAreBounded(t *testing.T) {
	t.Parallel()
	var requests []request
	for i := range 150 {
		requests = append(requests, request{Path: "/health/live", Header: http.Header{"Origin": {fmt.Sprintf("http://h%d.example", i)}}})
	}
	if got := len(hintsOf(t, true, requests...)); got != 100 {
		t.Errorf("%d hints, want 100", got)
	}
}
