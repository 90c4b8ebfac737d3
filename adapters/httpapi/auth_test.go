package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/apitest"
	"github.com/journey-os/journey-api/ports/portstest"
)

func TestTheAuthorizationHeader(t *testing.T) {
	t.Parallel()
	const plain, invalid = `Bearer realm="journey-api"`, `Bearer realm="journey-api", error="invalid_token"`
	tests := []struct {
		name      string
		header    []string
		status    int
		reason    string
		challenge string
	}{
		{"missing", nil, 401, "token_missing", plain},
		{"empty", []string{""}, 401, "token_malformed", invalid},
		{"scheme alone", []string{"Bearer"}, 401, "token_malformed", invalid},
		{"scheme and a space", []string{"Bearer "}, 401, "token_malformed", invalid},
		{"token alone", []string{"student"}, 401, "token_malformed", invalid},
		{"another scheme", []string{"Basic c3R1ZGVudDp4"}, 401, "token_malformed", invalid},
		{"a scheme that only begins alike", []string{"Bearers student"}, 401, "token_malformed", invalid},
		{"two headers", []string{"Bearer student", "Bearer student"}, 401, "token_malformed", invalid},
		{"two tokens in one header", []string{"Bearer student, Bearer student"}, 401, "signature_invalid", invalid},
		{"lower case scheme", []string{"bearer student"}, 200, "", ""},
		{"upper case scheme", []string{"BEARER student"}, 200, "", ""},
		{"two spaces", []string{"Bearer  student"}, 200, "", ""},
		{"a token that is wrong", []string{"Bearer x"}, 401, "signature_invalid", invalid},
	}
	s := start(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := s.Do(request{Path: "/api/me", Header: http.Header{"Authorization": tt.header}})
			if got.Status != tt.status || got.Header.Get("WWW-Authenticate") != tt.challenge {
				t.Errorf("answered %d with challenge %s", got.Status, got.Header.Get("WWW-Authenticate"))
			}
			if tt.status != http.StatusOK && got.Failure(t).Reason != tt.reason {
				t.Errorf("the reason is %s, want %s", got.Failure(t).Reason, tt.reason)
			}
		})
	}
}

func TestMeShowsTheEightFieldsOfTheCaller(t *testing.T) {
	t.Parallel()
	var me map[string]any
	start(t).Do(request{Path: "/api/me", Token: "faculty-director"}).Data(t, &me)
	want := map[string]any{
		"sub": "user-faculty", "email": "faculty@msm.edu", "role": "faculty", "institution_id": "own",
		"is_course_director": true, "aud": "authenticated", "exp": 1740000000.0, "iat": 1739996400.0,
	}
	if diff := cmp.Diff(want, me); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestATokenThatCannotBeJudgedNowIs503(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) {
		o.Verifier = portstest.VerifierFailing(core.NewUnavailableError("keys_unavailable", "The keys are not to be had", 3e9))
	})
	got := s.Do(request{Path: "/api/me", Token: "any"})
	wantFailure(t, got, failed{Status: 503, Code: "SERVICE_UNAVAILABLE", Message: "The keys are not to be had", Reason: "keys_unavailable"})
	if after := got.Header.Get("Retry-After"); after != "3" {
		t.Errorf("Retry-After is %q", after)
	}
}

func TestAVerifierThatFailsWithNothingIsAnInternalError(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) { o.Verifier = portstest.VerifierFailing((*core.Error)(nil)) })
	wantFailure(t, s.Do(request{Path: "/api/me", Token: "any"}),
		failed{Status: 500, Code: "INTERNAL_ERROR", Message: "An unexpected error occurred"})
}

func TestAnUnknownRouteIsToldBeforeAnyTokenIsLookedAt(t *testing.T) {
	t.Parallel()
	verifier := portstest.VerifierOf(nil)
	s := start(t, func(o *options) { o.Verifier = verifier })
	for _, asked := range []request{
		{Path: "/api/nope", Token: "bad"},
		{Method: http.MethodPost, Path: "/api/me", Token: "bad"},
		{Method: "BREW", Path: "/api/me", Token: "bad"},
	} {
		if got := s.Do(asked); got.Status != http.StatusNotFound && got.Status != http.StatusMethodNotAllowed {
			t.Errorf("%s %s answered %d", asked.Method, asked.Path, got.Status)
		}
	}
	if calls := len(verifier.VerifyCalls()); calls != 0 {
		t.Errorf("a token was looked at %d times", calls)
	}
}

func TestTheInstitutionOfTheQueryCountsOnlyIfItIsOne(t *testing.T) {
	t.Parallel()
	s := start(t)
	for query, want := range map[string]int{
		"institution_id=own":                        200,
		"institution_id=other":                      403,
		"institution_id=own&institution_id=other":   403,
		"institution_id=other&institution_id=own":   403,
		"institution_id=own&institution_id=own":     403,
		"Institution_ID=own":                        403,
		"institution_id=":                           422,
		"":                                          403,
		"institution_id=own&limit=1&unknown=ignore": 200,
	} {
		if got := s.Do(request{Path: "/api/example?" + query, Token: "student"}); got.Status != want {
			t.Errorf("?%s answered %d, want %d: %s", query, got.Status, want, got.Body)
		}
	}
}

func TestPathParametersAreDecodedOnceAndAfterRouting(t *testing.T) {
	t.Parallel()
	s := start(t)
	for path, want := range map[string]struct {
		status int
		tenant string
	}{
		"/api/example/%6fwn":          {201, "own"},
		"/api/example/caf%C3%A9":      {201, "café"},
		"/api/example/a%2Fb":          {201, "a/b"},
		"/api/example/%252F":          {201, "%2F"},
		"/api/example/%ff":            {422, ""},
		"/api/example/a%00b":          {422, ""},
		"/api/example/a%0Ab":          {422, ""},
		"/api/example/own/../../x":    {404, ""},
		"/api/example/own%2F..%2Fown": {201, "own/../own"},
	} {
		got := s.Raw("POST " + path + " HTTP/1.1\r\n" + host + "Authorization: Bearer superadmin\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"score\":1}")
		if got.Status != want.status || want.tenant != "" && !strings.Contains(got.Body, `"institution_id":"`+want.tenant+`"`) {
			t.Errorf("%s answered %d %s", path, got.Status, got.Body)
		}
	}
	if got := s.Raw("POST /api/example/%ff HTTP/1.1\r\n" + host + "\r\n"); got.Status != 401 {
		t.Errorf("without a token, what is no text is not looked at: answered %d", got.Status)
	}
	if got := s.Do(request{Method: http.MethodPost, Path: "/api/example/%6fwn", Token: "faculty-director", Body: `{"score":1}`}); got.Status != 201 {
		t.Errorf("one's own institution, encoded: answered %d", got.Status)
	}
	for _, limits := range []string{"limit=%ff", "limit=1&limit=%ff", "limit=%ff&limit=1"} {
		if got := s.Do(request{Path: "/api/example?institution_id=own&" + limits, Token: "student"}); got.Status != 422 {
			t.Errorf("a query parameter that is no text, %s: answered %d", limits, got.Status)
		}
	}
}

func TestTheInstitutionOfThePathCannotBeOverruledByTheQuery(t *testing.T) {
	t.Parallel()
	s := start(t)
	for path, want := range map[string]int{
		"/api/example/other?institution_id=own": 403,
		"/api/example/own?institution_id=other": 201,
	} {
		got := s.Do(request{Method: http.MethodPost, Path: path, Token: "faculty-director", Body: `{"score":1}`})
		if got.Status != want {
			t.Errorf("%s answered %d, want %d", path, got.Status, want)
		}
	}
}

// The role matrix: every route of the server, the example engine's too, for every kind of caller. The golden file is
// reviewed by people, not computed.
func TestRoleMatrix(t *testing.T) {
	t.Parallel()
	apitest.Golden(t, "role_matrix.golden", start(t).RoleMatrix(apitest.RoleMatrix{
		Parameters: func(record core.Record) map[string]string {
			return map[string]string{"session_id": "of-" + record.StudentID}
		},
	}))
}
