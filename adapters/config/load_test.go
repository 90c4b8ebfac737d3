package config_test

import (
	"errors"
	"log/slog"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/config"
)

// storyDotenv is the .env of STORY-ST-1, section 14, word for word.
const storyDotenv = `# packages/python-api/.env.example
SUPABASE_URL=http://localhost:54321
SUPABASE_ANON_KEY=your-anon-key
SUPABASE_SERVICE_ROLE_KEY=your-service-role-key
SUPABASE_JWT_SECRET=your-jwt-secret-min-32-chars-long

NEO4J_URI=bolt://localhost:7687
NEO4J_USERNAME=neo4j
NEO4J_PASSWORD=your-neo4j-password

PYTHON_API_PORT=8000
PYTHON_API_HOST=0.0.0.0
CORS_ORIGINS=http://localhost:3000,http://localhost:3001
LOG_LEVEL=INFO
`

func TestTheStorysDotenvLoadsUnchangedWithOneWarning(t *testing.T) {
	t.Parallel()
	loaded, err := config.Load(nil, config.Text(storyDotenv))
	if err != nil {
		t.Fatal(err)
	}
	want := config.Settings{
		Environment: config.Development,
		HTTP: config.HTTP{
			Host: "0.0.0.0", Port: 8000,
			CORSOrigins:    []string{"http://localhost:3000", "http://localhost:3001"}, // the story's own
			RequestTimeout: 10 * time.Second, ReadTimeout: 10 * time.Second,
			WriteTimeout: 15 * time.Second, IdleTimeout: 75 * time.Second,
			MaxBodyBytes: 1048576, MaxHeaderBytes: 16384, MaxInFlight: 1024,
			ShutdownTimeout: 10 * time.Second, DocsEnabled: true,
		},
		Supabase: config.Supabase{
			URL: "http://localhost:54321", AnonKey: config.NewSecret("your-anon-key"),
			ServiceRoleKey: config.NewSecret("your-service-role-key"), Timeout: 5 * time.Second,
		},
		Neo4j: config.Neo4j{
			URI: "bolt://localhost:7687", Username: "neo4j", Password: config.NewSecret("your-neo4j-password"),
			MaxPoolSize: 50, AcquireTimeout: 2 * time.Second, ConnectTimeout: 2 * time.Second, MaxConnLifetime: time.Hour,
		},
		JWT: config.JWT{
			Secret: config.NewSecret("your-jwt-secret-min-32-chars-long"), Leeway: 5 * time.Second,
			Algorithms: []string{"ES256", "RS256", "EdDSA", "HS256"}, MaxStale: time.Hour,
		},
		Database:    config.Database{URL: config.NewSecret("sqlite:journey.db"), Schema: "journey", MigrateOnStart: true},
		Mastery:     config.Mastery{Mastered: .95, Graph: config.GraphOff},
		Calibration: config.Calibration{Enabled: true, Memory: 512 << 20},
		Practice:    config.Practice{Ready: .85, Randomesque: 1, Criterion: "information", Drift: .005, Graph: config.GraphDatabase, Label: "SubConcept", Key: "code", Relationship: "PREREQUISITE_OF"},
		Health:      config.Health{Required: []string{"database"}, Interval: 2 * time.Second, Timeout: 1500 * time.Millisecond, SupabasePath: "/rest/v1/"},
		Log:         config.Log{Level: slog.LevelInfo, Format: "json"},
	}
	if diff := cmp.Diff(want, loaded.Settings, comparePrefixes); diff != "" {
		t.Error(diff)
	}
	warnings := []config.Warning{{Name: "SUPABASE_JWT_SECRET", Message: publishedSecretWarning}}
	if diff := cmp.Diff(warnings, loaded.Warnings); diff != "" {
		t.Error(diff)
	}
}

func TestProductionHasItsOwnDefaults(t *testing.T) {
	t.Parallel()
	type defaults struct {
		Docs  bool
		Drain time.Duration
	}
	of := func(changes map[string]string) defaults {
		http := load(t, complete(changes)).Settings.HTTP
		return defaults{http.DocsEnabled, http.DrainDelay}
	}
	got := []defaults{
		of(nil),
		of(map[string]string{"APP_ENV": "production"}),
		of(map[string]string{"APP_ENV": "production", "DOCS_ENABLED": "true", "DRAIN_DELAY": "0s"}),
	}
	if diff := cmp.Diff([]defaults{{true, 0}, {false, 5 * time.Second}, {true, 0}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestFiveFaultsAreReportedAtOnce(t *testing.T) {
	t.Parallel()
	dotenv := strings.NewReplacer(
		"http://localhost:54321", "localhost:54321",
		"your-jwt-secret-min-32-chars-long", "short",
		"NEO4J_PASSWORD=your-neo4j-password", "NEO4J_PASSWORD=",
		"PYTHON_API_PORT=8000", "PYTHON_API_PORT=eighty",
		"LOG_LEVEL=INFO", "LOG_LEVEL=LOUD",
	).Replace(storyDotenv)
	want := config.Faults{
		{Name: "SUPABASE_URL", Problem: "does not begin with http://, https://", Example: "https://abcdefgh.supabase.co"},
		{Name: "SUPABASE_JWT_SECRET", Problem: "is too short: it takes at least 32 bytes", Example: "openssl rand -base64 48 makes one"},
		{Name: "NEO4J_PASSWORD", Problem: "is required", Example: "the password of NEO4J_USERNAME"},
		{Name: "PYTHON_API_PORT", Problem: `"eighty" is not a whole number from 0 to 65535`, Example: "8000"},
		{Name: "LOG_LEVEL", Problem: `"LOUD" is not DEBUG, INFO, WARN or ERROR`, Example: "INFO"},
	}
	got := faultsOf(t, nil, config.Text(dotenv))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	table := `NAME                 PROBLEM                                         EXAMPLE
SUPABASE_URL         does not begin with http://, https://           https://abcdefgh.supabase.co
SUPABASE_JWT_SECRET  is too short: it takes at least 32 bytes        openssl rand -base64 48 makes one
NEO4J_PASSWORD       is required                                     the password of NEO4J_USERNAME
PYTHON_API_PORT      "eighty" is not a whole number from 0 to 65535  8000
LOG_LEVEL            "LOUD" is not DEBUG, INFO, WARN or ERROR        INFO
`
	if diff := cmp.Diff(table, got.Table()); diff != "" {
		t.Error(diff)
	}
}

func TestNothingSetNamesEveryRequiredSetting(t *testing.T) {
	t.Parallel()
	var want, got []string
	for _, setting := range config.Reference() {
		if setting.Required {
			want = append(want, setting.Name+" is required")
		}
	}
	for _, fault := range faultsOf(t, nil, config.Source{}) {
		got = append(got, fault.Name+" "+fault.Problem)
	}
	if diff := cmp.Diff(want, got); diff != "" || len(got) != 5 {
		t.Error(len(got), diff)
	}
}

func TestTheStrongerLayerWins(t *testing.T) {
	t.Parallel()
	type port struct {
		Port int
		From string
	}
	for name, test := range map[string]struct {
		environment map[string]string
		dotenv      string
		want        port
	}{
		"the default if nothing is set":                 {want: port{8000, "default"}},
		".env over the default":                         {dotenv: "API_PORT=1", want: port{1, ".env"}},
		"the environment over .env":                     {map[string]string{"API_PORT": "2"}, "API_PORT=1", port{2, "environment"}},
		"empty in the environment is unset":             {map[string]string{"API_PORT": ""}, "API_PORT=1", port{1, ".env"}},
		"spaces in the environment are unset":           {map[string]string{"API_PORT": "  "}, "API_PORT=1", port{1, ".env"}},
		"empty in .env is unset":                        {dotenv: "API_PORT=", want: port{8000, "default"}},
		"a quoted nothing in .env is unset":             {dotenv: `API_PORT=""`, want: port{8000, "default"}},
		"the older name in .env":                        {dotenv: "PYTHON_API_PORT=3", want: port{3, ".env (PYTHON_API_PORT)"}},
		"the newer name beats the older in one layer":   {dotenv: "API_PORT=1\nPYTHON_API_PORT=3", want: port{1, ".env"}},
		"an empty newer name leaves it to the older":    {dotenv: "API_PORT=\nPYTHON_API_PORT=3", want: port{3, ".env (PYTHON_API_PORT)"}},
		"both names in the environment":                 {map[string]string{"API_PORT": "2", "PYTHON_API_PORT": "4"}, "", port{2, "environment"}},
		"the older in the environment beats newer .env": {map[string]string{"PYTHON_API_PORT": "4"}, "API_PORT=1", port{4, "environment (PYTHON_API_PORT)"}},
		"the newer in the environment beats older .env": {map[string]string{"API_PORT": "2"}, "PYTHON_API_PORT=3", port{2, "environment"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loaded, err := config.Load(complete(test.environment), config.Text(test.dotenv))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, port{loaded.Settings.HTTP.Port, entry(t, loaded, "API_PORT").Origin.String()}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestASecretMayComeFromAFile(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ content, want string }{
		"as it is":                         {"p'a$s #s", "p'a$s #s"},
		"one newline at the end is cut":    {"pass\n", "pass"},
		"a Windows newline at the end too": {"pass\r\n", "pass"},
		"of two newlines one is left":      {"pass\n\n", "pass\n"},
		"spaces stay":                      {" pass \n", " pass "},
		"a first newline stays":            {"\npass", "\npass"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loaded := load(t, complete(map[string]string{"NEO4J_PASSWORD": "", "NEO4J_PASSWORD_FILE": write(t, test.content)}))
			if got := loaded.Settings.Neo4j.Password.Reveal(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			want := config.Entry{Name: "NEO4J_PASSWORD", Value: "***", Origin: config.Origin{Layer: config.LayerFile, Via: "NEO4J_PASSWORD_FILE"}}
			if diff := cmp.Diff(want, entry(t, loaded, "NEO4J_PASSWORD")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEverySecretMayComeFromAFileNamedInEitherLayer(t *testing.T) {
	t.Parallel()
	for _, setting := range config.Reference() {
		if !setting.Secret {
			continue
		}
		value := "r4nd0m-r4nd0m-r4nd0m-r4nd0m-r4nd0m"
		if setting.Name == "DATABASE_URL" {
			value = "postgres://journey:r4nd0m@db.example.org/postgres"
		}
		environment := complete(map[string]string{setting.Name: "", setting.Name + "_FILE": ""})
		loaded, err := config.Load(environment, config.Text(setting.Name+"_FILE="+write(t, value)))
		if err != nil {
			t.Fatal(err)
		}
		if got := entry(t, loaded, setting.Name).Origin.String(); got != "file ("+setting.Name+"_FILE)" {
			t.Errorf("%s comes from %s", setting.Name, got)
		}
		if len(loaded.Warnings) != 0 {
			t.Errorf("%s: %v", setting.Name, loaded.Warnings)
		}
	}
}

func TestASecretsFileThatDoesNotServeIsAFault(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "sesame")
	for name, test := range map[string]struct {
		environment map[string]string
		dotenv      string
		want        config.Fault
	}{
		"missing": {
			map[string]string{"NEO4J_PASSWORD": "", "NEO4J_PASSWORD_FILE": missing}, "",
			config.Fault{Name: "NEO4J_PASSWORD_FILE", Problem: "names a file that does not exist", Example: "/run/secrets/neo4j_password"},
		},
		"a directory": {
			map[string]string{"NEO4J_PASSWORD": "", "NEO4J_PASSWORD_FILE": t.TempDir()}, "",
			config.Fault{Name: "NEO4J_PASSWORD_FILE", Problem: "names a file that is a directory", Example: "/run/secrets/neo4j_password"},
		},
		"empty": {
			map[string]string{"NEO4J_PASSWORD": "", "NEO4J_PASSWORD_FILE": write(t, "\n")}, "",
			config.Fault{Name: "NEO4J_PASSWORD_FILE", Problem: "names a file that is empty", Example: "/run/secrets/neo4j_password"},
		},
		"too large": {
			map[string]string{"NEO4J_PASSWORD": "", "NEO4J_PASSWORD_FILE": write(t, strings.Repeat("x", 64<<10+1))}, "",
			config.Fault{Name: "NEO4J_PASSWORD_FILE", Problem: "names a file that is too large", Example: "/run/secrets/neo4j_password"},
		},
		"with a value that breaks the rule": {
			map[string]string{"SUPABASE_JWT_SECRET": "", "SUPABASE_JWT_SECRET_FILE": write(t, "short")}, "",
			config.Fault{Name: "SUPABASE_JWT_SECRET_FILE", Problem: "is too short: it takes at least 32 bytes", Example: "/run/secrets/supabase_jwt_secret"},
		},
		"beside the value": {
			map[string]string{"NEO4J_PASSWORD_FILE": missing}, "",
			config.Fault{Name: "NEO4J_PASSWORD", Problem: "is set beside NEO4J_PASSWORD_FILE: keep one of them", Example: "the password of NEO4J_USERNAME"},
		},
		"beside the value of the other layer": {
			map[string]string{"NEO4J_PASSWORD": "", "NEO4J_PASSWORD_FILE": missing}, "NEO4J_PASSWORD=secret",
			config.Fault{Name: "NEO4J_PASSWORD", Problem: "is set beside NEO4J_PASSWORD_FILE: keep one of them", Example: "the password of NEO4J_USERNAME"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(config.Faults{test.want}, faultsOf(t, complete(test.environment), config.Text(test.dotenv))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEverySettingReachesItsOwnFieldAndEveryFieldHasASetting(t *testing.T) {
	t.Parallel()
	others := map[string]string{
		"SUPABASE_URL": "https://other.example.org", "SUPABASE_ANON_KEY": "other", "SUPABASE_SERVICE_ROLE_KEY": "other",
		"SUPABASE_JWT_SECRET": "another-secret-of-32-bytes-or-more", "SUPABASE_TIMEOUT": "6s",
		"SUPABASE_JWT_ISSUER": "other", "SUPABASE_JWT_SECRET_PREVIOUS": "the-secret-before-of-32-bytes-or-more",
		"NEO4J_URI": "bolt://other", "NEO4J_USERNAME": "other", "NEO4J_PASSWORD": "other", "NEO4J_DATABASE": "other",
		"NEO4J_MAX_POOL_SIZE": "51", "NEO4J_ACQUIRE_TIMEOUT": "3s", "NEO4J_CONNECT_TIMEOUT": "3s", "NEO4J_MAX_CONN_LIFETIME": "2h",
		"API_PORT": "8001", "API_HOST": "127.0.0.1", "CORS_ORIGINS": "*", "CORS_HEADERS": "X-Other", "LOG_LEVEL": "debug", "LOG_FORMAT": "text",
		"DOCS_ENABLED": "false", "JWT_LEEWAY": "6s", "JWKS_MAX_STALE": "2h", "JWT_ALGORITHMS": "HS256", "DATABASE_URL": "sqlite:other.db", "DATABASE_SCHEMA": "other", "MIGRATE_ON_START": "false", "BKT_MASTERED": "0.9", "BANK_OPEN": "true", "MASTERY_GRAPH": "neo4j", "CALIBRATION": "off", "CALIBRATE_EVERY": "168h", "CALIBRATION_MEMORY": "1GB", "ADAPTIVE_READY": "0.8", "ADAPTIVE_RANDOMESQUE": "3", "ADAPTIVE_CRITERION": "mepv", "ABILITY_DRIFT": "0.01", "CONCEPT_GRAPH": "neo4j", "CONCEPT_GRAPH_LABEL": "Topic", "CONCEPT_GRAPH_KEY": "id", "CONCEPT_GRAPH_RELATIONSHIP": "BEFORE",
		"HEALTH_REQUIRED": "neo4j", "HEALTH_INTERVAL": "3s",
		"HEALTH_TIMEOUT": "1s", "HEALTH_SUPABASE_PATH": "/other", "REQUEST_TIMEOUT": "11s", "READ_TIMEOUT": "11s",
		"WRITE_TIMEOUT": "16s", "IDLE_TIMEOUT": "61s", "DRAIN_DELAY": "1s", "SHUTDOWN_TIMEOUT": "11s",
		"MAX_BODY_BYTES": "1", "MAX_HEADER_BYTES": "8192", "MAX_IN_FLIGHT": "1", "TRUSTED_PROXIES": "10.0.0.1",
		"RATE_LIMIT": "600", "FAILED_SIGN_IN_LIMIT": "60", "PRIVATE_DOMAINS": "corp.example.org", "METRICS_ADDR": ":9090", "DEBUG_ADDR": "localhost:6060",
	}
	base := leaves("", reflect.ValueOf(load(t, complete(nil)).Settings))
	reached := map[string]string{"Environment": "APP_ENV"} // it has many effects
	for _, setting := range config.Reference() {
		if setting.Name == "APP_ENV" {
			continue
		}
		other, known := others[setting.Name]
		if !known {
			t.Errorf("%s: the test has no other value for it", setting.Name)
			continue
		}
		var changed []string
		for path, value := range leaves("", reflect.ValueOf(load(t, complete(map[string]string{setting.Name: other})).Settings)) {
			if !reflect.DeepEqual(value, base[path]) {
				changed = append(changed, path)
				reached[path] = setting.Name
			}
		}
		if len(changed) != 1 {
			t.Errorf("%s changes %v", setting.Name, changed)
		}
	}
	for path := range base {
		if reached[path] == "" {
			t.Errorf("no setting reaches %s", path)
		}
	}
	if got, want := len(config.Reference()), len(base); got != want {
		t.Errorf("%d settings for %d fields", got, want)
	}
}

// leaves are the plain values of nested structs by their paths.
func leaves(path string, value reflect.Value) map[string]any {
	found := map[string]any{}
	if value.Kind() != reflect.Struct || value.Type() == reflect.TypeFor[config.Secret]() {
		return map[string]any{path: value.Interface()}
	}
	for i := range value.NumField() {
		name := strings.TrimPrefix(path+"."+value.Type().Field(i).Name, ".")
		maps.Copy(found, leaves(name, value.Field(i)))
	}
	return found
}

func TestSettingsInForceAreListedMaskedWithTheirOrigin(t *testing.T) {
	t.Parallel()
	loaded, err := config.Load(map[string]string{"LOG_LEVEL": "debug", "CORS_ORIGINS": "http://a,\nhttp://b"}, config.Text(storyDotenv))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, setting := range config.Reference() {
		names = append(names, setting.Name)
	}
	var listed []string
	for _, entry := range loaded.InForce {
		listed = append(listed, entry.Name)
	}
	if diff := cmp.Diff(names, listed); diff != "" {
		t.Error(diff)
	}
	table := loaded.Table()
	lines := strings.Split(table, "\n")
	if len(lines) != len(names)+2 {
		t.Errorf("%d lines for %d settings", len(lines), len(names))
	}
	for _, want := range [][]string{
		{"NAME", "VALUE", "FROM"},
		{"SUPABASE_JWT_SECRET", "***", ".env"},
		{"SUPABASE_JWT_SECRET_PREVIOUS", "default"},
		{"API_PORT", "8000", ".env", "(PYTHON_API_PORT)"},
		{"LOG_LEVEL", "debug", "environment"},
		{"CORS_ORIGINS", `"http://a,\nhttp://b"`, "environment"},
		{"DRAIN_DELAY", "0s", "default"},
	} {
		if !slices.ContainsFunc(lines, func(line string) bool { return slices.Equal(strings.Fields(line), want) }) {
			t.Errorf("no line %v in\n%s", want, table)
		}
	}
	if strings.Contains(table, "your-") {
		t.Errorf("a secret shows:\n%s", table)
	}
}

func TestTrustedProxiesAreRanges(t *testing.T) {
	t.Parallel()
	got := load(t, complete(map[string]string{"TRUSTED_PROXIES": " 10.1.2.3/8, 192.168.1.7,::1 , ::ffff:1.2.3.4"})).Settings.HTTP.TrustedProxies
	want := []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.168.1.7/32"),
		netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("1.2.3.4/32"),
	}
	if diff := cmp.Diff(want, got, comparePrefixes); diff != "" {
		t.Error(diff)
	}
}

func entry(t *testing.T, loaded config.Loaded, name string) config.Entry {
	t.Helper()
	for _, entry := range loaded.InForce {
		if entry.Name == name {
			return entry
		}
	}
	t.Fatalf("%s is not listed", name)
	return config.Entry{}
}

func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAValueOfANamedFileIsShownWithItsPath(t *testing.T) {
	t.Parallel()
	path := write(t, "API_PORT=8010\nPYTHON_API_HOST=127.0.0.1\n")
	loaded, err := config.Load(complete(nil), config.File(path))
	if err != nil {
		t.Fatal(err)
	}
	got := []string{entry(t, loaded, "API_PORT").Origin.String(), entry(t, loaded, "API_HOST").Origin.String()}
	if diff := cmp.Diff([]string{path, path + " (PYTHON_API_HOST)"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestTwoNamesOfASettingWithTwoValuesAreWarnedAbout(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		dotenv string
		want   []config.Warning
	}{
		"two values": {"API_PORT=1\nPYTHON_API_PORT=3", []config.Warning{{
			Name: "PYTHON_API_PORT", Message: "is another name of API_PORT and has another value: API_PORT counts",
		}}},
		"one value": {"API_PORT=1\nPYTHON_API_PORT=1", nil},
		"one empty": {"API_PORT=\nPYTHON_API_PORT=1", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loaded, err := config.Load(complete(nil), config.Text(test.dotenv))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, loaded.Warnings); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAProgramMayNeedLessThanTheService(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		needed []string
		given  map[string]string
		want   []string
	}{
		"nothing":                             {nil, nil, nil},
		"one that is there":                   {[]string{"SUPABASE_URL"}, map[string]string{"SUPABASE_URL": "http://localhost:54321"}, nil},
		"one that is missing":                 {[]string{"SUPABASE_URL"}, map[string]string{"NEO4J_USERNAME": "neo4j"}, []string{"SUPABASE_URL is required"}},
		"one that the service may go without": {[]string{"SUPABASE_JWT_SECRET"}, nil, []string{"SUPABASE_JWT_SECRET is required"}},
		"nothing, beside what is wrong":       {nil, map[string]string{"NEO4J_URI": "ftp://x", "JWT_ALGORITHMS": "HS256"}, []string{"NEO4J_URI"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := config.LoadFor(tt.needed, tt.given, config.Source{})
			var faults config.Faults
			if err != nil && !errors.As(err, &faults) {
				t.Fatal(err)
			}
			if len(faults) != len(tt.want) {
				t.Fatalf("faults %v, want %q", faults, tt.want)
			}
			for i, want := range tt.want {
				if got := faults[i].Name + " " + faults[i].Problem; !strings.HasPrefix(got, want) {
					t.Errorf("%q, want %q", got, want)
				}
			}
		})
	}
}
