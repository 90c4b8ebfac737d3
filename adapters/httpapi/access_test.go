package httpapi_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

type accessData struct {
	Routes []accessRoute `json:"routes"`
}

type accessRoute struct {
	Method  string `json:"method"`
	Path    string `json:"path"`
	Allowed string `json:"allowed"`
	Rule    string `json:"rule"`
	Reason  string `json:"reason"`
}

// exampleAccess is what a caller is shown of the example engine's routes and of one built-in of each kind.
func (s *service) exampleAccess(token string) map[string]string {
	s.t.Helper()
	var data accessData
	s.Do(request{Path: "/api/me/access", Token: token}).Data(s.t, &data)
	heard := map[string]string{}
	for _, route := range data.Routes {
		if route.Rule == "" {
			s.t.Errorf("%s %s has no rule", route.Method, route.Path)
		}
		switch route.Path {
		case "/health", "/api/me", "/api/diagnostics", "/api/example/{institution_id}", "/api/example", "/api/example/advisors/all":
			heard[route.Method+" "+route.Path] = route.Allowed + route.Reason
		}
	}
	return heard
}

func TestCallersHearWhatTheyMayCall(t *testing.T) {
	t.Parallel()
	s := start(t)
	tests := map[string]map[string]string{
		"student": {"GET /health": "yes", "GET /api/me": "yes", "GET /api/example": "depends"},
		"advisor": {"GET /health": "yes", "GET /api/me": "yes", "GET /api/example": "depends", "GET /api/example/advisors/all": "yes"},
		"faculty": {"GET /health": "yes", "GET /api/me": "yes", "GET /api/example": "depends"},
		"faculty-director": {
			"GET /health": "yes", "GET /api/me": "yes", "GET /api/example": "depends", "POST /api/example/{institution_id}": "depends",
		},
		"superadmin": {
			"GET /health": "yes", "GET /api/me": "yes", "GET /api/example": "yes", "POST /api/example/{institution_id}": "yes",
			"GET /api/example/advisors/all": "yes", "GET /api/diagnostics": "yes",
		},
	}
	for token, want := range tests {
		if diff := cmp.Diff(want, s.exampleAccess(token)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", token, diff)
		}
	}
}

func TestInDevelopmentEveryoneSeesWhatRefusesThemAndWhy(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) { o.Config.Development = true })
	want := map[string]string{
		"GET /health": "yes", "GET /api/me": "yes", "GET /api/example": "depends",
		"POST /api/example/{institution_id}": "nocourse_director_required",
		"GET /api/example/advisors/all":      "norole_not_allowed",
		"GET /api/diagnostics":               "norole_not_allowed",
	}
	if diff := cmp.Diff(want, s.exampleAccess("faculty")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestARefusedCallerIsAudited(t *testing.T) {
	t.Parallel()
	s := start(t)
	tests := map[string]struct {
		asked request
		want  map[string]any
	}{
		"by-role": {
			request{Path: "/api/example/advisors/all", Token: "student"},
			map[string]any{"user_id": "user-student", "role": "student", "method": "GET", "route": "/api/example/advisors/all", "reason": "role_not_allowed"},
		},
		"across-tenants": {
			request{Method: http.MethodPost, Path: "/api/example/other", Token: "faculty-director", Body: `{"score":1}`},
			map[string]any{
				"user_id": "user-faculty", "role": "faculty", "method": "POST", "route": "/api/example/{institution_id}",
				"reason": "institution_mismatch", "requested_institution_id": "other",
			},
		},
		"across-tenants-with-what-is-no-id": {
			request{Path: "/api/example?institution_id=%22level%3DINFO", Token: "student"},
			map[string]any{
				"user_id": "user-student", "role": "student", "method": "GET", "route": "/api/example",
				"reason": "institution_mismatch", "requested_institution_id": "",
			},
		},
	}
	for id, tt := range tests {
		t.Run(id, func(t *testing.T) {
			tt.asked.Header = http.Header{"X-Correlation-Id": {id}}
			s.Do(tt.asked)
			tt.want["msg"], tt.want["level"] = "access refused", "WARN"
			tt.want["correlation_id"], tt.want["institution_id"] = id, "own"
			var audited []map[string]any
			for _, line := range s.Log.Lines(t) {
				if line["correlation_id"] == id && line["msg"] == "access refused" {
					audited = append(audited, line)
				}
			}
			ignore := cmpopts.IgnoreMapEntries(func(name string, _ any) bool { return name == "time" })
			if diff := cmp.Diff([]map[string]any{tt.want}, audited, ignore); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	t.Run("what is no refusal of a known caller is not", func(t *testing.T) {
		s := start(t)
		s.Do(request{Path: "/api/me", Token: "student"})
		s.Do(request{Path: "/api/me", Token: "bad"})
		s.get("/api/example/failing/forbidden")
		for _, line := range s.Log.Lines(t) {
			if line["msg"] != "request" {
				t.Errorf("a line says %v", line)
			}
		}
	})
}
