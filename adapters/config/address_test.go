package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/config"
)

func TestURLsAreNormalised(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, value, want string }{
		{"SUPABASE_URL", "http://localhost:54321", "http://localhost:54321"},
		{"SUPABASE_URL", "HTTPS://ABC.Supabase.co/", "https://abc.supabase.co"},
		{"SUPABASE_URL", "https://gateway.example.org/supabase//", "https://gateway.example.org/supabase"},
		{"SUPABASE_URL", "http://[::1]:54321/", "http://[::1]:54321"},
		{"NEO4J_URI", "bolt://localhost:7687", "bolt://localhost:7687"},
		{"NEO4J_URI", "bolt+s://localhost", "bolt+s://localhost"},
		{"NEO4J_URI", "bolt+ssc://localhost", "bolt+ssc://localhost"},
		{"NEO4J_URI", "neo4j://localhost/", "neo4j://localhost"},
		{"NEO4J_URI", "neo4j+s://Graph.Example.org:7687", "neo4j+s://graph.example.org:7687"},
		{"NEO4J_URI", "NEO4J+SSC://10.0.0.1", "neo4j+ssc://10.0.0.1"},
	} {
		settings := load(t, complete(map[string]string{test.name: test.value})).Settings
		got := map[string]string{"SUPABASE_URL": settings.Supabase.URL, "NEO4J_URI": settings.Neo4j.URI}[test.name]
		if got != test.want {
			t.Errorf("%s=%s is %s, want %s", test.name, test.value, got, test.want)
		}
	}
}

func TestURLsOutsideTheirRuleAreFaultsThatQuoteNothing(t *testing.T) {
	t.Parallel()
	const supabaseScheme = "does not begin with http://, https://"
	const neo4jScheme = "does not begin with bolt://, bolt+s://, bolt+ssc://, neo4j://, neo4j+s://, neo4j+ssc://"
	const noHost = "has a host that is neither a DNS name in ASCII nor an address; nothing in it is expanded"
	for _, test := range []struct{ name, value, problem string }{
		{"SUPABASE_URL", "localhost:54321", supabaseScheme},
		{"SUPABASE_URL", "ftp://localhost", supabaseScheme},
		{"SUPABASE_URL", "/rest", supabaseScheme},
		{"SUPABASE_URL", "127.0.0.1:54321", "is not a URL"},
		{"SUPABASE_URL", "http://lo calhost", "is not a URL"},
		{"SUPABASE_URL", "http://", "has no host"},
		{"SUPABASE_URL", "http://:54321", "has no host"},
		{"SUPABASE_URL", "http:localhost", "has no host"},
		{"SUPABASE_URL", "http://user:hunter2@localhost", "has a user or password in it"},
		{"SUPABASE_URL", "http://user@localhost", "has a user or password in it"},
		{"SUPABASE_URL", "http://localhost?", "has a query or fragment"},
		{"SUPABASE_URL", "http://localhost?apikey=hunter2", "has a query or fragment"},
		{"SUPABASE_URL", "http://localhost#x", "has a query or fragment"},
		{"SUPABASE_URL", "http://localhost:", "has a port that is not from 1 to 65535"},
		{"SUPABASE_URL", "https://abc.supabase.co/rest/v1/", "is the address of one of the project's services: end it before /rest/v1"},
		{"SUPABASE_URL", "http://localhost:54321/auth/v1/.well-known/jwks.json", "is the address of one of the project's services: end it before /auth/v1/"},
		{"SUPABASE_URL", "http://localhost:0", "has a port that is not from 1 to 65535"},
		{"SUPABASE_URL", "http://localhost:65536", "has a port that is not from 1 to 65535"},
		{"SUPABASE_URL", "https://$HOST", noHost},
		{"SUPABASE_URL", "https://a..b", noHost},
		{"SUPABASE_URL", "https://(a)", noHost},
		{"SUPABASE_URL", "https://-a.example", noHost},
		{"SUPABASE_URL", "https://a." + strings.Repeat("b", 64), noHost},
		{"SUPABASE_URL", "https://" + strings.Repeat("a.", 127) + "a", noHost},
		{"SUPABASE_URL", "https://1.2.3.4.5", noHost},
		{"SUPABASE_URL", "https://b\u00fccher.example", noHost},
		{"NEO4J_URI", "bolt://$NEO4J_HOST:7687", noHost},
		{"DATABASE_URL", "postgres://u:hunter2@$HOST/journey", noHost},
		{"SUPABASE_JWT_ISSUER", "https://$PROJECT.supabase.co/auth/v1", noHost},
		{"SUPABASE_JWT_ISSUER", "https://${PROJECT}.supabase.co/auth/v1", "is not a URL"},
		{"NEO4J_URI", "http://localhost:7474", neo4jScheme},
		{"NEO4J_URI", "localhost", neo4jScheme},
		{"NEO4J_URI", "bolt+x://localhost", neo4jScheme},
		{"NEO4J_URI", "bolt://neo4j:hunter2@localhost", "has a user or password in it"},
		{"NEO4J_URI", "bolt://neo4j:hun/ter2@localhost", "is not a URL"},
		{"NEO4J_URI", "neo4j://localhost?region=hunter2", "has a query or fragment"},
		{"NEO4J_URI", "neo4j://localhost/neo4j", "has a path: the database is chosen by NEO4J_DATABASE"},
	} {
		t.Run(test.name+"="+test.value, func(t *testing.T) {
			t.Parallel()
			faults := faultsOf(t, complete(map[string]string{test.name: test.value}), config.Source{})
			if len(faults) != 1 || faults[0].Name != test.name || faults[0].Problem != test.problem {
				t.Errorf("got %v, want %s", faults, test.problem)
			}
		})
	}
}

func TestOriginsAreNormalised(t *testing.T) {
	t.Parallel()
	for value, want := range map[string][]string{
		"*":                                    {"*"},
		"HTTP://LocalHost:3000":                {"http://localhost:3000"},
		" https://a.example , https://b:8443,": {"https://a.example", "https://b:8443"},
		"https://a.example:443,http://a.example:80": {"https://a.example", "http://a.example"},
		"http://a.example:443":                      {"http://a.example:443"},
		"https://A.example,https://a.example":       {"https://a.example"},
		"http://[::1]:3000":                         {"http://[::1]:3000"},
		"capacitor://localhost":                     {"capacitor://localhost"},
		"http://[0:0::0:1]:3000":                    {"http://[::1]:3000"},
		"https://my_app.example":                    {"https://my_app.example"},
		"HTTPS://*.Example.vercel.app:443":          {"https://*.example.vercel.app"},
		"http://*.localhost:3000":                   {"http://*.localhost:3000"},
		"https://*.preview.corp.internal:8443":      {"https://*.preview.corp.internal:8443"},
	} {
		if diff := cmp.Diff(want, load(t, complete(map[string]string{"CORS_ORIGINS": value})).Settings.HTTP.CORSOrigins); diff != "" {
			t.Errorf("%s: %s", value, diff)
		}
	}
}

func TestOriginsOutsideTheirRuleAreFaults(t *testing.T) {
	t.Parallel()
	const (
		shape   = "holds an item that is not scheme://host[:port]"
		noHost  = "holds an origin whose host is neither a DNS name in ASCII nor an address; nothing in it is expanded"
		star    = "holds an origin with a * that is not the whole first label of its host"
		anyones = "holds an origin whose * covers names that anyone may have: list at least one more label, of your own"
	)
	for value, problem := range map[string]string{
		"null":                        "null is what any sandboxed page sends: it can't be listed",
		"https://a.example,NULL":      "null is what any sandboxed page sends: it can't be listed",
		"*,https://a.example":         "* stands alone or not at all",
		",":                           "names no origin",
		"localhost:3000":              shape,
		"a.example":                   shape,
		"//a.example":                 shape,
		"http://":                     shape,
		"http://a b":                  shape,
		"http://localhost:3000/":      "holds an origin with a path or a / at its end",
		"http://localhost:3000/app":   "holds an origin with a path or a / at its end",
		"http://localhost?x":          "holds an origin with a path or a / at its end",
		"http://localhost#x":          "holds an origin with a path or a / at its end",
		"http://u:hunter2@localhost":  "holds an origin with a user or password in it",
		"https://b\u00fccher.example": noHost,
		"https://$HOST":               noHost,
		"https://a..b":                noHost,
		"https://(a)":                 noHost,
		"https://a-.example":          noHost,
		"http://127.1":                noHost,
		"http://[fe80::1%25eth0]":     noHost,
		"http://[::ffff:1.2.3.4]":     noHost,
		"https://*.1.2.3.4":           noHost,
		"https://*":                   star,
		"https://*.*.example.org":     star,
		"https://a.*.example.org":     star,
		"https://a-*.example.org":     star,
		"https://*a.example.org":      star,
		"https://*.":                  noHost,
		"https://*.org":               anyones,
		"https://*.co.uk":             anyones,
		"https://*.vercel.app":        anyones,
		"https://*.ts.net":            anyones,
		"https://*.corp":              anyones,
		"http://localhost:99999":      "holds an origin with a port that is not from 1 to 65535",
	} {
		t.Run(value, func(t *testing.T) {
			t.Parallel()
			faults := faultsOf(t, complete(map[string]string{"CORS_ORIGINS": value}), config.Source{})
			if len(faults) != 1 || faults[0].Problem != problem {
				t.Errorf("got %v, want %s", faults, problem)
			}
		})
	}
}

func TestSupabaseOnLoopback(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]bool{
		"http://localhost:54321": true, "http://LOCALHOST.": true, "http://supabase.localhost": true,
		"http://127.8.9.1": true, "http://[::1]": true, "http://[::ffff:127.0.0.1]:80": true,
		"http://0.0.0.0": false, "http://kong:8000": false, "http://10.0.0.1": false, "https://abc.supabase.co": false,
		"http://localhost.example.org": false, "http://host.docker.internal": false,
	} {
		if got := load(t, complete(map[string]string{"SUPABASE_URL": url})).Settings.Supabase.IsLoopback(); got != want {
			t.Errorf("%s: %v", url, got)
		}
	}
}

func TestAnOperatorsListenerHasAHostAndAPort(t *testing.T) {
	t.Parallel()
	const reachable = "is reachable from other machines: name 127.0.0.1, [::1] or localhost"
	for value, want := range map[string]struct{ metrics, debug []string }{
		"127.0.0.1:9090":  {},
		"[::1]:0":         {},
		"localhost:6060":  {},
		":9090":           {debug: []string{reachable}},
		"0.0.0.0:9090":    {debug: []string{reachable}},
		"10.0.0.1:9090":   {debug: []string{reachable}},
		"example.org:80":  {debug: []string{reachable}},
		"9090":            {metrics: []string{`"9090" is not host:port`}, debug: []string{`"9090" is not host:port`}},
		"localhost:http":  {metrics: []string{"has a port that is not from 0 to 65535"}, debug: []string{"has a port that is not from 0 to 65535"}},
		"localhost:65536": {metrics: []string{"has a port that is not from 0 to 65535"}, debug: []string{"has a port that is not from 0 to 65535"}},
		"a$b:80":          {metrics: []string{`"a$b" is neither an address nor a host name`}, debug: []string{`"a$b" is neither an address nor a host name`}},
	} {
		t.Run(value, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(want.metrics, problems(t, map[string]string{"METRICS_ADDR": value})); diff != "" {
				t.Errorf("METRICS_ADDR: %s", diff)
			}
			if diff := cmp.Diff(want.debug, problems(t, map[string]string{"DEBUG_ADDR": value})); diff != "" {
				t.Errorf("DEBUG_ADDR: %s", diff)
			}
		})
	}
}
