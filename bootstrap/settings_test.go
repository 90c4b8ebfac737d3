package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/journey-os/journey-api/bootstrap/cli"
	"github.com/journey-os/journey-api/internal/testkit/environment"
	"github.com/journey-os/journey-api/ports/portstest"
)

func TestWhatTheSettingsSayOfTokensReachesTheVerifier(t *testing.T) {
	t.Parallel()
	signed := func(secret string) func(time.Time) string {
		return func(now time.Time) string { return portstest.Token(secret, portstest.StudentClaims(now)) }
	}
	with := func(claim string, value any) func(time.Time) string {
		return func(now time.Time) string {
			return portstest.Token(portstest.Secret, portstest.StudentClaims(now).With(claim, value))
		}
	}
	expired := func(now time.Time) string { return with("exp", now.Unix()-30)(now) }
	tests := []struct {
		name   string
		change map[string]string
		token  func(time.Time) string // made when the service runs, however long it took to start
		status int
		reason string
	}{
		{"the secret from before", map[string]string{"SUPABASE_JWT_SECRET_PREVIOUS": portstest.PreviousSecret}, signed(portstest.PreviousSecret), 200, ""},
		{"no secret from before", nil, signed(portstest.PreviousSecret), 401, "signature_invalid"},
		{"the issuer", map[string]string{"SUPABASE_JWT_ISSUER": "https://abc.supabase.co/auth/v1"}, with("iss", "another"), 401, "issuer_invalid"},
		{"a wide leeway", map[string]string{"JWT_LEEWAY": "60s"}, expired, 200, ""},
		{"the usual leeway", nil, expired, 401, "token_expired"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := boot(t, tt.change)
			if got := r.me(tt.token(time.Now())); got.Status != tt.status || got.Reason != tt.reason {
				t.Errorf("answered %d %s, want %d %s", got.Status, got.Body, tt.status, tt.reason)
			}
		})
	}
}

func TestTheBodyLimitReachesTheServer(t *testing.T) {
	t.Parallel()
	r := boot(t, map[string]string{"MAX_BODY_BYTES": "10"})
	for size, want := range map[int]int{10: http.StatusMethodNotAllowed, 11: http.StatusRequestEntityTooLarge} {
		reply, err := r.client.Post(r.url+"/api/me", "application/json", strings.NewReader(strings.Repeat(" ", size)))
		if err != nil {
			t.Fatal(err)
		}
		_ = reply.Body.Close()
		if reply.StatusCode != want {
			t.Errorf("%d bytes answered %d, want %d", size, reply.StatusCode, want)
		}
	}
}

func TestTheTrustedProxiesReachTheLog(t *testing.T) {
	t.Parallel()
	r := boot(t, map[string]string{"TRUSTED_PROXIES": "127.0.0.0/8"})
	asked, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+"/nope", nil)
	if err != nil {
		t.Fatal(err)
	}
	asked.Header.Set("X-Forwarded-For", "1.2.3.4")
	reply, err := r.client.Do(asked)
	if err != nil {
		t.Fatal(err)
	}
	_ = reply.Body.Close()
	r.waitFor(`"client_ip":"1.2.3.4"`)
}

func TestTheHealthPathReachesTheProbe(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 16)
	project := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == keysPath {
			return // the verifier asks as well
		}
		select {
		case asked <- r.URL.Path:
		default:
		}
	}))
	t.Cleanup(project.Close)
	r := boot(t, map[string]string{"SUPABASE_URL": project.URL, "HEALTH_SUPABASE_PATH": "/rest/v1/students"})
	if path := <-asked; path != "/rest/v1/students" {
		t.Errorf("asked for %s", path)
	}
	r.stop()
	if err := r.wait(); err != nil {
		t.Error(err)
	}
}

func TestHealthcheckBelievesLivenessAlone(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]int{http.StatusOK: cli.ExitOK, http.StatusServiceUnavailable: cli.ExitCouldNot} {
		service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/health/live" {
				t.Errorf("asked for %s", r.URL.Path)
			}
			w.WriteHeader(status)
		}))
		values := environment.Absent(t)
		values["API_PORT"] = service.URL[strings.LastIndexByte(service.URL, ':')+1:]
		if code, _, stderr := run(values, "healthcheck", "--env-file", emptyFile(t)); code != want {
			t.Errorf("%d ended with %d: %s", status, code, stderr)
		}
		service.Close()
	}
}

func TestASuperadminsTokenNamesNoInstitution(t *testing.T) {
	t.Parallel()
	_, stdout, _ := run(environment.Absent(t), "token", "--role", "superadmin")
	if got := boot(t, nil).me(strings.TrimSpace(stdout)); got.Status != 200 || got.Data["institution_id"] != "" {
		t.Errorf("answered %d %s", got.Status, got.Body)
	}
}

func TestATokenThatTheServiceWillRefuseIsWarnedAbout(t *testing.T) {
	t.Parallel()
	values := environment.Absent(t)
	values["SUPABASE_JWT_ISSUER"] = "https://abc.supabase.co/auth/v1"
	code, stdout, stderr := run(values, "token", "--role", "student")
	if code != cli.ExitOK || stdout == "" || !strings.Contains(stderr, "SUPABASE_JWT_ISSUER") {
		t.Errorf("ended with %d, %q, %q", code, stdout, stderr)
	}
}

func TestAMisspeltNameIsWarnedAbout(t *testing.T) {
	t.Parallel()
	path := emptyFile(t)
	write(t, path, "NEO4J_PASWORD=x\n")
	fault := environment.Absent(t)
	fault["API_PORT"] = "eighty"
	for name, tt := range map[string]struct {
		values  map[string]string
		command string
		code    int
	}{
		"by config":                   {environment.Absent(t), "config", cli.ExitOK},
		"beside faults":               {fault, "config", cli.ExitUsage},
		"by a service that can't run": {fault, "serve", cli.ExitUsage},
	} {
		t.Run(name, func(t *testing.T) {
			code, _, stderr := run(tt.values, tt.command, "--env-file", path)
			if code != tt.code || !strings.Contains(stderr, "warning: ") || !strings.Contains(stderr, "NEO4J_PASWORD") {
				t.Errorf("ended with %d: %s", code, stderr)
			}
		})
	}
	t.Run("in the log of a service", func(t *testing.T) {
		values, release := takenPort(t)
		defer release()
		_, stdout, _ := run(values, "serve", "--env-file", path)
		if !strings.Contains(stdout, `"level":"WARN","msg":"settings"`) || !strings.Contains(stdout, "NEO4J_PASWORD") {
			t.Errorf("logged %s", stdout)
		}
	})
}
