package bench

import (
	"bytes"
	"crypto/rand"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/journey-os/journey-api/internal/testkit/process"
	"github.com/journey-os/journey-api/internal/testkit/wait"
	"github.com/journey-os/journey-api/ports/portstest"
)

var (
	python   = flag.String("python", "", "a Python with bench/peers/requirements.txt; without one its rows are left out")
	postgres = flag.String("postgres", "", "the URL of an empty PostgreSQL; without one its rows are left out")
	pin      = flag.Bool("pin", true, "one processor for each server, the others for the load")
)

const ours, onPostgres, bareFiber, chain, fastAPI = "journey-api", "ours-PostgreSQL", "Fiber", "usual-chain", "FastAPI"

// program is one that is measured: the shell line that starts it on $PORT, with its metrics on $METRICS, whether it is
// there, and whether it writes a line for each request.
type program struct {
	script        string
	isThere, logs bool
}

func programs() map[string]program {
	const export = "export API_PORT=$PORT METRICS_ADDR=$METRICS\n"
	const rival = `exec "$ROOT/bin/rival" -address 127.0.0.1:$PORT -metrics $METRICS `
	return map[string]program{
		ours:      {export + `exec "$ROOT/bin/journey-api" serve`, true, true},
		bareFiber: {rival + `-me "$ME" -health "$HEALTH"`, true, false},
		chain:     {rival + `-secret $JWT_SECRET`, true, true},
		// An embedded database gets the demo bank by itself.
		onPostgres: {export + `export DATABASE_URL="$POSTGRES"
			"$ROOT/bin/journey-api" demo --students 0 >/dev/null && exec "$ROOT/bin/journey-api" serve`, *postgres != "", true},
		// The script makes its tables.
		fastAPI: {`export DATABASE_URL="$POSTGRES" PYTHONDONTWRITEBYTECODE=1
			"$PYTHON" "$ROOT/bench/peers/practice.py" && exec "$PYTHON" -m uvicorn --app-dir "$ROOT/bench/peers" \
			practice:app --workers ${GOMAXPROCS:-$(nproc)} --host 127.0.0.1 --port $PORT --timeout-keep-alive 600`,
			*postgres != "" && *python != "", true},
	}
}

// project is what all servers share: tokens with the same payload, and the key of a Supabase project.
type project struct {
	url, secret, claims, hs256, es256 string
	key                               portstest.SigningKey
}

var shared = sync.OnceValue(func() (p project) {
	p.key, p.secret = portstest.NewES256Key("bench"), rand.Text()+rand.Text()
	p.claims = portstest.RealSizedClaims(time.Now()).JSON()
	p.hs256, p.es256 = portstest.SignHS256(p.secret, portstest.HS256Header, p.claims), p.key.Sign(p.key.Header(), p.claims)
	p.url = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, portstest.JWKS(p.key.JWK()))
	})).URL
	if others := runtime.NumCPU() - 1; *pin && others > 0 {
		runtime.GOMAXPROCS(others)
		_ = exec.Command("taskset", "-apc", fmt.Sprintf("1-%d", others), strconv.Itoa(os.Getpid())).Run()
	}
	return p
})

// environment is that of all programs. The service has everything on and no Neo4j; of Supabase there are the keys alone.
// Nobody here reaches the rate limits: what is measured is the counting.
func environment() []string {
	p := shared()
	root, _ := filepath.Abs("..")
	all := []string{
		"PATH=" + os.Getenv("PATH"), "ROOT=" + root, "JWT_SECRET=" + p.secret, "POSTGRES=" + *postgres, "PYTHON=" + *python,
		"API_HOST=127.0.0.1", "SUPABASE_URL=" + p.url, "SUPABASE_ANON_KEY=bench-anon-key",
		"SUPABASE_SERVICE_ROLE_KEY=bench-service-role-key", "SUPABASE_JWT_SECRET=" + p.secret,
		"NEO4J_URI=bolt://127.0.0.1:1", "NEO4J_USERNAME=neo4j", "NEO4J_PASSWORD=bench-password",
		"DATABASE_URL=sqlite:journey.db", "BANK_OPEN=true", "RATE_LIMIT=60000000", "FAILED_SIGN_IN_LIMIT=60000000",
	}
	if *pin {
		all = append(all, "GOMAXPROCS=1")
	}
	return all
}

// start starts a program with more in its environment, until b ends.
func (p program) start(b *testing.B, more ...string) *server {
	folder := b.TempDir() // without a .env
	log, err := os.OpenFile(filepath.Join(folder, "log"), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		b.Fatal(err)
	}
	started := process.Serve(b, func(port, metrics string) *exec.Cmd {
		line := []string{"sh", "-c", p.script}
		if *pin {
			line = append([]string{"taskset", "-c", "0"}, line...)
		}
		command := exec.Command(line[0], line[1:]...)
		command.Dir, command.Stdout = folder, log
		command.Env = append(append(environment(), more...), "PORT="+port, "METRICS="+metrics)
		return command
	})
	return &server{started, p, log}
}

// server is a program that runs.
type server struct {
	*process.Server
	program
	log *os.File
}

// ask asks once, on none of the load's connections.
func (s *server) ask(b *testing.B, next source) string {
	var request fasthttp.Request
	var response fasthttp.Response
	next(connections, &request, &response)
	request.SetHost(s.Address)
	if err := fasthttp.Do(&request, &response); err != nil || response.StatusCode() >= http.StatusBadRequest {
		b.Fatalf("%v: %s", err, response.String())
	}
	return string(response.Body())
}

// awaitLines waits until the log of a server that logs has so many lines.
func (s *server) awaitLines(b *testing.B, want int) {
	if s.logs && !wait.For(func() bool {
		content, err := os.ReadFile(s.log.Name())
		return err == nil && bytes.Count(content, []byte("\n")) >= want
	}) {
		b.Errorf("its log lacks some of %d requests", want)
	}
}
