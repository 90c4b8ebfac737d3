package config_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/config"
)

const (
	anyone    = "is a published or placeholder secret: in production anyone could sign tokens"
	elsewhere = "is a published or placeholder secret, and SUPABASE_URL is not on this machine"
	demo      = "is a placeholder or demo value, which production refuses"
)

func TestProductionSendsNoCredentialsInTheOpen(t *testing.T) {
	t.Parallel()
	for host, public := range map[string]bool{
		"abc.supabase.co": true, "8.8.8.8": true, "[2001:db8::1]": true, "localhost.example.org": true, "172.32.0.1": true,
		"svc.example.org": true, "kong.dev": true, "x.azurewebsites.net": true, "ts.net.example.org": true, "tailts.net": true,
		"corp.example.org": true, "xn--e1afmkfd.xn--p1ai": true,
		"local": false, "localhost": false, "kong": false, "127.0.0.1": false, "[::1]": false, "10.1.2.3": false,
		"172.16.0.1": false, "192.168.0.1": false, "169.254.1.1": false, "100.64.0.1": false, "[fd00::1]": false,
		"[fe80::1]": false, "[::ffff:10.0.0.1]": false, "[::ffff:8.8.8.8]": true, "supabase.local": false, "rest.INTERNAL.": false,
		"kong.supabase": false, "kong.default.svc": false, "kong.default.svc.cluster.local": false, "kong.dev.svc.cluster.local": false,
		"db.service.consul": false, "pi.tail1234.ts.net": false, "nas.lan": false, "x.home.arpa": false, "db.flycast": false,
		"db.private.example.org": false, "private.example.org": false, "supabase_kong_x": false,
	} {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			for name, scheme := range map[string]string{"SUPABASE_URL": "http", "NEO4J_URI": "bolt"} {
				address := "://" + host + ":8000"
				settings := map[string]string{"APP_ENV": "production", name: scheme + address, "PRIVATE_DOMAINS": "private.example.org"}
				var want []string
				if public {
					want = []string{inTheOpen(scheme)}
				}
				if diff := cmp.Diff(want, problems(t, settings)); diff != "" {
					t.Error(diff)
				}
				settings["APP_ENV"] = "development"
				if diff := cmp.Diff([]string(nil), problems(t, settings)); diff != "" {
					t.Errorf("in development: %s", diff)
				}
				settings["APP_ENV"], settings[name] = "production", map[string]string{"http": "https", "bolt": "bolt+s"}[scheme]+address
				if diff := cmp.Diff([]string(nil), problems(t, settings)); diff != "" {
					t.Errorf("encrypted: %s", diff)
				}
			}
		})
	}
}

func inTheOpen(scheme string) string {
	encrypted := map[string]string{"http": "https", "bolt": "bolt+s", "neo4j": "neo4j+s"}[scheme]
	return "is " + scheme + ":// to a public host: credentials would travel in the open. Take " + encrypted +
		"://, or list the domain in PRIVATE_DOMAINS if it is on a private network"
}

func TestAPublishedJWTSecretWorksOnlyInDevelopmentOnThisMachine(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{
		"your-jwt-secret-min-32-chars-long",
		"YOUR-JWT-SECRET-MIN-32-CHARS-LONG",
		"super-secret-jwt-token-with-at-least-32-characters-long",
		"your-super-secret-jwt-token-with-at-least-32-characters-long",
		"reallyreallyreallyreallyverysafe",
		"a-string-secret-at-least-256-bits-long",
		"changeme-changeme-changeme-changeme",
		"<the secret of your project, 32 bytes>",
		strings.Repeat("x", 32),
	} {
		for _, name := range []string{"SUPABASE_JWT_SECRET", "SUPABASE_JWT_SECRET_PREVIOUS"} {
			t.Run(name+"="+secret, func(t *testing.T) {
				t.Parallel()
				for _, test := range []struct {
					environment, url string
					faults           []string
					warned           bool
				}{
					{"development", "http://localhost:54321", nil, true},
					{"development", "http://kong:8000", []string{elsewhere}, false},
					{"development", "https://abc.supabase.co", []string{elsewhere}, false},
					{"production", "http://localhost:54321", []string{anyone}, false},
					{"production", "https://abc.supabase.co", []string{anyone}, false},
				} {
					loaded, err := config.Load(complete(map[string]string{
						"APP_ENV": test.environment, "SUPABASE_URL": test.url, name: secret,
					}), config.Source{})
					var want []config.Warning
					if test.warned {
						want = []config.Warning{{Name: name, Message: publishedSecretWarning}}
					}
					if diff := cmp.Diff(want, loaded.Warnings); diff != "" {
						t.Errorf("%s, %s: %s", test.environment, test.url, diff)
					}
					if diff := cmp.Diff(test.faults, problemsOf(err)); diff != "" {
						t.Errorf("%s, %s: %s", test.environment, test.url, diff)
					}
				}
			})
		}
	}
}

func TestARandomSecretIsNotTakenForAPlaceholder(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{
		"KGhN2m0Jt0m5C5mXb7yqWc3pVd8sRf1L", "is-your-secret-really-32-bytes-long?", strings.Repeat("xy", 16),
	} {
		if loaded := load(t, complete(map[string]string{"APP_ENV": "production", "SUPABASE_JWT_SECRET": secret})); len(loaded.Warnings) > 0 {
			t.Error(loaded.Warnings)
		}
	}
}

func TestProductionRefusesPlaceholdersOfOtherSecrets(t *testing.T) {
	t.Parallel()
	demoKey := apiKey(`{"iss":"supabase-demo","role":"service_role"}`)
	placeholders := map[string]string{
		"SUPABASE_ANON_KEY": "your-anon-key", "SUPABASE_SERVICE_ROLE_KEY": demoKey, "NEO4J_PASSWORD": "changeme",
	}
	if diff := cmp.Diff([]string(nil), problems(t, placeholders)); diff != "" {
		t.Errorf("in development: %s", diff)
	}
	placeholders["APP_ENV"] = "production"
	if diff := cmp.Diff([]string{demo, demo, demo}, problems(t, placeholders)); diff != "" {
		t.Error(diff)
	}
	// The keys that "supabase start" prints on every machine.
	placeholders["SUPABASE_ANON_KEY"], placeholders["SUPABASE_SERVICE_ROLE_KEY"] = "sb_publishable_ACJWlzQHlZjBrEguHvfOxg_3BJgxAaH", "sb_secret_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz"
	if diff := cmp.Diff([]string{demo, demo, demo}, problems(t, placeholders)); diff != "" {
		t.Error(diff)
	}
}

func TestProductionDoesNotTrustTheIssuerOfDevelopmentTokens(t *testing.T) {
	t.Parallel()
	settings := map[string]string{"SUPABASE_JWT_ISSUER": "journey-api-dev"}
	if diff := cmp.Diff([]string(nil), problems(t, settings)); diff != "" {
		t.Errorf("in development: %s", diff)
	}
	settings["APP_ENV"] = "production"
	if diff := cmp.Diff([]string{"is the issuer of development tokens, which production refuses"}, problems(t, settings)); diff != "" {
		t.Error(diff)
	}
}

func TestTheStorysDotenvIsRefusedInProductionWithEveryFault(t *testing.T) {
	t.Parallel()
	var names []string
	for _, fault := range faultsOf(t, map[string]string{"APP_ENV": "production"}, config.Text(storyDotenv)) {
		names = append(names, fault.Name)
	}
	want := []string{"SUPABASE_JWT_SECRET", "DATABASE_URL", "SUPABASE_ANON_KEY", "SUPABASE_SERVICE_ROLE_KEY", "NEO4J_PASSWORD"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsLegalButUnwiseIsWarnedAbout(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		changes map[string]string
		want    []string
	}{
		"nothing by default": {nil, nil},
		"a short shutdown":   {map[string]string{"SHUTDOWN_TIMEOUT": "5s"}, []string{"SHUTDOWN_TIMEOUT"}},
		"a long enough one":  {map[string]string{"SHUTDOWN_TIMEOUT": "5001ms"}, nil},
		"waiting for Neo4j past the request": {
			map[string]string{"NEO4J_ACQUIRE_TIMEOUT": "11s"}, []string{"NEO4J_ACQUIRE_TIMEOUT"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, warning := range load(t, complete(test.changes)).Warnings {
				got = append(got, warning.Name)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func problems(t *testing.T, changes map[string]string) []string {
	t.Helper()
	return problemsOf(faultsOf(t, complete(changes), config.Source{}))
}

func problemsOf(err error) []string {
	faults, _ := errors.AsType[config.Faults](err)
	var problems []string
	for _, fault := range faults {
		problems = append(problems, fault.Problem)
	}
	return problems
}

func TestTheSharedSecretIsAskedForIfItIsUsed(t *testing.T) {
	t.Parallel()
	without := func(algorithms string) map[string]string {
		values := complete(map[string]string{"JWT_ALGORITHMS": algorithms})
		delete(values, "SUPABASE_JWT_SECRET")
		return values
	}
	for given, want := range map[string][]string{
		"":             {"ES256", "RS256", "EdDSA"},
		"RS256":        {"RS256"},
		"EdDSA, ES256": {"EdDSA", "ES256"},
	} {
		loaded := load(t, without(given))
		if diff := cmp.Diff(want, loaded.Settings.JWT.Algorithms); diff != "" {
			t.Errorf("%q (-want +got):\n%s", given, diff)
		}
		shown := slices.IndexFunc(loaded.InForce, func(entry config.Entry) bool { return entry.Name == "JWT_ALGORITHMS" })
		if given == "" && loaded.InForce[shown].Value != "ES256,RS256,EdDSA" {
			t.Errorf("in force is shown as %q", loaded.InForce[shown].Value)
		}
	}
	unused := load(t, complete(map[string]string{"JWT_ALGORITHMS": "ES256"})).Warnings
	if len(unused) != 1 || unused[0].Name != "SUPABASE_JWT_SECRET" || !strings.Contains(unused[0].Message, "is not used") {
		t.Errorf("a secret that is not used: %v", unused)
	}
	alone := without("")
	alone["SUPABASE_JWT_SECRET_PREVIOUS"] = strings.Repeat("ab", 16)
	want := []string{"is set without SUPABASE_JWT_SECRET, whose predecessor it is"}
	if diff := cmp.Diff(want, problemsOf(faultsOf(t, alone, config.Source{}))); diff != "" {
		t.Errorf("a previous secret alone (-want +got):\n%s", diff)
	}
	for _, given := range []string{"HS256", "ES256,HS256"} {
		want := []string{"is required, since JWT_ALGORITHMS names HS256"}
		if diff := cmp.Diff(want, problemsOf(faultsOf(t, without(given), config.Source{}))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", given, diff)
		}
	}
}

func TestProductionSaysWhereItsDatabaseIsAndSendsNoPasswordInTheOpen(t *testing.T) {
	t.Parallel()
	const plain = "is on a public host and may connect without encryption: add sslmode=require, " +
		"or list the domain in PRIVATE_DOMAINS if it is on a private network"
	for url, want := range map[string]string{
		"":                                 "is required in production",
		"sqlite:/var/lib/journey/data.db":  "",
		"postgres://u:correct@10.0.0.1/db": "",
		"postgres://u:correct@db.example.org/db?sslmode=verify-full":             "",
		"postgres://u:correct@db.example.org/db?sslmode=require":                 "",
		"postgres://u:correct@db.example.org/db?ssl=true":                        "",
		"postgres://u:correct@db.example.org/db?ssl=true&sslmode=verify-full":    "",
		"postgres://u:correct@db.example.org/db?ssl=true&sslmode=disable":        plain,
		"postgres://u:correct@db.example.org/db?ssl=false":                       plain,
		"postgres://u:correct@db.corp.example.org/db":                            "",
		"postgres://u:correct@DB.CORP.EXAMPLE.ORG./db":                           "",
		"postgres://u:correct@localhost/db?host=/run/db.example.org":             "",
		"postgres://u:correct@db.example.org/db?host=10.0.0.1":                   "",
		"postgres://u:correct@db.example.org/db":                                 plain,
		"postgres://u:correct@db.example.org/db?sslmode=prefer":                  plain,
		"postgres://u:correct@DB.EXAMPLE.ORG/db":                                 plain,
		"postgres://u:correct@db.example.org./db":                                plain,
		"postgres://u:correct@localhost/db?host=db.example.org":                  plain,
		"postgres://u:correct@localhost/db?host=10.0.0.1,db.example.org":         plain,
		"postgres://u:correct@db.example.org/db?sslmode=require&sslmode=disable": plain,
		"postgres://u:your-password@10.0.0.1/db":                                 "has a placeholder or demo password, which production refuses",
	} {
		settings := complete(map[string]string{"APP_ENV": "production", "DATABASE_URL": url, "PRIVATE_DOMAINS": "corp.example.org"})
		_, err := config.Load(settings, config.Source{})
		got := ""
		if faults, ok := errors.AsType[config.Faults](err); ok {
			got = faults[0].Problem
		}
		if got != want {
			t.Errorf("%s: %q, want %q", url, got, want)
		}
	}
}
