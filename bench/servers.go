package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/journey-os/journey-api/bench/measure"
	"github.com/journey-os/journey-api/ports/portstest"
)

const (
	startLimit = 20 * time.Second
	// starts is how often the service is started for the time to its first reply.
	starts = 5
	// generous is a rate limit, a minute, that nobody here reaches: what is measured is the counting.
	generous = "60000000"
)

// program is a row of the programs that are measured: its command, for an address and one for metrics; its environment;
// and whether it logs a line for each request.
type program struct {
	name        string
	command     func(port, metrics string) []string
	environment []string
	logs        bool
}

// programs are those that are there to be measured, the service first.
func (b *bench) programs() []program {
	service, rival := absolute("bin/journey-api"), absolute("bin/rival")
	serve := func(port, metrics string) []string {
		return []string{"env", "API_PORT=" + port, "METRICS_ADDR=" + metrics, service, "serve"}
	}
	bare := func(port, metrics string) []string {
		return []string{rival, "-address", "127.0.0.1:" + port, "-metrics", metrics, "-me", string(b.replies["/api/me"]), "-health", string(b.replies["/health"])}
	}
	usual := func(port, metrics string) []string {
		return []string{rival, "-address", "127.0.0.1:" + port, "-metrics", metrics, "-secret", b.secret}
	}
	all := []program{
		{"journey-api", serve, b.serviceSettings("sqlite:journey.db"), true},
		{"bare Fiber", bare, nil, false},
		{"the usual chain", usual, nil, true},
	}
	if b.postgres != "" {
		serveWithBank := func(port, metrics string) []string { // an embedded database gets the bank by itself
			return []string{"sh", "-c", `"$0" demo --students 0 >/dev/null && API_PORT="$1" METRICS_ADDR="$2" exec "$0" serve`, service, port, metrics}
		}
		all = append(all, program{"journey-api on PostgreSQL", serveWithBank, b.serviceSettings(b.postgres), true})
	}
	if b.postgres != "" && b.python != "" {
		workers := "1"
		if !b.isPinned {
			workers = strconv.Itoa(runtime.NumCPU())
		}
		chain := func(port, _ string) []string { // its tables first
			return []string{"sh", "-c", `"$0" "$1/mastery.py" && exec "$0" -m uvicorn --app-dir "$1" mastery:app --workers "$2" --host 127.0.0.1 --port "$3" --timeout-keep-alive 600`,
				b.python, absolute("bench/peers"), workers, port}
		}
		all = append(all, program{"FastAPI", chain, []string{"DATABASE_URL=" + b.postgres, "JWT_SECRET=" + b.secret, "PYTHONDONTWRITEBYTECODE=1"}, true})
	}
	return all
}

// absolute is for programs that run in folders of their own.
func absolute(path string) string {
	full, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	return full
}

// serviceSettings are those of a service with everything on and no Neo4j; of Supabase there are the keys alone.
func (b *bench) serviceSettings(database string) []string {
	return []string{
		"API_HOST=127.0.0.1", "SUPABASE_URL=" + b.project, "SUPABASE_ANON_KEY=bench-anon-key", "SUPABASE_SERVICE_ROLE_KEY=bench-service-role-key",
		"SUPABASE_JWT_SECRET=" + b.secret, "NEO4J_URI=bolt://127.0.0.1:1", "NEO4J_USERNAME=neo4j", "NEO4J_PASSWORD=bench-password",
		"DATABASE_URL=" + database, "BANK_OPEN=true", "RATE_LIMIT=" + generous, "FAILED_SIGN_IN_LIMIT=" + generous,
	}
}

// bench is one run.
type bench struct {
	settings
	folder, secret, project, claims, hs256, es256 string
	key                                           portstest.SigningKey
	replies                                       map[string][]byte // of the service by path, which others have to give too
	servers                                       map[string]*server
	rows                                          []*row
	firstReplies                                  []float64 // in milliseconds
	cleanups                                      []func() error
}

// prepare publishes a signing key as a Supabase project does, and makes the tokens. All have the same payload.
func (b *bench) prepare(context.Context) error {
	b.key, b.secret = portstest.NewES256Key("bench"), rand.Text()+rand.Text()
	b.claims = portstest.RealSizedClaims(time.Now()).JSON()
	b.hs256, b.es256 = portstest.SignHS256(b.secret, portstest.HS256Header, b.claims), b.key.Sign(b.key.Header(), b.claims)
	project := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, portstest.JWKS(b.key.JWK()))
	}))
	b.project = project.URL
	b.cleanups = append(b.cleanups, func() error { project.Close(); return nil })
	if b.isPinned && runtime.NumCPU() > 1 {
		runtime.GOMAXPROCS(runtime.NumCPU() - 1)
		return exec.Command("taskset", "-apc", fmt.Sprintf("1-%d", runtime.NumCPU()-1), strconv.Itoa(os.Getpid())).Run()
	}
	return nil
}

// server is a program under measurement, in a process of its own.
type server struct {
	*measure.Process
	program
	address, metrics, log string
}

// start starts p and waits for its first reply, whatever it is.
func (b *bench) start(p program) (*server, error) {
	address, port, addressErr := measure.FreeAddress()
	metrics, _, metricsErr := measure.FreeAddress()
	folder, err := os.MkdirTemp(b.folder, "server-")
	if err := errors.Join(addressErr, metricsErr, err); err != nil {
		return nil, err
	}
	s := &server{program: p, address: address, metrics: metrics, log: filepath.Join(folder, "log")}
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	line, environment := p.command(port, metrics), append([]string{"PATH=" + os.Getenv("PATH")}, p.environment...)
	if b.isPinned {
		line, environment = append([]string{"taskset", "-c", "0"}, line...), append(environment, "GOMAXPROCS=1")
	}
	command := exec.Command(line[0], line[1:]...)
	command.Dir, command.Env, command.Stdout = folder, environment, log
	if s.Process, err = measure.Start(command); err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(startLimit); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if _, _, err = fasthttp.Get(nil, "http://"+address+"/health/live"); err == nil {
			return s, nil
		}
		select {
		case <-s.Ended():
			return nil, fmt.Errorf("start %s: it said: %q", p.name, s.Complaint())
		default:
		}
	}
	return nil, fmt.Errorf("start %s: %w", p.name, errors.Join(err, s.Stop()))
}

// ask asks once.
func (s *server) ask(next source) ([]byte, error) {
	var request fasthttp.Request
	var response fasthttp.Response
	next(0, &request, &response)
	request.SetHost(s.address)
	err := fasthttp.Do(&request, &response)
	if err == nil && response.StatusCode() >= http.StatusBadRequest {
		err = fmt.Errorf("%s answered %d", s.name, response.StatusCode())
	}
	return response.Body(), err
}

// startServers measures the time to the service's first reply with both dependencies absent, and starts the service first:
// others answer what it answers.
func (b *bench) startServers(context.Context) (err error) {
	b.rows = b.newRows()
	for i := range starts {
		began := time.Now()
		s, err := b.start(b.programs()[0])
		if err != nil {
			return err
		}
		b.firstReplies = append(b.firstReplies, float64(time.Since(began).Microseconds())/1000)
		if i < starts-1 {
			err = s.Stop()
		} else {
			b.keep(s)
		}
		if err != nil {
			return err
		}
	}
	service := b.servers["journey-api"]
	for path, token := range map[string]string{"/api/me": b.hs256, "/health": ""} {
		if b.replies[path], err = service.ask(get(path, token)); err != nil {
			return err
		}
	}
	for _, p := range b.programs()[1:] {
		if slices.ContainsFunc(b.rows, func(r *row) bool { return r.server == p.name }) {
			s, err := b.start(p)
			if err != nil {
				return err
			}
			b.keep(s)
		}
	}
	b.rows = slices.DeleteFunc(b.rows, func(r *row) bool { return b.servers[r.server] == nil })
	return nil
}

func (b *bench) keep(s *server) {
	b.servers[s.name] = s
	b.cleanups = append(b.cleanups, s.Stop)
}

// stop ends the servers. How a server ends tells nothing about its speed.
func (b *bench) stop() {
	for _, stop := range b.cleanups {
		_ = stop()
	}
}
