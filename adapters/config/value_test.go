package config_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/config"
)

func TestAValueOutsideItsRuleIsAFaultThatSaysWhy(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, value, problem string }{
		{"APP_ENV", "staging", `"staging" is not development or production`},
		{"APP_ENV", "Production", `"Production" is not development or production`},
		{"API_PORT", "-1", `"-1" is not a whole number from 0 to 65535`},
		{"API_PORT", "65536", `"65536" is not a whole number from 0 to 65535`},
		{"API_PORT", "8000.0", `"8000.0" is not a whole number from 0 to 65535`},
		{"API_HOST", "http://x", `"http://x" is neither an address nor a host name`},
		{"API_HOST", "localhost:8000", `"localhost:8000" is neither an address nor a host name`},
		{"CORS_HEADERS", "X-Tenant,*", `"*" is not the name of a header`},
		{"CORS_HEADERS", "X Tenant", `"X Tenant" is not the name of a header`},
		{"CORS_HEADERS", "X-Tenant: a", `"X-Tenant: a" is not the name of a header`},
		{"LOG_LEVEL", "CRITICAL", `"CRITICAL" is not DEBUG, INFO, WARN or ERROR`},
		{"LOG_FORMAT", "xml", `"xml" is not json or text`},
		{"API_HOST", "a..b", `"a..b" is neither an address nor a host name`},
		{"API_HOST", "$HOST", `"$HOST" is neither an address nor a host name`},
		{"API_HOST", "256.1.1.1", `"256.1.1.1" is neither an address nor a host name`},
		{"API_HOST", strings.Repeat("a", 64), `"` + strings.Repeat("a", 40) + `..." is neither an address nor a host name`},
		{"PRIVATE_DOMAINS", "corp.example.org,com", `"com" is a public suffix: anyone may have a host below it`},
		{"PRIVATE_DOMAINS", "vercel.app", `"vercel.app" is a public suffix: anyone may have a host below it`},
		{"PRIVATE_DOMAINS", "*.corp.example.org", `"*.corp.example.org" is not a domain`},
		{"PRIVATE_DOMAINS", "10.0.0.1", `"10.0.0.1" is not a domain`},
		{"DOCS_ENABLED", "maybe", `"maybe" is neither true nor false`},
		{"REQUEST_TIMEOUT", "10", `"10" has no unit (ms, s, m or h)`},
		{"REQUEST_TIMEOUT", "1.5", `"1.5" has no unit (ms, s, m or h)`},
		{"DRAIN_DELAY", "0", `"0" has no unit (ms, s, m or h)`},
		{"READ_TIMEOUT", "1d", `"1d" is not a duration`},
		{"READ_TIMEOUT", "10 s", `"10 s" is not a duration`},
		{"READ_TIMEOUT", "0s", `"0s" is not from 1ms to 1h`},
		{"IDLE_TIMEOUT", "-1s", `"-1s" is not from 1ms to 1h`},
		{"IDLE_TIMEOUT", "61m", `"61m" is not from 1ms to 1h`},
		{"JWT_LEEWAY", "61s", `"61s" is not from 0s to 1m`},
		{"JWT_LEEWAY", "-1ns", `"-1ns" is not from 0s to 1m`},
		{"JWT_ALGORITHMS", "ES384", `"ES384" is not ES256, RS256, EdDSA or HS256`},
		{"JWT_ALGORITHMS", "HS256,rs256", `"rs256" is not ES256, RS256, EdDSA or HS256`},
		{"JWT_ALGORITHMS", "none", `"none" is not ES256, RS256, EdDSA or HS256`},
		{"JWT_ALGORITHMS", ",", "names no algorithm"},
		{"HEALTH_REQUIRED", "neo4j,redis", `"redis" is not database, neo4j or supabase`},
		{"HEALTH_REQUIRED", "none,neo4j", "has other names beside none"},
		{"DATABASE_URL", "sqlite:", "needs the path of a file after sqlite, as in sqlite:journey.db"},
		{"DATABASE_URL", "sqlite://journey.db", "needs the path of a file after sqlite, as in sqlite:journey.db"},
		{"DATABASE_URL", "journey.db", "begins with neither sqlite: nor postgres://"},
		{"DATABASE_URL", "mysql://u@h/d", "begins with neither sqlite: nor postgres://"},
		{"DATABASE_URL", "postgres://u:p@ss@h/d", "has more than one @ before the path; in a password, percent-encode what is not a letter or a digit"},
		{"DATABASE_URL", "postgres://u:p%ss@h/d", "is not a URL; in a password, percent-encode what is not a letter or a digit"},
		{"DATABASE_URL", "postgres:///d", "has no host"},
		{"DATABASE_URL", "postgres://u@h:99999/d", "has a port that is not from 1 to 65535"},
		{"DATABASE_URL", "postgres://h/d", "has no user"},
		{"DATABASE_URL", "postgres://u@h/", "names no database behind the host"},
		{"DATABASE_SCHEMA", "pg_journey", `"pg_journey" is no name of a schema that needs no quotes`},
		{"DATABASE_SCHEMA", "Journey", `"Journey" is no name of a schema that needs no quotes`},
		{"MIGRATE_ON_START", "2", `"2" is neither true nor false`},
		{"CALIBRATION", "true", `"true" is neither on nor off`},
		{"CALIBRATE_EVERY", "30s", `"30s" is not from 1m to 8784h`},
		{"CALIBRATE_EVERY", "weekly", `"weekly" is not a duration`},
		{"CALIBRATION_MEMORY", "512", `"512" is not an amount from 16MB to 1024GB`},
		{"CALIBRATION_MEMORY", "-1GB", `"-1GB" is not an amount from 16MB to 1024GB`},
		{"CALIBRATION_MEMORY", "15MB", `"15MB" is not an amount from 16MB to 1024GB`},
		{"CALIBRATION_MEMORY", "99999999GB", `"99999999GB" is not an amount from 16MB to 1024GB`},
		{"BKT_MASTERED", "0", `"0" is not above 0 and at most 1`},
		{"BKT_MASTERED", "1.01", `"1.01" is not above 0 and at most 1`},
		{"BKT_MASTERED", "NaN", `"NaN" is not above 0 and at most 1`},
		{"BANK_OPEN", "yes", `"yes" is neither true nor false`},
		{"HEALTH_SUPABASE_PATH", "rest/v1", `"rest/v1" does not begin with a single /`},
		{"HEALTH_SUPABASE_PATH", "//evil.example/x", `"//evil.example/x" does not begin with a single /`},
		{"HEALTH_SUPABASE_PATH", "https://evil.example", `"https://evil.example" does not begin with a single /`},
		{"HEALTH_SUPABASE_PATH", "/a b", `"/a b" is not a path`},
		{"HEALTH_SUPABASE_PATH", "/a#b", `"/a#b" has a fragment`},
		{"MAX_BODY_BYTES", "0", `"0" is not a whole number from 1 to 67108864`},
		{"MAX_BODY_BYTES", "1MB", `"1MB" is not a whole number from 1 to 67108864`},
		{"MAX_BODY_BYTES", "99999999999999999999", `"99999999999999999999" is not a whole number from 1 to 67108864`},
		{"MAX_HEADER_BYTES", "1048577", `"1048577" is not a whole number from 1024 to 1048576`},
		{"MAX_IN_FLIGHT", "65537", `"65537" is not a whole number from 1 to 65536`},
		{"NEO4J_MAX_POOL_SIZE", "1001", `"1001" is not a whole number from 1 to 1000`},
		{"TRUSTED_PROXIES", "10.0.0.0/33", `"10.0.0.0/33" is neither an address nor a CIDR range`},
		{"TRUSTED_PROXIES", "proxy.local", `"proxy.local" is neither an address nor a CIDR range`},
		{"TRUSTED_PROXIES", "fe80::1%eth0", `"fe80::1%eth0" is neither an address nor a CIDR range`},
		{"TRUSTED_PROXIES", "::ffff:10.0.0.0/104", `"::ffff:10.0.0.0/104" is neither an address nor a CIDR range`},
		{"TRUSTED_PROXIES", "10.0.0.1,0.0.0.0/0", `"0.0.0.0/0" would believe every caller`},
		{"NEO4J_USERNAME", "a\nb", "has a control character or is not UTF-8"},
		{"SUPABASE_ANON_KEY", "a b", "has a space, a line break or a character outside ASCII"},
		{"SUPABASE_SERVICE_ROLE_KEY", "key\n", "has a space, a line break or a character outside ASCII"},
		{"SUPABASE_SERVICE_ROLE_KEY", "k\xff", "has a space, a line break or a character outside ASCII"},
		{"SUPABASE_JWT_SECRET", strings.Repeat("ab", 15) + "c", "is too short: it takes at least 32 bytes"},
		{"SUPABASE_JWT_SECRET_PREVIOUS", "short", "is too short: it takes at least 32 bytes"},
		{"LOG_LEVEL", "\x1b[31m" + strings.Repeat("ä", 100), `"\x1b[31m` + strings.Repeat(`\u00e4`, 35) + `..." is not DEBUG, INFO, WARN or ERROR`},
		{"WRITE_TIMEOUT", "10s", "is not longer than REQUEST_TIMEOUT (10s)"},
		{"REQUEST_TIMEOUT", "15s", ""}, // the fault is WRITE_TIMEOUT's, see below
	} {
		t.Run(test.name+"="+test.value, func(t *testing.T) {
			t.Parallel()
			faults := faultsOf(t, complete(map[string]string{test.name: test.value}), config.Source{})
			want := config.Fault{Name: test.name, Problem: test.problem}
			if test.problem == "" {
				want = config.Fault{Name: "WRITE_TIMEOUT", Problem: "is not longer than REQUEST_TIMEOUT (15s)"}
			}
			for _, setting := range config.Reference() {
				if setting.Name == want.Name {
					want.Example = setting.Example
				}
			}
			if diff := cmp.Diff(config.Faults{want}, faults); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEveryExampleOfAFaultWouldDo(t *testing.T) {
	t.Parallel()
	for _, setting := range config.Reference() {
		if setting.Example == "" || setting.Description == "" || setting.Group == "" {
			t.Errorf("%s has no example, description or group", setting.Name)
		}
		if !setting.Secret {
			load(t, complete(map[string]string{setting.Name: setting.Example}))
		}
	}
}

func TestLogLevelsInAnyCase(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]slog.Level{
		"DEBUG": slog.LevelDebug, "info": slog.LevelInfo, "Warn": slog.LevelWarn, "warning": slog.LevelWarn, " ERROR ": slog.LevelError,
	} {
		if got := load(t, complete(map[string]string{"LOG_LEVEL": value})).Settings.Log.Level; got != want {
			t.Errorf("%q is %s", value, got)
		}
	}
}

func TestTheLimitsThemselvesAreTaken(t *testing.T) {
	t.Parallel()
	settings := load(t, complete(map[string]string{
		"API_PORT": "0", "API_HOST": "::1", "JWT_LEEWAY": "60s", "DRAIN_DELAY": "0s", "MAX_BODY_BYTES": "67108864",
		"HEALTH_REQUIRED": "Supabase, neo4j,neo4j,", "DOCS_ENABLED": "FALSE", "SUPABASE_JWT_SECRET": strings.Repeat("ab", 16),
		"JWT_ALGORITHMS": "HS256, HS256",
	})).Settings
	type picked struct {
		Address    string
		Leeway     time.Duration
		Body       int
		Required   []string
		Docs       bool
		Algorithms []string
	}
	got := picked{
		settings.HTTP.Address(), settings.JWT.Leeway, settings.HTTP.MaxBodyBytes, settings.Health.Required,
		settings.HTTP.DocsEnabled, settings.JWT.Algorithms,
	}
	want := picked{"[::1]:0", time.Minute, 64 << 20, []string{"neo4j", "supabase"}, false, []string{"HS256"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNoneEmptiesTheRequiredDependencies(t *testing.T) {
	t.Parallel()
	if got := load(t, complete(map[string]string{"HEALTH_REQUIRED": "None"})).Settings.Health.Required; len(got) > 0 {
		t.Errorf("required are %q", got)
	}
}
