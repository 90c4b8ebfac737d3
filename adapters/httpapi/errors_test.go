package httpapi_test

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/apitest"
)

// failing asks the example engine to fail.
func failing(t *testing.T, how string) (*service, reply) {
	t.Helper()
	s := start(t)
	return s, s.get("/api/example/failing/" + how)
}

func wantFailure(t *testing.T, got reply, want failed) {
	t.Helper()
	if diff := cmp.Diff(want, got.Failure(t)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestJourneyOSErrorReturnsCorrectStatusAndEnvelope(t *testing.T) {
	t.Parallel()
	_, got := failing(t, "conflict")
	wantFailure(t, got, failed{Status: 409, Code: "CONFLICT", Message: "It is there already"})
}

func TestAuthenticationErrorReturns401(t *testing.T) {
	t.Parallel()
	_, got := failing(t, "authentication")
	wantFailure(t, got, failed{Status: 401, Code: "AUTHENTICATION_ERROR", Message: "The token has expired", Reason: "token_expired"})
}

func TestForbiddenErrorReturns403(t *testing.T) {
	t.Parallel()
	_, got := failing(t, "forbidden")
	wantFailure(t, got, failed{Status: 403, Code: "FORBIDDEN", Message: "Your role may not do this", Reason: "role_not_allowed"})
}

func TestValidationErrorReturns422(t *testing.T) {
	t.Parallel()
	_, got := failing(t, "validation")
	wantFailure(t, got, failed{
		Status: 422, Code: "VALIDATION_ERROR", Message: "The request is not valid",
		Violations: []map[string]string{
			{"field": "/body/score", "message": "is too high"},
			{"field": "/body/note", "message": "is too long"},
		},
	})
}

func TestNotFoundErrorReturns404(t *testing.T) {
	t.Parallel()
	_, got := failing(t, "not-found")
	wantFailure(t, got, failed{Status: 404, Code: "NOT_FOUND", Message: "There is no such item"})
}

func TestUnhandledExceptionReturns500InternalError(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"unknown", "panic", "bug", "nil"} {
		t.Run(how, func(t *testing.T) {
			s, got := failing(t, how)
			wantFailure(t, got, failed{Status: 500, Code: "INTERNAL_ERROR", Message: "An unexpected error occurred"})
			line := s.Line(got.Header.Get("X-Correlation-ID"))
			if line["level"] != "ERROR" || line["error"] == nil || line["error_code"] != "INTERNAL_ERROR" {
				t.Errorf("the log line is %v", line)
			}
			if alive := s.get("/health/live"); alive.Status != http.StatusOK {
				t.Errorf("the next request was answered %d", alive.Status)
			}
		})
	}
}

func TestErrorResponseMatchesAPIEnvelopeFormat(t *testing.T) {
	t.Parallel()
	_, got := failing(t, "validation")
	id := got.Header.Get("X-Correlation-ID")
	want := `{"data":null,"error":{"code":"VALIDATION_ERROR","message":"The request is not valid"},` +
		`"meta":{"correlation_id":"` + id + `","violations":[` +
		`{"field":"/body/score","message":"is too high"},{"field":"/body/note","message":"is too long"}]}}`
	if got.Body != want {
		t.Errorf("answered\n%s\nwant\n%s", got.Body, want)
	}
}

func TestCorrelationIDIncludedInErrorResponse(t *testing.T) {
	t.Parallel()
	got := start(t).Do(request{
		Path:   "/api/example/failing/conflict",
		Header: http.Header{"X-Correlation-Id": {"from-the-caller.1"}},
	})
	if !strings.Contains(got.Body, `"meta":{"correlation_id":"from-the-caller.1"}`) {
		t.Errorf("answered %s", got.Body)
	}
}

func TestAPanicIsLoggedWithItsPlaceAndWithoutItsText(t *testing.T) {
	t.Parallel()
	s, got := failing(t, "panic")
	line := s.Line(got.Header.Get("X-Correlation-ID"))
	if stack, _ := line["stack"].(string); !strings.Contains(stack, "failExample") {
		t.Errorf("the stack does not show where it happened: %v", line)
	}
	if text := got.Body + s.Log.String(); strings.Contains(text, secretOfThePanic) {
		t.Errorf("the panic's text got out: %s", text)
	}
}

func TestACauseStaysInside(t *testing.T) {
	t.Parallel()
	_, got := failing(t, "unknown")
	for _, inside := range []string{"10.0.0.7", "7687", secretOfThePanic} {
		if strings.Contains(got.Body, inside) {
			t.Errorf("%q got out: %s", inside, got.Body)
		}
	}
}

func TestWhatACallerCannotBeToldIsAnInternalError(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"a code that no table knows": &core.Error{Code: "BREWING", Message: "I am a teapot"},
		"a message that is no UTF-8": core.NewNotFoundError("there is no \xff"),
	} {
		t.Run(name, func(t *testing.T) {
			got := start(t, answering(func(context.Context) (string, error) { return "", err })).get("/api/answer")
			if got.Status != http.StatusInternalServerError || got.Failure(t).Code != "INTERNAL_ERROR" {
				t.Errorf("answered %d %s", got.Status, got.Body)
			}
		})
	}
}

func TestTheCauseOfACallersMistakeIsNotLogged(t *testing.T) {
	t.Parallel()
	s := start(t, answering(func(context.Context) (string, error) {
		return "", core.NewConflictError("It is there already").WithCause(errors.New("duplicate key " + secretOfThePanic))
	}))
	got := s.get("/api/answer")
	if line := s.Line(got.Header.Get("X-Correlation-ID")); line["level"] != "WARN" || line["error"] != nil {
		t.Errorf("the line is %v", line)
	}
}

func TestRetryAfterIsWholeSecondsRoundedUp(t *testing.T) {
	t.Parallel()
	_, got := failing(t, "unavailable")
	wantFailure(t, got, failed{Status: 503, Code: "SERVICE_UNAVAILABLE", Message: "A dependency is unavailable", Reason: "dependency_unavailable"})
	if after := got.Header.Get("Retry-After"); after != "2" {
		t.Errorf("Retry-After is %q for 1.5 s", after)
	}
}

func TestAHandlerOverItsDeadlineIsUnavailable(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) { o.Config.RequestTimeout = 20 * time.Millisecond })
	got := s.get("/api/example/failing/slow")
	wantFailure(t, got, failed{Status: 503, Code: "SERVICE_UNAVAILABLE", Message: "The request took too long", Reason: "dependency_unavailable"})
}

// Every failure that a client can cause, as bytes: a change here breaks clients.
func TestFailureEnvelopesAreGolden(t *testing.T) {
	t.Parallel()
	s := start(t)
	tests := map[string]request{
		"unknown route":                 {Path: "/nope"},
		"wrong method":                  {Method: http.MethodDelete, Path: "/health"},
		"method that nobody knows":      {Method: "BREW", Path: "/health"},
		"no token":                      {Path: "/api/me"},
		"bad token":                     {Path: "/api/me", Token: "bad"},
		"role not allowed":              {Path: "/api/example/advisors/all", Token: "student"},
		"course director required":      {Method: http.MethodPost, Path: "/api/example/own", Token: "faculty", Body: `{"score":1}`},
		"another institution":           {Method: http.MethodPost, Path: "/api/example/other", Token: "faculty-director", Body: `{"score":1}`},
		"conflict":                      {Method: http.MethodPost, Path: "/api/example/own", Token: "faculty-director", Body: `{"score":1,"note":"taken"}`},
		"body of another type":          {Method: http.MethodPost, Path: "/api/example/own", Token: "faculty-director", Body: `score=1`, Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}},
		"compressed body":               {Method: http.MethodPost, Path: "/api/example/own", Token: "faculty-director", Body: `{}`, Header: http.Header{"Content-Encoding": {"gzip"}}},
		"no body":                       {Method: http.MethodPost, Path: "/api/example/own", Token: "faculty-director"},
		"body that stops half-way":      {Method: http.MethodPost, Path: "/api/example/own", Token: "faculty-director", Body: `{"score":1`},
		"body with a name twice":        {Method: http.MethodPost, Path: "/api/example/own", Token: "faculty-director", Body: `{"score":1,"score":2}`},
		"body that is no UTF-8":         {Method: http.MethodPost, Path: "/api/example/own", Token: "faculty-director", Body: "{\"score\":1,\"note\":\"\xff\"}"},
		"body with two values":          {Method: http.MethodPost, Path: "/api/example/own", Token: "faculty-director", Body: `{"score":1}{"score":2}`},
		"body nested deeply":            {Method: http.MethodPost, Path: "/api/example/own", Token: "faculty-director", Body: strings.Repeat("[", 100_000)},
		"body with everything wrong":    {Method: http.MethodPost, Path: "/api/example/own", Token: "faculty-director", Body: `{"score":101,"note":7,"tags":[1],"extra":true}`},
		"body without what is required": {Method: http.MethodPost, Path: "/api/example/own", Token: "faculty-director", Body: `{"Score":1}`},
		"null for a text":               {Method: http.MethodPost, Path: "/api/example/own", Token: "faculty-director", Body: `{"score":1,"note":null}`},
		"number of another kind":        {Method: http.MethodPost, Path: "/api/example/own", Token: "faculty-director", Body: `{"score":1.5}`},
		"number beyond all bounds":      {Method: http.MethodPost, Path: "/api/example/own", Token: "faculty-director", Body: `{"score":1e400}`},
		"parameter out of range":        {Path: "/api/example?institution_id=own&limit=51", Token: "student"},
		"empty parameter":               {Path: "/api/example?institution_id=own&limit=", Token: "student"},
		"parameter of another type":     {Path: "/api/example?institution_id=own&limit=many", Token: "student"},
	}
	var text strings.Builder
	for _, name := range sortedKeys(tests) {
		got := s.Do(tests[name])
		got.Failure(t)
		text.WriteString(name + "\n  " + http.StatusText(got.Status) + " " +
			strings.ReplaceAll(got.Body, got.Header.Get("X-Correlation-ID"), "<id>") + "\n")
		for _, header := range []string{"Allow", "WWW-Authenticate", "Retry-After"} {
			if value := got.Header.Get(header); value != "" {
				text.WriteString("  " + header + ": " + value + "\n")
			}
		}
	}
	apitest.Golden(t, "failures.golden", text.String())
}

func TestSuccessEnvelopesAreGolden(t *testing.T) {
	t.Parallel()
	s := start(t)
	var text strings.Builder
	for _, asked := range []request{
		{Path: "/health"},
		{Path: "/health/live"},
		{Path: "/health/ready"},
		{Path: "/api/me", Token: "student"},
		{Path: "/api/me", Token: "superadmin"},
		{Method: http.MethodPost, Path: "/api/example/own", Token: "faculty-director", Body: `{"score":100,"note":"<&>"}`},
		{Path: "/api/example?institution_id=own&limit=2", Token: "student"},
	} {
		got := s.Do(asked)
		body := got.Body
		for pattern, instead := range map[string]string{
			`"timestamp":"[^"]+"`:      `"timestamp":"<time>"`,
			`"uptime_seconds":[0-9.]+`: `"uptime_seconds":<seconds>`,
			`"latency_ms":[0-9.e-]+`:   `"latency_ms":<ms>`,
			`"correlation_id":"[^"]+"`: `"correlation_id":"<id>"`,
		} {
			body = regexp.MustCompile(pattern).ReplaceAllString(body, instead)
		}
		text.WriteString(asked.Path + " " + asked.Token + "\n  " + http.StatusText(got.Status) + " " + body + "\n")
	}
	apitest.Golden(t, "successes.golden", text.String())
}

func sortedKeys[V any](values map[string]V) []string {
	keys := make([]string, 0, len(values))
	for key := range values {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
