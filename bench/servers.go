package main

import (
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

// starts is how often the service is started for the time to its first reply.
const starts = 5

const ours, onPostgres, bareFiber, chain, pythonChain = "journey-api", "journey-api on PostgreSQL", "Fiber", "the chain", "FastAPI"

// program is one that is measured: the shell line that starts it on $PORT, with its metrics on $METRICS, and whether it
// writes a line for each request.
type program struct {
	name, script string
	logs         bool
}

// programs starts with the service, since the others answer what it answers.
func programs() []program {
	const export = "export API_PORT=$PORT METRICS_ADDR=$METRICS\n"
	return []program{
		{ours, export + `exec "$ROOT/bin/journey-api" serve`, true},
		{bareFiber, `exec "$ROOT/bin/rival" -address 127.0.0.1:$PORT -metrics $METRICS -me "$ME" -health "$HEALTH"`, false},
		{chain, `exec "$ROOT/bin/rival" -address 127.0.0.1:$PORT -metrics $METRICS -secret $JWT_SECRET`, true},
		// An embedded database gets the demo bank by itself.
		{onPostgres, export + `export DATABASE_URL="$POSTGRES"
			"$ROOT/bin/journey-api" demo --students 0 >/dev/null && exec "$ROOT/bin/journey-api" serve`, true},
		// The script makes its tables.
		{pythonChain, `export DATABASE_URL="$POSTGRES" PYTHONDONTWRITEBYTECODE=1
			"$PYTHON" "$ROOT/bench/peers/mastery.py" && exec "$PYTHON" -m uvicorn --app-dir "$ROOT/bench/peers" mastery:app \
			--workers ${GOMAXPROCS:-$(nproc)} --host 127.0.0.1 --port $PORT --timeout-keep-alive 600`, true},
	}
}

// environment is that of all programs. The service has everything on and no Neo4j; of Supabase there are the keys alone.
// Nobody here reaches the rate limits: what is measured is the counting.
func (b *bench) environment() []string {
	root, _ := os.Getwd()
	all := []string{
		"PATH=" + os.Getenv("PATH"), "ROOT=" + root, "ME=" + b.replies["/api/me"], "HEALTH=" + b.replies["/health"],
		"JWT_SECRET=" + b.secret, "POSTGRES=" + b.postgres, "PYTHON=" + b.python,
		"API_HOST=127.0.0.1", "SUPABASE_URL=" + b.project, "SUPABASE_ANON_KEY=bench-anon-key",
		"SUPABASE_SERVICE_ROLE_KEY=bench-service-role-key", "SUPABASE_JWT_SECRET=" + b.secret,
		"NEO4J_URI=bolt://127.0.0.1:1", "NEO4J_USERNAME=neo4j", "NEO4J_PASSWORD=bench-password",
		"DATABASE_URL=sqlite:journey.db", "BANK_OPEN=true", "RATE_LIMIT=60000000", "FAILED_SIGN_IN_LIMIT=60000000",
	}
	if b.isPinned {
		all = append(all, "GOMAXPROCS=1")
	}
	return all
}

// prepare takes this program from the servers' processor, makes the tokens, all with the same payload, and publishes a
// signing key as a Supabase project does.
func (b *bench) prepare() (err error) {
	if others := runtime.NumCPU() - 1; b.isPinned && others > 0 {
		runtime.GOMAXPROCS(others)
		err = exec.Command("taskset", "-apc", fmt.Sprintf("1-%d", others), strconv.Itoa(os.Getpid())).Run()
	}
	b.key, b.secret = portstest.NewES256Key("bench"), rand.Text()+rand.Text()
	b.claims = portstest.RealSizedClaims(time.Now()).JSON()
	b.hs256, b.es256 = portstest.SignHS256(b.secret, portstest.HS256Header, b.claims), b.key.Sign(b.key.Header(), b.claims)
	project := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, portstest.JWKS(b.key.JWK()))
	}))
	b.project, b.rows = project.URL, b.newRows()
	return err
}

// server is a program that runs.
type server struct {
	*measure.Server
	program
	log *os.File
}

// start starts a program, again if it runs.
func (b *bench) start(p program) error {
	if before := b.servers[p.name]; before != nil {
		_ = before.Stop()
	}
	folder, folderErr := os.MkdirTemp(b.folder, "server-")
	log, err := os.OpenFile(filepath.Join(folder, "log"), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err := errors.Join(folderErr, err); err != nil {
		return err
	}
	started, err := measure.Start(func(port, metrics string) *exec.Cmd {
		line := []string{"sh", "-c", p.script}
		if b.isPinned {
			line = append([]string{"taskset", "-c", "0"}, line...)
		}
		command := exec.Command(line[0], line[1:]...)
		command.Dir, command.Stdout = folder, log
		command.Env = append(b.environment(), "PORT="+port, "METRICS="+metrics)
		return command
	})
	if err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	b.servers[p.name] = &server{started, p, log}
	return nil
}

// startServers starts the service several times for the time to its first reply, and then what else rows ask.
func (b *bench) startServers() error {
	all := programs()
	for range starts {
		began := time.Now()
		if err := b.start(all[0]); err != nil {
			return err
		}
		b.firstReplies = append(b.firstReplies, time.Since(began))
	}
	for path, token := range map[string]string{"/api/me": b.hs256, "/health": ""} {
		reply, err := b.servers[ours].ask(get(path, token))
		if err != nil {
			return err
		}
		b.replies[path] = reply
	}
	for _, p := range all[1:] {
		if slices.ContainsFunc(b.rows, func(r *row) bool { return r.server == p.name }) {
			if err := b.start(p); err != nil {
				return err
			}
		}
	}
	return nil
}

// ask asks once.
func (s *server) ask(next source) (string, error) {
	var request fasthttp.Request
	var response fasthttp.Response
	next(0, &request, &response)
	request.SetHost(s.Address)
	err := fasthttp.Do(&request, &response)
	if err == nil && response.StatusCode() >= http.StatusBadRequest {
		err = fmt.Errorf("%s answered %d", s.name, response.StatusCode())
	}
	return string(response.Body()), err
}

// usage is what a server used so far: seconds of its processor, and what it allocated, which FastAPI does not show; and
// its resident memory now, in MB.
type usage struct{ processor, mallocs, bytes, resident float64 }

func (s *server) usage() usage {
	resident, processor := s.Usage()
	seen, _ := s.Scrape()
	return usage{
		processor.Seconds(), seen.Sum("go_memstats_mallocs_total"), seen.Sum("go_memstats_alloc_bytes_total"),
		float64(resident) / (1 << 20),
	}
}

func (u usage) since(before usage) usage {
	return usage{u.processor - before.processor, u.mallocs - before.mallocs, u.bytes - before.bytes, u.resident}
}
