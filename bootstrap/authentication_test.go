package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/ports/portstest"
)

// The story's nine authentication tests, over HTTP and with the real verifier.

func TestValidJWTSetsCurrentUser(t *testing.T) {
	t.Parallel()
	now := time.Now()
	got := boot(t, nil).me(portstest.Token(portstest.Secret, portstest.StudentClaims(now)))
	want := map[string]any{
		"sub": "student-uuid-1", "email": "marcus@msm.edu", "role": "student", "institution_id": "inst-uuid-1",
		"is_course_director": false, "aud": "authenticated",
		"exp": float64(now.Unix() + 3600), "iat": float64(now.Unix()),
	}
	if diff := cmp.Diff(want, got.Data); got.Status != 200 || diff != "" {
		t.Errorf("answered %d (-want +got):\n%s", got.Status, diff)
	}
}

func TestMissingAuthorizationHeaderReturns401(t *testing.T) {
	t.Parallel()
	wantRefusal(t, boot(t, nil).get("/api/me"), "token_missing", `Bearer realm="journey-api"`)
}

func TestInvalidJWTFormatReturns401(t *testing.T) {
	t.Parallel()
	r := boot(t, nil)
	for name, token := range map[string]string{
		"words": "not-a-token", "two parts": "a.b", "four parts": "a.b.c.d", "empty parts": "..", "padding": portstest.Token(portstest.Secret, portstest.StudentClaims(time.Now())) + "=",
	} {
		t.Run(name, func(t *testing.T) { wantRefusal(t, r.me(token), "token_malformed", invalidToken) })
	}
}

func TestExpiredJWTReturns401(t *testing.T) {
	t.Parallel()
	got := boot(t, nil).me(portstest.Token(portstest.Secret, portstest.ExpiredClaims(time.Now())))
	wantRefusal(t, got, "token_expired", invalidToken)
}

func TestJWTWithInvalidSignatureReturns401(t *testing.T) {
	t.Parallel()
	r := boot(t, nil)
	good := portstest.Token(portstest.Secret, portstest.StudentClaims(time.Now()))
	forged := portstest.Token(portstest.OtherSecret, portstest.StudentClaims(time.Now()))
	wantRefusal(t, r.me(forged), "signature_invalid", invalidToken)
	dot := strings.LastIndexByte(good, '.')
	changed := []byte(good)
	changed[dot+1] = map[bool]byte{true: 'B', false: 'A'}[changed[dot+1] == 'A']
	wantRefusal(t, r.me(string(changed)), "signature_invalid", invalidToken)
}

func TestJWTMissingRequiredClaimsReturns401(t *testing.T) {
	t.Parallel()
	r := boot(t, nil)
	for claim, reason := range map[string]string{
		"sub": "claims_invalid", "email": "account_incomplete", "exp": "claims_invalid", "iat": "claims_invalid",
		"aud": "audience_invalid", "role": "not_a_user_token",
		"app_metadata": "account_incomplete", "app_metadata.role": "account_incomplete", "app_metadata.institution_id": "account_incomplete",
	} {
		t.Run(claim, func(t *testing.T) {
			got := r.me(portstest.Token(portstest.Secret, portstest.StudentClaims(time.Now()).Without(claim)))
			wantRefusal(t, got, reason, invalidToken)
		})
	}
}

func TestExtractsRoleFromAppMetadata(t *testing.T) {
	t.Parallel()
	r := boot(t, nil)
	claims := portstest.FacultyClaims(time.Now()).With("user_metadata", map[string]any{"role": "superadmin"})
	got := r.me(portstest.Token(portstest.Secret, claims))
	if got.Data["role"] != "faculty" || got.Data["is_course_director"] != true {
		t.Errorf("answered %s", got.Body)
	}
	onlyTheUserSaysSo := portstest.StudentClaims(time.Now()).Without("app_metadata.role").With("user_metadata", map[string]any{"role": "superadmin"})
	wantRefusal(t, r.me(portstest.Token(portstest.Secret, onlyTheUserSaysSo)), "account_incomplete", invalidToken)
}

func TestExtractsInstitutionIDFromAppMetadata(t *testing.T) {
	t.Parallel()
	r := boot(t, nil)
	claims := portstest.StudentClaims(time.Now()).With("app_metadata.institution_id", "inst-uuid-2").With("institution_id", "inst-uuid-3")
	if got := r.me(portstest.Token(portstest.Secret, claims)); got.Data["institution_id"] != "inst-uuid-2" {
		t.Errorf("answered %s", got.Body)
	}
	if got := r.me(portstest.Token(portstest.Secret, portstest.SuperadminClaims(time.Now()))); got.Data["institution_id"] != "" {
		t.Errorf("a superadmin without an institution: answered %s", got.Body)
	}
}

func TestBearerPrefixRequired(t *testing.T) {
	t.Parallel()
	r := boot(t, nil)
	token := portstest.Token(portstest.Secret, portstest.StudentClaims(time.Now()))
	for _, header := range []string{token, "Token " + token, "Basic " + token, "Bearer" + token} {
		wantRefusal(t, r.get("/api/me", header), "token_malformed", invalidToken)
	}
	if got := r.get("/api/me", "bEaReR "+token); got.Status != 200 {
		t.Errorf("the scheme in another case answered %d", got.Status)
	}
}

const invalidToken = `Bearer realm="journey-api", error="invalid_token"`

func wantRefusal(t *testing.T, got answer, reason, challenge string) {
	t.Helper()
	if got.Status != 401 || got.Code != "AUTHENTICATION_ERROR" || got.Reason != reason || got.Header.Get("WWW-Authenticate") != challenge {
		t.Errorf("answered %d with challenge %q: %s; want 401 %s", got.Status, got.Header.Get("WWW-Authenticate"), got.Body, reason)
	}
}
