package stack

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/internal/testkit/goroutines"
)

func TestMain(m *testing.M) { goroutines.Main(m) }

const secret = "a-secret-of-the-tests-with-more-than-32-bytes"

func validSettings() Settings {
	later := time.Now().Add(time.Hour)
	return Settings{
		Neo4j: Neo4jSettings{URI: "bolt://localhost:7687", Username: "neo4j", Password: "pass word"},
		Supabase: SupabaseSettings{
			URL: "http://localhost:54321", JWTSecret: secret,
			AnonKey: signKey(secret, "anon", later), ServiceRoleKey: signKey(secret, "service_role", later),
		},
	}
}

func dotenv(s Settings) string {
	return strings.Join([]string{
		"# settings of the service", "API_PORT=8000",
		"NEO4J_URI=" + s.Neo4j.URI, "NEO4J_USERNAME=" + s.Neo4j.Username, `NEO4J_PASSWORD="` + s.Neo4j.Password + `"`,
		"SUPABASE_URL=" + s.Supabase.URL + "/", "SUPABASE_ANON_KEY=" + s.Supabase.AnonKey,
		"SUPABASE_SERVICE_ROLE_KEY=" + s.Supabase.ServiceRoleKey, "SUPABASE_JWT_SECRET=" + s.Supabase.JWTSecret,
	}, "\n")
}

func writeTemp(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), ".env")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSettingsComeFromTheFileAndTheEnvironmentBeatsIt(t *testing.T) {
	fromFile := validSettings()
	overridden := validSettings()
	overridden.Neo4j.URI = "bolt://localhost:7999"
	fromSecretFile := validSettings()
	fromSecretFile.Neo4j.Password = "from a file"
	withoutPassword := strings.Replace(dotenv(fromFile), "NEO4J_PASSWORD=", "OTHER=", 1)
	tests := map[string]struct {
		file        string
		environment map[string]string
		want        Settings
	}{
		"the file alone":                        {dotenv(fromFile), nil, fromFile},
		"the environment wins":                  {dotenv(fromFile), map[string]string{"NEO4J_URI": "bolt://localhost:7999"}, overridden},
		"an empty variable is no variable":      {dotenv(fromFile), map[string]string{"NEO4J_URI": ""}, fromFile},
		"a secret in a file of its own is read": {withoutPassword, map[string]string{"NEO4J_PASSWORD_FILE": writeTemp(t, "from a file\n")}, fromSecretFile},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ReadSettings(writeTemp(t, test.file), test.environment)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFilesThatHoldNoSettingsAreTold(t *testing.T) {
	tests := map[string]struct{ path, want string }{
		"nothing set": {writeTemp(t, "# empty"), "NEO4J_PASSWORD"},
		"no file":     {filepath.Join("nowhere", ".env"), "there is no nowhere/.env: `make run` or `journey-api init` makes one"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := ReadSettings(test.path, nil)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestSettingsThatDoNotFitAreToldInASentence(t *testing.T) {
	tests := map[string]struct {
		spoil func(*Settings)
		want  string
	}{
		"all fit":                {func(*Settings) {}, ""},
		"no user":                {func(s *Settings) { s.Neo4j.Username = "" }, "NEO4J_USERNAME is not set"},
		"another machine":        {func(s *Settings) { s.Neo4j.URI = "bolt://db.example.org" }, "NEO4J_URI names the host db.example.org: the stack runs on this machine alone (localhost)"},
		"encrypted Bolt":         {func(s *Settings) { s.Neo4j.URI = "bolt+s://localhost" }, "NEO4J_URI must look like bolt://localhost:7687 for these servers"},
		"Neo4j's first password": {func(s *Settings) { s.Neo4j.Password = "neo4j" }, "NEO4J_PASSWORD must not be neo4j: Neo4j refuses its own first password"},
		"https":                  {func(s *Settings) { s.Supabase.URL = "https://localhost" }, "SUPABASE_URL must look like http://localhost:80 for these servers"},
		"a short secret":         {func(s *Settings) { s.Supabase.JWTSecret = "short" }, "SUPABASE_JWT_SECRET is shorter than 32 bytes; " + mendKeys},
		"a placeholder key":      {func(s *Settings) { s.Supabase.AnonKey = "your-anon-key" }, "SUPABASE_ANON_KEY is not a key of the role anon signed with SUPABASE_JWT_SECRET; " + mendKeys},
		"another role's key":     {func(s *Settings) { s.Supabase.ServiceRoleKey = s.Supabase.AnonKey }, "SUPABASE_SERVICE_ROLE_KEY is not a key of the role service_role signed with SUPABASE_JWT_SECRET; " + mendKeys},
		"another secret's key":   {func(s *Settings) { s.Supabase.AnonKey = signKey(secret+"x", "anon", time.Now().Add(time.Hour)) }, "SUPABASE_ANON_KEY is not a key of the role anon signed with SUPABASE_JWT_SECRET; " + mendKeys},
		"an expired key":         {func(s *Settings) { s.Supabase.AnonKey = signKey(secret, "anon", time.Now().Add(-time.Hour)) }, "SUPABASE_ANON_KEY has expired; " + mendKeys},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := &Stack{Settings: validSettings()}
			test.spoil(&s.Settings)
			got := ""
			if err := s.checkSettings(servers()); err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestServersListenOnLoopbackAlone(t *testing.T) {
	tests := map[string]string{
		"bolt://localhost:7999":   "127.0.0.1:7999",
		"neo4j://127.0.0.1":       "127.0.0.1:7687",
		"bolt://[::1]:7999":       "[::1]:7999",
		"bolt://0.0.0.0:7999":     "",
		"bolt://localhost/a/path": "",
		"localhost:7687":          "",
		"":                        "",
	}
	for uri, want := range tests {
		got, err := Neo4jSettings{URI: uri}.address()
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q listens on %q (%v), want %q", uri, got, err, want)
		}
	}
}

func TestGeneratedSettingsFit(t *testing.T) {
	settings, err := generatedSettings()
	if err != nil {
		t.Fatal(err)
	}
	if err := (&Stack{Settings: settings}).checkSettings(servers()); err != nil {
		t.Error(err)
	}
}
