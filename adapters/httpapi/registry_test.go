package httpapi_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core"
)

// handled is a handler that is never reached.
func handled[I any](context.Context, *I) (httpapi.Reply[int], error) { return httpapi.OK(1), nil }

func TestRegisteringARouteWronglyIsRefusedAtStart(t *testing.T) {
	t.Parallel()
	type nothing = struct{}
	register := func(route httpapi.Route) httpapi.Routes {
		return func(r *httpapi.Registry) { httpapi.Handle(r, route, handled[nothing]) }
	}
	route := func(method, path string, access core.Access) httpapi.Routes {
		return register(httpapi.Route{Method: method, Path: path, Access: access})
	}
	get := func(change func(*httpapi.Route)) httpapi.Routes {
		changed := httpapi.Route{Method: http.MethodGet, Path: "/x", Access: core.SignedIn()}
		change(&changed)
		return register(changed)
	}
	tests := []struct {
		name   string
		routes httpapi.Routes
		want   string
	}{
		{"without a rule", route("GET", "/x", core.Access{}), "GET /x: the route has no access rule"},
		{"with a rule that lists no role", route("GET", "/x", core.AllowRoles()), "GET /x: the access rule lists no role"},
		{"public, for course directors", route("GET", "/x", core.Public().CourseDirector()), "GET /x: a public route knows no caller to narrow it by"},
		{"twice", route("GET", "/health", core.Public()), "GET /health: the route is registered already"},
		{"for a method of the protocol's own", route("OPTIONS", "/x", core.Public()), "OPTIONS /x: the method is none that routes are registered for"},
		{"for one's own institution without naming any", route("GET", "/x", core.SignedIn().OwnInstitution()), "GET /x: the access rule compares institutions, and neither path nor query names one"},
		{
			"about records without naming a student", route("GET", "/x", core.OnRecord(core.RecordRead)),
			"GET /x: the access rule is about students' records: name the student as student_id in path, query or body, or say LoadsRecord",
		},
		{"that loads a record without a rule about records", get(func(r *httpapi.Route) { r.LoadsRecord = true }), "GET /x: it says LoadsRecord, and its access rule is not about students' records"},
		{"with a status that is no success", get(func(r *httpapi.Route) { r.Statuses = []int{http.StatusTeapot} }), "GET /x: 418 is no status of a success"},
		{"with a code that has no status", get(func(r *httpapi.Route) { r.Errors = []core.Code{"NOPE"} }), `GET /x: its code "NOPE" is not in the table: add it by Failures first`},
		{"with a time that is none", get(func(r *httpapi.Route) { r.Timeout = -time.Second }), "GET /x: its Timeout and MaxBody can't be negative"},
		{
			"behind a pattern that takes its requests", func(r *httpapi.Registry) {
				route("GET", "/x/{id}/y", core.SignedIn())(r)
				route("GET", "/x/new/y", core.SignedIn())(r)
			}, "GET /x/new/y: it never gets a request: /x/{id}/y, registered before it, takes them",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			wantRefused(t, tt.routes, tt.want)
		})
	}
}

func wantRefused(t *testing.T, routes httpapi.Routes, want string) {
	t.Helper()
	_, err := httpapi.New(httpapi.Config{MaxBodyBytes: 1, MaxHeaderBytes: 4096}, httpapi.Dependencies{}, routes)
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestAddingACodeWronglyIsRefusedAtStart(t *testing.T) {
	t.Parallel()
	good := func() httpapi.FailureCode {
		return httpapi.FailureCode{Code: "X", Status: http.StatusConflict, When: "it is so", Example: &core.Error{Code: "X", Message: "It is so"}}
	}
	tests := []struct {
		name   string
		change func(*httpapi.FailureCode)
		want   string
	}{
		{"that is there", func(f *httpapi.FailureCode) { f.Code, f.Example = core.CodeConflict, core.NewConflictError("x") }, `code "CONFLICT": it is in the table already`},
		{"without words", func(f *httpapi.FailureCode) { f.When = "" }, `code "X": it has no name, or does not say when it comes`},
		{"with a status of a success", func(f *httpapi.FailureCode) { f.Status = http.StatusOK }, `code "X": 200 is no status of a failure`},
		{"with the example of another", func(f *httpapi.FailureCode) { f.Example = core.NewConflictError("x") }, `code "X": its example is none of this code, or has no message`},
		{"with an example for a reason that it has not", func(f *httpapi.FailureCode) {
			f.Example = &core.Error{Code: "X", Message: "x", Reason: "y"}
		}, `code "X": the reason of its example is none of its reasons`},
		{"with a detail that every failure has", func(f *httpapi.FailureCode) { f.Details = map[string]string{"reason": "x"} }, `code "X": the detail reason is a field of every failure's meta`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			row := good()
			tt.change(&row)
			wantRefused(t, func(r *httpapi.Registry) { r.Failures(row) }, tt.want)
		})
	}
	t.Run("reasons of one that is not there", func(t *testing.T) {
		t.Parallel()
		wantRefused(t, func(r *httpapi.Registry) { r.Reasons("NOPE", "x") }, `code "NOPE": reasons were added to it, and it is not in the table`)
	})
}

func TestEnginesShareReasons(t *testing.T) {
	t.Parallel()
	share := func(r *httpapi.Registry) { r.Reasons(core.CodeConflict, "shared") }
	document := start(t, func(o *options) { o.Engines = []httpapi.Routes{share, share} }).Document
	count := 0
	for _, reason := range document.Components.Schemas["FailureMeta"].Value.Properties["reason"].Value.Enum {
		if reason == "shared" {
			count++
		}
	}
	if count != 1 {
		t.Errorf("the reason is listed %d times", count)
	}
}
