package main

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/journey-os/journey-api/bootstrap/cli"
	"github.com/journey-os/journey-api/internal/testkit/leak"
	"github.com/journey-os/journey-api/internal/testkit/process"
	"github.com/journey-os/journey-api/ports/portstest"
)

// The test that no secret gets out. The service runs as a process of its own, with the most verbose log and unique
// secrets, between hostile callers and hostile dependencies. Then all of its output is searched.

// secrets are those of one run.
type secrets struct {
	search *leak.Search
	// environment is the service's, less what its surroundings add.
	environment map[string]string
	// key is the one that the project signs with.
	key portstest.SigningKey
	// tokens are good ones by role, bad what else callers send as one, email is every caller's.
	tokens, bad map[string]string
	email       string
	// password is a person's, sent where none belongs.
	password string
}

// plantSecrets makes them, but for those that are given by the names of their settings.
func plantSecrets(given map[string]string) *secrets {
	s := &secrets{search: leak.New(), key: portstest.NewES256Key("ec-planted"), tokens: map[string]string{}}
	fresh := func(setting string) string {
		return s.search.Plant(cmp.Or(setting, "a person's password"), cmp.Or(given[setting], rand.Text()+`/"<&>%+=`+rand.Text()))
	}
	now := time.Now()
	secret, previous := fresh("SUPABASE_JWT_SECRET"), fresh("SUPABASE_JWT_SECRET_PREVIOUS")
	anon := cmp.Or(given["SUPABASE_ANON_KEY"], signedKey(secret, "anon"))
	service := cmp.Or(given["SUPABASE_SERVICE_ROLE_KEY"], signedKey(secret, "service_role"))
	s.environment = map[string]string{
		"SUPABASE_ANON_KEY": s.search.Plant("SUPABASE_ANON_KEY", anon), "SUPABASE_SERVICE_ROLE_KEY": s.search.Plant("SUPABASE_SERVICE_ROLE_KEY", service),
		"SUPABASE_JWT_SECRET": secret, "SUPABASE_JWT_SECRET_PREVIOUS": previous,
		"NEO4J_USERNAME": "neo4j", "NEO4J_PASSWORD": fresh("NEO4J_PASSWORD"),
		"DATABASE_URL": s.plantDatabase(fresh("the database's password")), "HEALTH_REQUIRED": "none",
		"API_HOST": "127.0.0.1", "API_PORT": "0", "LOG_LEVEL": "DEBUG", "RATE_LIMIT": "100000", "FAILED_SIGN_IN_LIMIT": "100000",
		"READ_TIMEOUT": "2s", "IDLE_TIMEOUT": "2s", "MAX_BODY_BYTES": "4096", "HEALTH_INTERVAL": "100ms", "DRAIN_DELAY": "0s", "TRUSTED_PROXIES": "127.0.0.0/8",
	}
	s.password = fresh("")
	s.email = s.search.Plant("an email", strings.ToLower(rand.Text())+"@planted.example")
	s.plantTokens(now, secret, previous, anon, service)
	for name, token := range s.tokens {
		s.search.Plant("a token of "+name, token)
	}
	for name, token := range s.bad {
		s.search.Plant("what is sent as a token, "+name, token)
	}
	return s
}

// plantDatabase is the URL of a database that is not there, so that what the driver says of it is logged.
func (s *secrets) plantDatabase(password string) string {
	at := url.URL{Scheme: "postgres", User: url.UserPassword("journey", password), Host: refused, Path: "/planted"}
	s.search.Plant("the database's password, as it stands in its URL", strings.TrimPrefix(at.User.String(), "journey:"))
	return at.String()
}

func signedKey(secret, role string) string {
	return portstest.Token(secret, portstest.Claims{"role": role, "exp": time.Now().Unix() + 3600, "jti": rand.Text()})
}

func (s *secrets) plantTokens(now time.Time, secret, previous, anon, service string) {
	person := func(claims portstest.Claims) portstest.Claims {
		return claims.With("email", s.email).With("session_id", rand.Text()).
			With("user_metadata", portstest.Claims{"phone": s.search.Plant("a claim", "+49-"+rand.Text()), "email": s.email})
	}
	student, superadmin := person(portstest.StudentClaims(now)), person(portstest.SuperadminClaims(now))
	s.tokens = map[string]string{
		"a student": portstest.Token(secret, student), "a superadmin": portstest.Token(secret, superadmin),
		"faculty, signed before the rotation": portstest.Token(previous, person(portstest.FacultyClaims(now))),
		"a student, of a signing key":         s.key.Token(student),
	}
	s.bad = map[string]string{
		"expired": portstest.Token(secret, person(portstest.ExpiredClaims(now))), "forged": portstest.Token(rand.Text()+rand.Text(), superadmin),
		"without a role": portstest.Token(secret, student.Without("app_metadata.role")), "of an unknown key": portstest.NewES256Key("planted-elsewhere").Token(student),
		"a claim of another type": portstest.Token(secret, student.With("app_metadata.institution_id", map[string]any{"x": s.email})),
		"the email as a role":     portstest.Token(secret, student.With("app_metadata.role", s.email)),
		"the email as the aud":    portstest.Token(secret, student.With("aud", s.email)),
		"the password as alg":     portstest.SignHS256(secret, portstest.Claims{"alg": s.password, "kid": s.password, "typ": "JWT"}.JSON(), student.JSON()),
		"no token":                rand.Text() + s.password, "the anon key": anon, "the service key": service, "the JWT secret itself": secret,
		"cut off": s.tokens["a student"][:200], "with one part more": s.tokens["a student"] + "." + base64.RawURLEncoding.EncodeToString([]byte(s.password)),
	}
}

// surface is one output of the service. Its witness is a text that must be in it: otherwise nothing was captured.
type surface struct{ name, text, witness string }

// wantNoSecretIn is the search itself. It proves itself each time, on a secret put behind the text.
func (s *secrets) wantNoSecretIn(t *testing.T, surfaces ...surface) {
	t.Helper()
	for _, caught := range surfaces {
		if !strings.Contains(caught.text, caught.witness) {
			t.Errorf("%s was not caught: no %q in %.2000s", caught.name, caught.witness, caught.text)
		}
		if len(s.search.In(caught.text+s.password)) == 0 {
			t.Errorf("a secret planted in %s on purpose is not found", caught.name)
		}
		for _, found := range s.search.In(caught.text) {
			t.Errorf("%s lets out %s", caught.name, found)
		}
	}
}

func TestNoSecretGetsOut(t *testing.T) {
	t.Parallel()
	for _, run := range []struct {
		name          string
		given, change map[string]string
	}{
		{"in development, with JSON lines and a secret key", map[string]string{"SUPABASE_SERVICE_ROLE_KEY": "sb_secret_" + rand.Text()}, nil},
		{"in production, with lines of text and a key that is a JWT", nil, map[string]string{"APP_ENV": "production", "LOG_FORMAT": "text", "DOCS_ENABLED": "true"}},
	} {
		t.Run(run.name, func(t *testing.T) {
			s := plantSecrets(run.given)
			maps.Copy(s.environment, run.change)
			surroundings := surround(t, s)
			service := serveApart(t, build(t), s.environment)
			s.wantNoSecretIn(t, watchDiagnostics(t, service.address, s, surroundings)...)
			s.wantNoSecretIn(t, callEverything(t, service.address, s)...)
			s.wantNoSecretIn(t, service.pages()...)
			// The dependencies did their worst, which must have come to the log.
			for _, line := range []string{`dependency"?[:=]"?supabase`, `dependency"?[:=]"?neo4j`, `dependency"?[:=]"?database`, "signing key ignored"} {
				service.Await(&service.Stdout, regexp.MustCompile(line))
			}
			s.wantNoSecretInTheLog(t, service)
			s.wantNoSecretIn(t, surroundings.sent())
		})
	}
}

// wantNoSecretInTheLog ends the service and searches what it said from its start to its end.
func (s *secrets) wantNoSecretInTheLog(t *testing.T, service *program) {
	t.Helper()
	stdout, stderr := service.end(syscall.SIGTERM)
	s.wantNoSecretIn(t, surface{"stdout", stdout, witnessID}, surface{"stderr", stderr, ""})
}

func TestNoSecretIsInADump(t *testing.T) {
	t.Parallel()
	s := plantSecrets(nil)
	surround(t, s)
	service := serveApart(t, build(t), s.environment)
	askRaw(t, service.address, "GET /api/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+s.tokens["a student"]+"\r\nConnection: close\r\n\r\n")
	_, stderr := service.end(syscall.SIGQUIT)
	s.wantNoSecretIn(t, surface{"the dump", stderr, "goroutine "})
}

func TestNoSecretIsInWhatACommandSays(t *testing.T) {
	t.Parallel()
	s := plantSecrets(nil)
	s.environment["SUPABASE_URL"], s.environment["NEO4J_URI"] = "http://"+refused, "bolt://"+refused
	for name, tt := range map[string]struct {
		arguments []string
		change    map[string]string
		code      int
		witness   string
	}{
		"config":                        {[]string{"config"}, nil, cli.ExitOK, "SUPABASE_JWT_SECRET"},
		"healthcheck":                   {[]string{"healthcheck"}, map[string]string{"API_PORT": "1"}, cli.ExitCouldNot, "does not answer"},
		"a secret that is too short":    {[]string{"serve"}, map[string]string{"SUPABASE_JWT_SECRET": s.password[:20]}, cli.ExitUsage, "SUPABASE_JWT_SECRET"},
		"a secret twice":                {[]string{"serve"}, map[string]string{"NEO4J_PASSWORD_FILE": "/nowhere"}, cli.ExitUsage, "NEO4J_PASSWORD"},
		"a password in a URL":           {[]string{"serve"}, map[string]string{"SUPABASE_URL": "https://u:" + s.tokens["a student"] + "@x.example", "NEO4J_URI": "bolt://neo4j:" + s.tokens["a student"] + "@x.example"}, cli.ExitUsage, "has a user or password in it"},
		"a key in a URL's query":        {[]string{"config"}, map[string]string{"SUPABASE_URL": "https://x.example?apikey=" + s.tokens["a student"]}, cli.ExitUsage, "has a query or fragment"},
		"a URL that does not parse":     {[]string{"config"}, map[string]string{"NEO4J_URI": "bolt://[" + s.tokens["a student"]}, cli.ExitUsage, "is not a URL"},
		"a secret for another's place":  {[]string{"config"}, map[string]string{"CORS_ORIGINS": "https://u:" + s.tokens["a student"] + "@x.example"}, cli.ExitUsage, "CORS_ORIGINS"},
		"every secret beside one fault": {[]string{"serve"}, map[string]string{"LOG_LEVEL": "loud"}, cli.ExitUsage, "LOG_LEVEL"},
		"a token for nobody":            {[]string{"token", "--role", "dean"}, nil, cli.ExitUsage, "is no role"},
		"a key with a line break":       {[]string{"config"}, map[string]string{"SUPABASE_SERVICE_ROLE_KEY": s.environment["SUPABASE_SERVICE_ROLE_KEY"] + "\n" + s.password}, cli.ExitUsage, "has a space, a line break"},
	} {
		t.Run(name, func(t *testing.T) {
			values := maps.Clone(s.environment)
			maps.Copy(values, tt.change)
			code, stdout, stderr := run(values, append(tt.arguments, "--env-file", emptyFile(t))...)
			if code != tt.code {
				t.Errorf("ended with %d: %s%s", code, stdout, stderr)
			}
			s.wantNoSecretIn(t, surface{name, stdout + stderr, tt.witness})
		})
	}
}

func TestNoSecretIsInWhatInitSays(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), ".env")
	code, stdout, stderr := run(nil, "init", "--env-file", path)
	made, err := os.ReadFile(path)
	if err != nil || code != cli.ExitOK {
		t.Fatal(code, err)
	}
	search := leak.New()
	for _, secret := range regexp.MustCompile(`(?m)^(SUPABASE_JWT_SECRET|SUPABASE_ANON_KEY|SUPABASE_SERVICE_ROLE_KEY|NEO4J_PASSWORD)=(.+)$`).FindAllStringSubmatch(string(made), -1) {
		search.Plant(secret[1], secret[2])
	}
	if found := search.In(stdout + stderr); len(found) > 0 || len(search.In(string(made))) < 4 {
		t.Errorf("init lets out %v", found)
	}
}

// serveApart starts the service as a process of its own, whose environment this is.
func serveApart(t *testing.T, binary string, environment map[string]string) *program {
	t.Helper()
	p := start(t, environment, binary, "serve", "--env-file", emptyFile(t))
	p.address = p.page("address")
	return p
}

// page is an address of the service's, by the line of the start.
func (p *program) page(name string) string {
	p.t.Helper()
	return p.Await(&p.Stdout, regexp.MustCompile(`msg"?[:=]"?started"?.*?[ "]`+name+`"?[:=]"?([0-9.:]+)`))[1]
}

// end sends the signal, waits, and returns all that was said.
func (p *program) end(signal os.Signal) (stdout, stderr string) {
	p.t.Helper()
	p.Signal(signal)
	if code, _ := p.Wait(); code != cli.ExitOK && signal == syscall.SIGTERM {
		p.t.Errorf("ended with %d: %s", code, &p.Stderr)
	}
	return p.Stdout.String(), p.Stderr.String()
}

// surroundings are the service's dependencies and collectors.
type surroundings struct {
	neo4j    *echoingNeo4j
	supabase *echoingSupabase
	collectors
}

// surround starts them and points the service's environment at them.
func surround(t *testing.T, s *secrets) *surroundings {
	t.Helper()
	around := &surroundings{
		neo4j: startEchoingNeo4j(t, s.environment["NEO4J_PASSWORD"]), supabase: startEchoingSupabase(t, s), collectors: collect(t, s),
	}
	s.environment["NEO4J_URI"] = "bolt://" + around.neo4j.address
	s.environment["SUPABASE_URL"] = "http://" + around.supabase.address
	return around
}

// watch has the dependencies begin to do their worst.
func (a *surroundings) watch() {
	a.neo4j.connections.watched.Store(true)
	a.supabase.probes.watched.Store(true)
}

func (a *surroundings) isDone() bool { return a.neo4j.isDone() && a.supabase.isDone() }

// collectors take what the service tells operators.
type collectors struct {
	// traces is what came over OTLP.
	traces *process.Output
}

func collect(t *testing.T, s *secrets) collectors {
	t.Helper()
	c := collectors{traces: &process.Output{}}
	s.environment["METRICS_ADDR"], s.environment["DEBUG_ADDR"] = "127.0.0.1:0", "127.0.0.1:0"
	s.environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = collectTraces(t, c.traces)
	s.environment["OTEL_EXPORTER_OTLP_HEADERS"] = "api-key=" + s.search.Plant("the collector's key", rand.Text())
	return c
}

// pages are what operators read of a service that runs.
func (p *program) pages() []surface {
	p.t.Helper()
	var caught []surface
	metrics, debugging := p.page("metrics_address"), p.page("debug_address")
	for url, witness := range map[string]string{
		metrics + "/metrics":                         "/api/diagnostics",
		debugging + "/debug/pprof/goroutine?debug=2": "goroutine ",
		debugging + "/debug/pprof/heap?debug=1":      "heap profile",
		debugging + "/debug/pprof/cmdline":           "serve",
	} {
		reply, err := hurried().Get("http://" + url)
		if err != nil {
			p.t.Error(err)
			continue
		}
		caught = append(caught, surface{url, dump(p.t, reply), witness})
	}
	return caught
}

// sent is what was sent to the collector of traces, when the service has ended.
func (c collectors) sent() surface {
	return surface{"the traces", c.traces.String(), "/api/diagnostics"}
}

// hurried is a client that keeps no connection.
func hurried() *http.Client { return &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} }
