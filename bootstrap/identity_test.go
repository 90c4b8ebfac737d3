package main

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/journey-os/journey-api/internal/testkit/environment"
	"github.com/journey-os/journey-api/internal/testkit/standin"
	"github.com/journey-os/journey-api/ports/portstest"
)

// project is a Supabase project that publishes keys, as far as the service asks for them.
type project struct {
	url  string
	keys atomic.Pointer[string]
}

// publish starts a project; "" is an endpoint that answers 500.
func publish(t *testing.T, keys string) *project {
	t.Helper()
	p := &project{}
	p.keys.Store(&keys)
	supabase := standin.Supabase{Keys: func() string { return *p.keys.Load() }}
	p.url = "http://" + supabase.Start(t)
	return p
}

func TestTokensOfEveryKindOfKeyAreTakenWithNoSettingButTheURL(t *testing.T) {
	t.Parallel()
	keys := []portstest.SigningKey{
		portstest.NewES256Key("ec"), portstest.NewRS256Key("rsa", 2048), portstest.NewEdDSAKey("ed"),
	}
	p := publish(t, portstest.JWKS(keys[0].JWK(), keys[1].JWK(), keys[2].JWK()))
	r := boot(t, map[string]string{"SUPABASE_URL": p.url})
	claims := portstest.StudentClaims(time.Now())
	for _, key := range keys {
		if got := r.me(key.Token(claims)); got.Status != http.StatusOK || got.Data["email"] != "marcus@msm.edu" {
			t.Errorf("%s: answered %d %s", key.Header(), got.Status, got.Body)
		}
	}
	if got := r.me(portstest.Token(portstest.Secret, claims)); got.Status != http.StatusOK {
		t.Errorf("the shared secret beside them: answered %d %s", got.Status, got.Body)
	}
	wantRefusal(t, r.me(portstest.NewES256Key("ec").Token(claims)), "signature_invalid", invalidToken)
}

func TestTheSharedSecretIsOptional(t *testing.T) {
	t.Parallel()
	key := portstest.NewES256Key("ec")
	p := publish(t, portstest.JWKS(key.JWK()))
	r := boot(t, map[string]string{"SUPABASE_URL": p.url, "SUPABASE_JWT_SECRET": ""})
	claims := portstest.StudentClaims(time.Now())
	if got := r.me(key.Token(claims)); got.Status != http.StatusOK {
		t.Errorf("answered %d %s", got.Status, got.Body)
	}
	wantRefusal(t, r.me(portstest.Token(portstest.Secret, claims)), "algorithm_rejected", invalidToken)
	r.waitFor(`"jwt_algorithms":["ES256","RS256","EdDSA"]`)
}

func TestKeysThatAreNotToBeHadAre503AndTheServiceStartsAllTheSame(t *testing.T) {
	t.Parallel()
	r := boot(t, map[string]string{"SUPABASE_URL": publish(t, "").url})
	got := r.me(portstest.NewES256Key("ec").Token(portstest.StudentClaims(time.Now())))
	if got.Status != http.StatusServiceUnavailable || got.Reason != "keys_unavailable" || got.Header.Get("Retry-After") == "" {
		t.Errorf("answered %d %s", got.Status, got.Body)
	}
	if got := r.me(portstest.Token(portstest.Secret, portstest.StudentClaims(time.Now()))); got.Status != http.StatusOK {
		t.Errorf("a token of the shared secret meanwhile: answered %d", got.Status)
	}
	r.waitFor(`"msg":"signing keys","state":"failing"`)
}

func TestTheSecretFromBeforeARotationIsStillTaken(t *testing.T) {
	t.Parallel()
	r := boot(t, map[string]string{"SUPABASE_JWT_SECRET_PREVIOUS": portstest.PreviousSecret})
	claims := portstest.StudentClaims(time.Now())
	for name, secret := range map[string]string{"new": portstest.Secret, "previous": portstest.PreviousSecret} {
		if got := r.me(portstest.Token(secret, claims)); got.Status != http.StatusOK {
			t.Errorf("the %s secret: answered %d %s", name, got.Status, got.Body)
		}
	}
	wantRefusal(t, r.me(portstest.Token(portstest.OtherSecret, claims)), "signature_invalid", invalidToken)
}

func TestDiagnosticsShowTheKeysAndNoSecret(t *testing.T) {
	t.Parallel()
	key := portstest.NewES256Key("ec-2026")
	p := publish(t, portstest.JWKS(key.JWK()))
	r := boot(t, map[string]string{"SUPABASE_URL": p.url})
	r.me(key.Token(portstest.StudentClaims(time.Now()))) // waits for the keys
	got := r.get("/api/diagnostics", "Bearer "+key.Token(portstest.SuperadminClaims(time.Now())))
	for _, part := range []string{
		`"signing_keys":[{"kid":"ec-2026","algorithm":"ES256","age_seconds":`, `"key_endpoint":{"state":"ok"`,
		`{"name":"SUPABASE_JWT_SECRET","value":"***","from":"environment"}`, `"cause":"Connection refused: neo4j:`, `{"name":"token verdicts"`,
	} {
		if !strings.Contains(got.Body, part) {
			t.Errorf("no %s in %s", part, got.Body)
		}
	}
	values := environment.Absent(t)
	for _, name := range []string{"SUPABASE_ANON_KEY", "SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_JWT_SECRET", "NEO4J_PASSWORD"} {
		if strings.Contains(got.Body, values[name]) {
			t.Errorf("%s is in %s", name, got.Body)
		}
	}
}
