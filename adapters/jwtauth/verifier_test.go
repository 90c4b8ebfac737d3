package jwtauth_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/jwtauth"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports/portstest"
)

// now is the clock of every test here; it has a fraction, as clocks do.
var now = time.Date(2026, 2, 19, 10, 0, 0, 500_000_000, time.UTC)

const leeway = 5 * time.Second

func baseConfig() jwtauth.Config {
	return jwtauth.Config{
		Algorithms:     []string{"HS256"},
		Secret:         portstest.Secret,
		PreviousSecret: portstest.PreviousSecret,
		Leeway:         leeway,
		Now:            func() time.Time { return now },
	}
}

func newVerifier(t testing.TB, change func(*jwtauth.Config)) *jwtauth.Verifier {
	t.Helper()
	config := baseConfig()
	if change != nil {
		change(&config)
	}
	verifier, err := jwtauth.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return verifier
}

func student() portstest.Claims { return portstest.StudentClaims(now) }

func studentPayload() core.AuthTokenPayload {
	return core.AuthTokenPayload{
		Subject:       "student-uuid-1",
		Email:         "marcus@msm.edu",
		Role:          core.RoleStudent,
		InstitutionID: "inst-uuid-1",
		Audience:      "authenticated",
		ExpiresAt:     now.Add(time.Hour).Truncate(time.Second),
		IssuedAt:      now.Truncate(time.Second),
	}
}

func TestVerifyTellsWhoTheCallerIs(t *testing.T) {
	superadmin := studentPayload()
	superadmin.Subject, superadmin.Email = "sa-uuid-1", "admin@journeyos.com"
	superadmin.Role, superadmin.InstitutionID = core.RoleSuperadmin, ""

	faculty := studentPayload()
	faculty.Subject, faculty.Email = "faculty-uuid-1", "faculty@msm.edu"
	faculty.Role, faculty.IsCourseDirector = core.RoleFaculty, true

	realSized := studentPayload()
	realSized.Subject = "3f0c8a5e-5b1d-4a9e-8f57-0c6a1d2b9e44"
	realSized.InstitutionID = "c2a7e1b8-0d4f-4e6a-9b3c-5f1d8e7a6b20"

	ofInstitution := superadmin
	ofInstitution.InstitutionID = "inst-uuid-1"

	for _, c := range []struct {
		name   string
		claims portstest.Claims
		want   core.AuthTokenPayload
	}{
		{"a student", student(), studentPayload()},
		{"a superadmin without an institution", portstest.SuperadminClaims(now), superadmin},
		{"a superadmin whose institution is missing", portstest.SuperadminClaims(now).Without("app_metadata.institution_id"), superadmin},
		{"a superadmin of an institution", portstest.SuperadminClaims(now).With("app_metadata.institution_id", "inst-uuid-1"), ofInstitution},
		{"faculty who direct a course", portstest.FacultyClaims(now), faculty},
		{"a token as Supabase sends it", portstest.RealSizedClaims(now), realSized},
		{"no is_course_director is no", student().Without("app_metadata.is_course_director"), studentPayload()},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := newVerifier(t, nil).Verify(t.Context(), portstest.Token(portstest.Secret, c.claims))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("payload (-want +got):\n%s", diff)
			}
		})
	}
}

func TestVerifyTakesThePreviousSecretWhileItIsSet(t *testing.T) {
	token := portstest.Token(portstest.PreviousSecret, student())
	if _, err := newVerifier(t, nil).Verify(t.Context(), token); err != nil {
		t.Errorf("while rotating: %v", err)
	}
	after := newVerifier(t, func(c *jwtauth.Config) { c.PreviousSecret = "" })
	_, err := after.Verify(t.Context(), token)
	wantReason(t, err, core.ReasonSignatureInvalid)
}

func TestAnEmptyKeyNeverVerifies(t *testing.T) {
	verifier := newVerifier(t, func(c *jwtauth.Config) { c.PreviousSecret = "" })
	_, err := verifier.Verify(t.Context(), portstest.Token("", student()))
	wantReason(t, err, core.ReasonSignatureInvalid)
}

func TestVerifyChecksTheIssuerIfOneIsSet(t *testing.T) {
	const trusted = "https://abcdefghijklmnopqrst.supabase.co/auth/v1"
	onlyTrusted := func(c *jwtauth.Config) { c.Issuer = trusted }
	production := func(c *jwtauth.Config) { c.RefuseDevelopmentTokens = true }
	for _, c := range []struct {
		name   string
		config func(*jwtauth.Config)
		claims portstest.Claims
		want   core.Reason
	}{
		{"any issuer if none is set", nil, student().With("iss", "https://example.org"), ""},
		{"no issuer if none is set", nil, student(), ""},
		{"an issuer that is no string if none is set", nil, student().With("iss", 5), core.ReasonClaimsInvalid},
		{"the trusted issuer", onlyTrusted, student().With("iss", trusted), ""},
		{"another project's issuer", onlyTrusted, student().With("iss", "https://zzzzzzzzzzzzzzzzzzzz.supabase.co/auth/v1"), core.ReasonIssuerInvalid},
		{"the trusted issuer with a slash more", onlyTrusted, student().With("iss", trusted+"/"), core.ReasonIssuerInvalid},
		{"the trusted issuer in upper case", onlyTrusted, student().With("iss", strings.ToUpper(trusted)), core.ReasonIssuerInvalid},
		{"the trusted issuer in a list", onlyTrusted, student().With("iss", []string{trusted}), core.ReasonIssuerInvalid},
		{"no issuer", onlyTrusted, student(), core.ReasonIssuerInvalid},
		{"an empty issuer", onlyTrusted, student().With("iss", ""), core.ReasonIssuerInvalid},
		{"a null issuer", onlyTrusted, student().With("iss", nil), core.ReasonIssuerInvalid},
		{"a development token in development", nil, student().With("iss", core.DevelopmentIssuer), ""},
		{"a development token in production", production, student().With("iss", core.DevelopmentIssuer), core.ReasonIssuerInvalid},
		{"a real token in production", production, student().With("iss", trusted), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := newVerifier(t, c.config).Verify(t.Context(), portstest.Token(portstest.Secret, c.claims))
			wantReason(t, err, c.want)
		})
	}
}

// TestTheFirstFaultNamesTheReason gives one token every fault and fixes them one by one, in the order of the checks.
func TestTheFirstFaultNamesTheReason(t *testing.T) {
	verifier := newVerifier(t, func(c *jwtauth.Config) { c.Issuer = "https://issuer.example" })
	claims := portstest.Claims{
		"role": "anon", "exp": now.Unix() - 3600, "nbf": now.Unix() + 3600, "iat": now.Unix() + 3600,
		"aud": "other", "iss": "https://other.example", "sub": 5,
	}
	duplicate := strings.Replace(claims.JSON(), "{", `{"sub":"a",`, 1)
	const odd = `{"typ":"secevent+jwt","alg":"none"}`
	const none = `{"alg":"none"}`
	steps := []struct {
		name  string
		token string
		want  core.Reason
	}{
		{"1 an API key", "sb_secret_x." + portstest.SignHS256("no", odd, duplicate), core.ReasonNotAUserToken},
		{"2 a payload with a name twice", portstest.SignHS256("no", odd, duplicate), core.ReasonTokenMalformed},
		{"3 another typ", portstest.SignHS256("no", odd, claims.JSON()), core.ReasonTokenMalformed},
		{"3 no algorithm", portstest.SignHS256("no", none, claims.JSON()), core.ReasonAlgorithmRejected},
		{"5 another secret", portstest.Token("no", claims), core.ReasonSignatureInvalid},
	}
	for _, step := range []struct {
		name  string
		claim string
		value any
		want  core.Reason
	}{
		{"6 an anon key", "role", "authenticated", core.ReasonNotAUserToken},
		{"7 expired", "exp", now.Unix() + 3600, core.ReasonTokenExpired},
		{"7 nbf in the future", "nbf", now.Unix(), core.ReasonTokenNotYetValid},
		{"7 iat in the future", "iat", now.Unix(), core.ReasonTokenNotYetValid},
		{"8 another audience", "aud", "authenticated", core.ReasonAudienceInvalid},
		{"9 another issuer", "iss", "https://issuer.example", core.ReasonIssuerInvalid},
		{"10 sub of the wrong type", "sub", "student-uuid-1", core.ReasonClaimsInvalid},
	} {
		steps = append(steps, struct {
			name  string
			token string
			want  core.Reason
		}{step.name, portstest.Token(portstest.Secret, claims), step.want})
		claims = claims.With(step.claim, step.value)
	}
	for _, step := range steps {
		t.Run(step.name, func(t *testing.T) {
			_, err := verifier.Verify(t.Context(), step.token)
			wantReason(t, err, step.want)
		})
	}
}

func TestARefusalHelpsTheOwnerOfTheToken(t *testing.T) {
	for _, c := range []struct {
		name  string
		token string
		want  string
	}{
		{"the anon key", mustSignAPIKey(t, jwtauth.AnonKey),
			"This is the project's anon API key, not a user's token: sign in and send the session's access_token"},
		{"the service_role key", mustSignAPIKey(t, jwtauth.ServiceRoleKey),
			"This is the project's service_role API key, which must stay on a server, not a user's token: sign in and send the session's access_token"},
		{"a publishable key", "sb_publishable_abc",
			"This is the project's publishable API key, not a user's token: sign in and send the session's access_token"},
		{"a secret key", "sb_secret_abc",
			"This is a secret API key of the project, which must stay on a server, not a user's token: sign in and send the session's access_token"},
		{"a key of a kind to come", "sb_temp_abc",
			"This is an API key of the project, not a user's token: sign in and send the session's access_token"},
		{"an anonymous user", sign(student().With("is_anonymous", true)),
			"The token is an anonymous user's: sign in with an account that has an email"},
		{"not yet valid", sign(student().With("nbf", now.Unix()+45)),
			"The token is not valid for another 40 s: check the clocks"},
		{"issued in the future", sign(student().With("iat", now.Unix()+6)),
			"The token is not valid for another 1 s: check the clocks"},
		{"no role", sign(student().Without("app_metadata.role")), "The account has no app_metadata.role yet"},
		{"no app_metadata", sign(student().Without("app_metadata")), "The account has no app_metadata.role yet"},
		{"no institution", sign(student().Without("app_metadata.institution_id")),
			"The account has no app_metadata.institution_id yet"},
		{"an unknown role", sign(student().With("app_metadata.role", "wizard")),
			"The account's app_metadata.role is not a role of the platform"},
		{"app_metadata is a list", sign(student().With("app_metadata", []string{})), "The account's app_metadata is not an object"},
		{"the role is a number", sign(student().With("app_metadata.role", 7)), "The account's app_metadata.role is not a string"},
		{"exp is no number", sign(student().With("exp", "soon")),
			"The token's exp is not a number of seconds from 0 to 253402300799"},
		{"no email", sign(student().With("email", "")), "The account has no email"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := newVerifier(t, nil).Verify(t.Context(), c.token)
			if diff := cmp.Diff(c.want, core.AsError(err).Message); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
		})
	}
}

// TestNoErrorCarriesATokensBytes looks at the whole text, the cause included: it goes to the log.
func TestNoErrorCarriesATokensBytes(t *testing.T) {
	const canary = "Q7canary"
	claims := student()
	for name, token := range map[string]string{
		"payload is no JSON":         raw(canary),
		"payload has a bad literal":  raw(`{"a":` + canary + `}`),
		"payload has a name twice":   raw(`{"` + canary + `":1,"` + canary + `":2}`),
		"header is no JSON":          portstest.SignHS256(portstest.Secret, canary, claims.JSON()),
		"header has another typ":     portstest.SignHS256(portstest.Secret, `{"alg":"HS256","typ":"`+canary+`"}`, claims.JSON()),
		"header has another alg":     portstest.SignHS256(portstest.Secret, `{"alg":"`+canary+`"}`, claims.JSON()),
		"one part":                   canary,
		"not base64":                 canary + "!." + canary + "." + canary,
		"signed by another":          portstest.Token(portstest.OtherSecret, claims.With("sub", canary)),
		"another top-level role":     sign(claims.With("role", canary)),
		"another audience":           sign(claims.With("aud", canary)),
		"exp is a string":            sign(claims.With("exp", canary)),
		"iss is a list":              sign(claims.With("iss", []string{canary})),
		"an unknown role":            sign(claims.With("app_metadata.role", canary)),
		"an email with a null":       sign(claims.With("email", canary+"\x00")),
		"app_metadata is a string":   sign(claims.With("app_metadata", canary)),
		"is_course_director is text": sign(claims.With("app_metadata.is_course_director", canary)),
		"an API key":                 "sb_secret_" + canary,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := newVerifier(t, nil).Verify(t.Context(), token)
			if err == nil {
				t.Fatal("accepted")
			}
			if strings.Contains(err.Error(), canary) {
				t.Errorf("the error quotes the token: %v", err)
			}
			for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(inner) {
				if strings.Contains(inner.Error(), canary) {
					t.Errorf("a cause quotes the token: %v", inner)
				}
			}
		})
	}
}

func TestVerifyServesManyGoroutines(t *testing.T) {
	verifier := newVerifier(t, nil)
	var running sync.WaitGroup
	for i := range 16 {
		running.Go(func() {
			secret, want := portstest.Secret, core.Reason("")
			if i%2 == 1 {
				secret, want = portstest.OtherSecret, core.ReasonSignatureInvalid
			}
			token := portstest.Token(secret, student())
			for range 100 {
				_, err := verifier.Verify(t.Context(), token)
				wantReason(t, err, want)
			}
		})
	}
	running.Wait()
}

func TestNewRefusesAConfigThatCannotBeMeant(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*jwtauth.Config)
		want   string
	}{
		{"no algorithm", func(c *jwtauth.Config) { c.Algorithms = nil }, "token verifier: no algorithm is allowed"},
		{"alg none", func(c *jwtauth.Config) { c.Algorithms = []string{"none"} }, `token verifier: algorithm "none" is not supported`},
		{"an algorithm beside HS256", func(c *jwtauth.Config) { c.Algorithms = []string{"HS256", "HS512"} }, `token verifier: algorithm "HS512" is not supported`},
		{"no secret", func(c *jwtauth.Config) { c.Secret = "" }, "token verifier: HS256 needs a secret of at least 32 bytes"},
		{"a secret of 31 bytes", func(c *jwtauth.Config) { c.Secret = strings.Repeat("x", 31) }, "token verifier: HS256 needs a secret of at least 32 bytes"},
		{"a previous secret of 31 bytes", func(c *jwtauth.Config) { c.PreviousSecret = strings.Repeat("x", 31) }, "token verifier: HS256 needs a previous secret of at least 32 bytes"},
		{"leeway below zero", func(c *jwtauth.Config) { c.Leeway = -1 }, "token verifier: the leeway must be between 0 and 1m0s"},
		{"leeway above a minute", func(c *jwtauth.Config) { c.Leeway = time.Minute + 1 }, "token verifier: the leeway must be between 0 and 1m0s"},
		{"no JWKS URL", asymmetric(func(c *jwtauth.Config) { c.JWKSURL = "" }), "token verifier: ES256, RS256 and EdDSA need the URL of the project's JWKS, http or https"},
		{"a JWKS URL without a scheme", asymmetric(func(c *jwtauth.Config) { c.JWKSURL = "project.example/jwks.json" }), "token verifier: ES256, RS256 and EdDSA need the URL of the project's JWKS, http or https"},
		{"a JWKS URL of a file", asymmetric(func(c *jwtauth.Config) { c.JWKSURL = "file:///jwks.json" }), "token verifier: ES256, RS256 and EdDSA need the URL of the project's JWKS, http or https"},
		{"a JWKS URL that is none", asymmetric(func(c *jwtauth.Config) { c.JWKSURL = "https://user:hunter2@%" }), "token verifier: ES256, RS256 and EdDSA need the URL of the project's JWKS, http or https"},
		{"keys stale before they can be refreshed", asymmetric(func(c *jwtauth.Config) { c.JWKSMaxStale = 19 * time.Second }), "token verifier: keys must be allowed to be 20s old or more"},
		{"HS256 beside another without a secret", asymmetric(func(c *jwtauth.Config) { c.Algorithms, c.Secret = []string{"ES256", "HS256"}, "" }), "token verifier: HS256 needs a secret of at least 32 bytes"},
		{"trusting only what it refuses", func(c *jwtauth.Config) {
			c.Issuer, c.RefuseDevelopmentTokens = core.DevelopmentIssuer, true
		}, "token verifier: the only issuer let in is the development issuer, which is refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := baseConfig()
			c.change(&config)
			_, err := jwtauth.New(config)
			if err == nil || err.Error() != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func asymmetric(change func(*jwtauth.Config)) func(*jwtauth.Config) {
	return func(c *jwtauth.Config) {
		c.Algorithms, c.Secret, c.PreviousSecret, c.JWKSURL = []string{"ES256"}, "", "", "https://project.example/jwks.json"
		change(c)
	}
}

func TestAsymmetricAlgorithmsNeedNoSecret(t *testing.T) {
	newVerifier(t, asymmetric(func(*jwtauth.Config) {}))
}

func TestTheClockIsTheRealOneByDefault(t *testing.T) {
	verifier := newVerifier(t, func(c *jwtauth.Config) { c.Now = nil })
	if _, err := verifier.Verify(t.Context(), portstest.Token(portstest.Secret, portstest.StudentClaims(time.Now()))); err != nil {
		t.Error(err)
	}
	_, err := verifier.Verify(t.Context(), portstest.Token(portstest.Secret, portstest.ExpiredClaims(time.Now())))
	wantReason(t, err, core.ReasonTokenExpired)
}

func sign(claims portstest.Claims) string { return portstest.Token(portstest.Secret, claims) }

func raw(payload string) string {
	return portstest.SignHS256(portstest.Secret, portstest.HS256Header, payload)
}

// wantReason compares the reason; "" stands for no error.
func wantReason(t testing.TB, err error, want core.Reason) {
	t.Helper()
	if err == nil {
		if want != "" {
			t.Errorf("accepted, want %s", want)
		}
		return
	}
	known := core.AsError(err)
	if known.Code != core.CodeAuthentication || known.Reason != want {
		t.Errorf("got %v, want reason %q", err, want)
	}
}
