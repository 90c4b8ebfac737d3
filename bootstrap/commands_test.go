package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/bootstrap/cli"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/environment"
	"github.com/journey-os/journey-api/ports/portstest"
)

func TestInitMakesAFileThatWorksAtOnceAndNeverOverAnOldOne(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), ".env")
	if code, _, stderr := run(nil, "init", "--env-file", path); code != cli.ExitOK {
		t.Fatalf("ended with %d: %s", code, stderr)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := config.Load(nil, config.File(path))
	if err != nil || len(loaded.Warnings) > 0 {
		t.Errorf("%v, warnings %v", err, loaded.Warnings)
	}
	code, _, stderr := run(nil, "init", "--env-file", path)
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if code != cli.ExitCouldNot || string(before) != string(after) || !strings.Contains(stderr, "is there already") {
		t.Errorf("a second time: ended with %d, changed %v: %s", code, string(before) != string(after), stderr)
	}
}

func TestATokenIsPrintedAloneAndTheServiceTakesIt(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := run(environment.Absent(t), "token", "--role", "faculty", "--institution", "inst-7", "--course-director", "--ttl", "2h")
	if code != cli.ExitOK || stderr != "" || strings.Count(stdout, "\n") != 1 {
		t.Fatalf("ended with %d, %q, %q", code, stdout, stderr)
	}
	got := boot(t, nil).me(strings.TrimSpace(stdout))
	lifetime, _ := got.Data["exp"].(float64)
	issued, _ := got.Data["iat"].(float64)
	for _, name := range []string{"sub", "exp", "iat"} {
		delete(got.Data, name)
	}
	want := map[string]any{
		"email": "faculty@journey.example", "role": "faculty", "institution_id": "inst-7", "is_course_director": true, "aud": "authenticated",
	}
	if diff := cmp.Diff(want, got.Data); diff != "" || lifetime-issued != 7200 {
		t.Errorf("good for %v s (-want +got):\n%s", lifetime-issued, diff)
	}
}

func TestATokenIsRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		change    map[string]string
		arguments []string
		code      int
		says      string
	}{
		{"without a role", nil, nil, cli.ExitUsage, "missing flags: --role"},
		{"for no role of the platform", nil, []string{"--role", "dean"}, cli.ExitUsage, `"dean" is no role: take one of superadmin`},
		{"for more than a day", nil, []string{"--role", "student", "--ttl", "25h"}, cli.ExitUsage, "at most 24h"},
		{"for no time", nil, []string{"--role", "student", "--ttl", "0s"}, cli.ExitUsage, "above 0"},
		{"for a project elsewhere", map[string]string{"SUPABASE_URL": "https://abc.supabase.co"}, []string{"--role", "student"}, cli.ExitCouldNot, "on this machine"},
		{"if no secret could sign it", map[string]string{"SUPABASE_JWT_SECRET": ""}, []string{"--role", "student"}, cli.ExitCouldNot, "signed with SUPABASE_JWT_SECRET"},
		{"if the service would refuse it", map[string]string{"JWT_ALGORITHMS": "ES256"}, []string{"--role", "student"}, cli.ExitCouldNot, "leave HS256 among"},
		{"in production", map[string]string{"APP_ENV": "production"}, []string{"--role", "student"}, cli.ExitCouldNot, "development alone"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			values := environment.Absent(t)
			maps.Copy(values, tt.change)
			code, stdout, stderr := run(values, append([]string{"token"}, tt.arguments...)...)
			if code != tt.code || stdout != "" || !strings.Contains(stderr, tt.says) {
				t.Errorf("ended with %d, stdout %q, stderr %q", code, stdout, stderr)
			}
		})
	}
}

func TestProductionRefusesADevelopmentToken(t *testing.T) {
	t.Parallel()
	_, stdout, _ := run(environment.Absent(t), "token", "--role", "superadmin")
	got := boot(t, map[string]string{"APP_ENV": "production", "DRAIN_DELAY": "1ms"}).me(strings.TrimSpace(stdout))
	if got.Status != 401 || got.Reason != "issuer_invalid" {
		t.Errorf("answered %d %s, want issuer_invalid for %s", got.Status, got.Body, core.DevelopmentIssuer)
	}
}

func TestACommandAsksForNoSettingThatItDoesNotNeed(t *testing.T) {
	t.Parallel()
	loopback := map[string]string{"SUPABASE_URL": "http://127.0.0.1:1", "SUPABASE_JWT_SECRET": portstest.Secret}
	for name, tt := range map[string]struct {
		arguments   []string
		environment map[string]string
		code        int
		says        string
	}{
		"a token, of the URL and the secret":    {[]string{"token", "--role", "student"}, loopback, cli.ExitOK, ""},
		"a token, without the URL":              {[]string{"token", "--role", "student"}, nil, cli.ExitUsage, "SUPABASE_URL"},
		"the health check, of none":             {[]string{"healthcheck"}, map[string]string{"API_PORT": "1"}, cli.ExitCouldNot, "does not answer"},
		"the health check, of one that is none": {[]string{"healthcheck"}, map[string]string{"API_PORT": "x"}, cli.ExitUsage, "API_PORT"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := run(tt.environment, append(tt.arguments, "--env-file", emptyFile(t))...)
			if code != tt.code || (code == cli.ExitOK) != (stdout != "") || !strings.Contains(stderr, tt.says) || strings.Contains(stderr, "NEO4J") {
				t.Errorf("ended with %d: %s%s", code, stdout, stderr)
			}
		})
	}
}

func TestFaultySettingsAreAllToldAtOnce(t *testing.T) {
	t.Parallel()
	values := environment.Absent(t)
	values["SUPABASE_URL"] = "ftp://x"
	values["SUPABASE_JWT_SECRET"] = "short"
	values["API_PORT"] = "eighty"
	values["LOG_LEVEL"] = "LOUD"
	delete(values, "NEO4J_PASSWORD")
	for _, command := range []string{"serve", "config"} {
		code, stdout, stderr := run(values, command, "--env-file", emptyFile(t))
		if code != cli.ExitUsage || stdout != "" {
			t.Errorf("%s ended with %d, stdout %q", command, code, stdout)
		}
		for _, name := range []string{"SUPABASE_URL", "SUPABASE_JWT_SECRET", "API_PORT", "LOG_LEVEL", "NEO4J_PASSWORD"} {
			if !strings.Contains(stderr, name) {
				t.Errorf("%s does not tell of %s:\n%s", command, name, stderr)
			}
		}
	}
}

func emptyFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "empty.env")
	write(t, path, "")
	return path
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// takenPort has settings whose port is taken until release.
func takenPort(t *testing.T) (values map[string]string, release func()) {
	t.Helper()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	values = environment.Absent(t)
	_, values["API_PORT"], _ = net.SplitHostPort(taken.Addr().String())
	return values, func() { _ = taken.Close() }
}

func TestAPortThatIsTakenIsSaid(t *testing.T) {
	t.Parallel()
	values, release := takenPort(t)
	defer release()
	code, _, stderr := run(values, "serve", "--env-file", emptyFile(t))
	if code != cli.ExitCouldNot || !strings.Contains(stderr, "port "+values["API_PORT"]+" is taken by another program") {
		t.Errorf("ended with %d: %s", code, stderr)
	}
}

func TestWrongUsageIsASentenceAndTwo(t *testing.T) {
	t.Parallel()
	for _, arguments := range [][]string{{"--nope"}, {"brew"}, {"serve", "extra"}, {"serve", "--env-file", filepath.Join(t.TempDir(), "absent.env")}} {
		code, stdout, stderr := run(environment.Absent(t), arguments...)
		if code != cli.ExitUsage || stdout != "" || !strings.HasPrefix(stderr, "journey-api: ") {
			t.Errorf("%v ended with %d, stdout %q, stderr %q", arguments, code, stdout, stderr)
		}
	}
}

func TestHealthcheckAsksTheRunningService(t *testing.T) {
	t.Parallel()
	r := boot(t, nil)
	values := environment.Absent(t)
	_, values["API_PORT"], _ = net.SplitHostPort(strings.TrimPrefix(r.url, "http://"))
	if code, stdout, stderr := run(values, "healthcheck"); code != cli.ExitOK || stdout+stderr != "" {
		t.Errorf("ended with %d: %s%s", code, stdout, stderr)
	}
	values["API_PORT"] = "1"
	if code, _, stderr := run(values, "healthcheck"); code != cli.ExitCouldNot || stderr == "" {
		t.Errorf("without a service ended with %d: %s", code, stderr)
	}
}

func TestConfigShowsTheSettingsWithoutSecrets(t *testing.T) {
	t.Parallel()
	values := environment.Absent(t)
	code, stdout, _ := run(values, "config", "--env-file", emptyFile(t))
	if code != cli.ExitOK || !strings.Contains(stdout, "SUPABASE_JWT_SECRET") || !strings.Contains(stdout, "***") {
		t.Errorf("ended with %d:\n%s", code, stdout)
	}
	for _, name := range []string{"SUPABASE_ANON_KEY", "SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_JWT_SECRET", "NEO4J_PASSWORD"} {
		if strings.Contains(stdout, values[name]) {
			t.Errorf("%s is shown:\n%s", name, stdout)
		}
	}
}

func TestOpenapiAndVersionNeedNoSettings(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := run(nil, "openapi")
	var document struct {
		OpenAPI string
		Paths   map[string]any
	}
	if err := json.Unmarshal([]byte(stdout), &document); err != nil || code != cli.ExitOK || document.OpenAPI != "3.1.0" || document.Paths["/api/me"] == nil {
		t.Errorf("ended with %d, %v: %s", code, err, stderr)
	}
	if code, stdout, _ := run(nil, "version"); code != cli.ExitOK || stdout != version+"\n" {
		t.Errorf("ended with %d: %q", code, stdout)
	}
}

func TestHelpIsShown(t *testing.T) {
	t.Parallel()
	code, stdout, _ := run(nil, "--help")
	for _, command := range []string{"serve", "init", "token", "healthcheck", "config", "openapi", "version"} {
		if code != cli.ExitOK || !strings.Contains(stdout, command) {
			t.Errorf("ended with %d without %s:\n%s", code, command, stdout)
		}
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestWhatCanNotBePrintedIsAFailure(t *testing.T) {
	t.Parallel()
	for _, arguments := range [][]string{{"version"}, {"openapi"}, {"config"}, {"token", "--role", "student"}} {
		var stderr bytes.Buffer
		code := cli.Execute(cli.Process{Version: version, Arguments: arguments, Environment: environment.Absent(t), Stdout: full{}, Stderr: &stderr})
		if code != cli.ExitCouldNot || !strings.Contains(stderr.String(), "no space left") {
			t.Errorf("%v ended with %d: %s", arguments, code, stderr.String())
		}
	}
}
