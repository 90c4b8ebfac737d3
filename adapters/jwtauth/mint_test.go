package jwtauth_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/jwtauth"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports/portstest"
)

func TestASignedUserTokenVerifiesToTheSameUser(t *testing.T) {
	for _, role := range core.Roles() {
		t.Run(string(role), func(t *testing.T) {
			user := studentPayload()
			user.Role = role
			user.IsCourseDirector = role == core.RoleFaculty
			asked := user
			asked.Audience = "somebody else"
			token, err := jwtauth.SignUserToken(portstest.Secret, asked)
			if err != nil {
				t.Fatal(err)
			}
			got, err := newVerifier(t, nil).Verify(t.Context(), token)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(user, got); diff != "" {
				t.Errorf("payload (-signed +verified):\n%s", diff)
			}
			production := newVerifier(t, func(c *jwtauth.Config) { c.RefuseDevelopmentTokens = true })
			_, err = production.Verify(t.Context(), token)
			wantReason(t, err, core.ReasonIssuerInvalid)
		})
	}
}

func TestASignedTokenIsTheOneThatTheStandardLibrarySigns(t *testing.T) {
	token, err := jwtauth.SignUserToken(portstest.Secret, studentPayload())
	if err != nil {
		t.Fatal(err)
	}
	want := portstest.Token(portstest.Secret, student().With("iss", core.DevelopmentIssuer).With("is_anonymous", false))
	if diff := cmp.Diff(want, token); diff != "" {
		t.Errorf("token (-standard library +jwtauth):\n%s", diff)
	}
}

func TestASignedAPIKeyIsShapedAsSupabasesOwn(t *testing.T) {
	for _, role := range []string{jwtauth.AnonKey, jwtauth.ServiceRoleKey} {
		t.Run(role, func(t *testing.T) {
			key := mustSignAPIKey(t, role)
			payload, err := base64.RawURLEncoding.DecodeString(strings.Split(key, ".")[1])
			if err != nil {
				t.Fatal(err)
			}
			var got map[string]any
			if err := json.Unmarshal(payload, &got); err != nil {
				t.Fatal(err)
			}
			want := map[string]any{
				"role": role,
				"iss":  "supabase",
				"iat":  float64(now.Unix()),
				"exp":  float64(now.AddDate(10, 0, 0).Unix()),
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("claims (-want +got):\n%s", diff)
			}
			_, err = newVerifier(t, nil).Verify(t.Context(), key)
			wantReason(t, err, core.ReasonNotAUserToken)
		})
	}
}

func TestSigningRefusesWhatCannotBeMeant(t *testing.T) {
	noInstitution := studentPayload()
	noInstitution.InstitutionID = ""
	if _, err := jwtauth.SignUserToken(portstest.Secret, noInstitution); core.AsError(err).Reason != core.ReasonAccountIncomplete {
		t.Errorf("a student without an institution: got %v", err)
	}
	if _, err := jwtauth.SignUserToken("short", studentPayload()); err == nil {
		t.Error("a short secret signed a user token")
	}
	if _, err := jwtauth.SignAPIKey("short", jwtauth.AnonKey, now); err == nil {
		t.Error("a short secret signed an API key")
	}
	if _, err := jwtauth.SignAPIKey(portstest.Secret, "authenticated", now); err == nil {
		t.Error("an API key for the role of users was signed")
	}
}

func mustSignAPIKey(t testing.TB, role string) string {
	t.Helper()
	key, err := jwtauth.SignAPIKey(portstest.Secret, role, now)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
