package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/journey-os/journey-api/bench/process"
	"github.com/journey-os/journey-api/ports/portstest"
)

const (
	startLimit = 20 * time.Second
	// generous is a rate limit, a minute, that nobody here reaches: what is measured is the counting.
	generous = "60000000"
)

// program is a row of the programs that are measured: its command for a port, and one more if it needs it; its
// environment; the path that answers 200 once it is ready; whether it logs a line for each request; and, if it shows what
// it has allocated, how.
type program struct {
	name        string
	command     func(port, another string) []string
	environment []string
	ready       string
	before      []string // a command that is run first, if any
	logs        bool
	allocated   func(*server) (allocation, error)
}

// programs are those that are there to be measured.
func (b *bench) programs() []program {
	serve := func(port, another string) []string {
		return []string{"env", "API_PORT=" + port, "METRICS_ADDR=127.0.0.1:" + another, b.service, "serve"}
	}
	bare := func(port, _ string) []string {
		return []string{b.rival, "-address", "127.0.0.1:" + port, "-me", string(b.replies["me"]), "-health", string(b.replies["health"])}
	}
	usual := func(port, _ string) []string {
		return []string{b.rival, "-address", "127.0.0.1:" + port, "-secret", b.secret}
	}
	all := []program{
		{"journey-api", serve, b.serviceSettings("sqlite:journey.db"), "/health/live", nil, true, fromMetrics},
		{"bare Fiber", bare, nil, "/health", nil, false, fromMemory},
		{"the usual chain", usual, nil, "/memory", nil, true, fromMemory},
	}
	if b.postgres != "" {
		all = append(all, program{"journey-api on PostgreSQL", serve, b.serviceSettings(b.postgres), "/health/live", nil, true, fromMetrics})
	}
	if b.postgres != "" && b.python != "" {
		chain := func(port, _ string) []string {
			return []string{b.python, "-m", "uvicorn", "--app-dir", b.peers, "mastery:app", "--workers", strconv.Itoa(b.processors()), "--host", "127.0.0.1", "--port", port}
		}
		all = append(all, program{"FastAPI", chain, []string{"DATABASE_URL=" + b.postgres, "JWT_SECRET=" + b.secret, "PYTHONDONTWRITEBYTECODE=1"}, "/health/ready", []string{b.python, b.peers + "/mastery.py"}, true, nil})
	}
	return all
}

// processors is how many each server has.
func (b *bench) processors() int {
	if b.isPinned {
		return 1
	}
	return runtime.NumCPU()
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
	replies                                       map[string][]byte // of the service, which others have to give too
	servers                                       map[string]*server
	rows                                          []*row
	floods                                        []*flood
	firstReplies                                  []float64 // in milliseconds
	cleanups                                      []func() error
}

// prepare publishes a signing key as a Supabase project does, and makes the tokens. All have the same payload.
func (b *bench) prepare(context.Context) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	b.key, b.secret, b.project = portstest.NewES256Key("bench"), rand.Text()+rand.Text(), "http://"+listener.Addr().String()
	b.claims = portstest.RealSizedClaims(time.Now()).JSON()
	b.hs256, b.es256 = portstest.SignHS256(b.secret, portstest.HS256Header, b.claims), b.key.Sign(b.key.Header(), b.claims)
	project := &http.Server{ReadHeaderTimeout: startLimit, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, portstest.JWKS(b.key.JWK()))
	})}
	go func() { _ = project.Serve(listener) }()
	b.cleanups = append(b.cleanups, project.Close)
	if b.isPinned && runtime.NumCPU() > 1 {
		runtime.GOMAXPROCS(runtime.NumCPU() - 1)
		return exec.Command("taskset", "-apc", fmt.Sprintf("1-%d", runtime.NumCPU()-1), strconv.Itoa(os.Getpid())).Run()
	}
	return nil
}

// server is a program under measurement, in a process of its own.
type server struct {
	*process.Process
	program
	address, metrics, log string
}

// start starts p and waits for its first reply.
func (b *bench) start(ctx context.Context, p program) (*server, error) {
	port, portErr := process.FreePort()
	another, anotherErr := process.FreePort()
	folder, err := os.MkdirTemp(b.folder, "server-")
	if err := errors.Join(portErr, anotherErr, err); err != nil {
		return nil, err
	}
	s := &server{program: p, address: "127.0.0.1:" + port, metrics: "127.0.0.1:" + another}
	s.log = filepath.Join(folder, "log")
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	line, environment := p.command(port, another), append([]string{"PATH=" + os.Getenv("PATH")}, p.environment...)
	if b.isPinned {
		line, environment = append([]string{"taskset", "-c", "0"}, line...), append(environment, "GOMAXPROCS=1")
	}
	if len(p.before) > 0 {
		command := exec.CommandContext(ctx, p.before[0], p.before[1:]...)
		command.Env = environment
		if said, err := command.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("prepare %s: %w: %s", p.name, err, said)
		}
	}
	if s.Process, err = process.Start(ctx, process.Program{Line: line, Environment: environment, Folder: folder, Output: log}); err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(startLimit); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if _, err = s.fetch(s.address, p.ready); err == nil {
			return s, nil
		}
		if s.HasEnded() {
			break
		}
	}
	err = errors.Join(err, s.Stop())
	return nil, fmt.Errorf("start %s: %w; it said: %q", p.name, err, s.Complaint())
}

// fetch asks once, on a connection of its own; headers are pairs.
func (s *server) fetch(address, path string, headers ...string) ([]byte, error) {
	request, err := http.NewRequest(http.MethodGet, "http://"+address+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	request.Close = true
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s%s answered %s: %s", s.name, path, response.Status, body)
	}
	return body, err
}

// measureStarts measures the time to the service's first reply with both dependencies absent.
func (b *bench) measureStarts(ctx context.Context) error {
	for range b.starts {
		began := time.Now()
		s, err := b.start(ctx, b.programs()[0])
		if err != nil {
			return err
		}
		b.firstReplies = append(b.firstReplies, milliseconds(time.Since(began)))
		if err := s.Stop(); err != nil {
			return err
		}
	}
	return nil
}

// startServers starts the service first: others answer what it answers.
func (b *bench) startServers(ctx context.Context) (err error) {
	b.replies = map[string][]byte{}
	b.rows = b.newRows()
	for i := range b.programs() {
		p := b.programs()[i]
		if i > 0 && !slices.ContainsFunc(b.rows, func(r *row) bool { return r.server == p.name }) {
			continue
		}
		s, err := b.start(ctx, p)
		if err != nil {
			return err
		}
		b.servers[p.name] = s
		b.cleanups = append(b.cleanups, s.Stop)
		if i == 0 {
			me, meErr := s.fetch(s.address, "/api/me", "Authorization", "Bearer "+b.hs256)
			health, healthErr := s.fetch(s.address, "/health")
			if err := errors.Join(meErr, healthErr); err != nil {
				return err
			}
			b.replies["me"], b.replies["health"] = me, health
		}
	}
	b.rows = slices.DeleteFunc(b.rows, func(r *row) bool { return b.servers[r.server] == nil })
	return nil
}

// stop ends the servers. How a server ends tells nothing about its speed.
func (b *bench) stop() {
	for _, stop := range b.cleanups {
		_ = stop()
	}
}
