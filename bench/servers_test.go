package bench

import (
	"crypto/rand"
	"flag"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/journey-os/journey-api/internal/testkit/process"
	"github.com/journey-os/journey-api/internal/testkit/standin"
	"github.com/journey-os/journey-api/ports/portstest"
)

var (
	python   = flag.String("python", "", "a Python with bench/peers/requirements.txt; without one its rows are left out")
	postgres = flag.String("postgres", "", "the URL of an empty PostgreSQL; without one its rows are left out")
	pin      = flag.Bool("pin", true, "one processor for each server, the others for the load")
)

// All servers take tokens of one Supabase project. Those of run's students differ in their payload.
var (
	run    = rand.Text()
	secret = rand.Text() + rand.Text()
	key    = portstest.NewES256Key("bench")
	claims = portstest.RealSizedClaims(time.Now()).JSON()
)

const ours, onPostgres, bareFiber, chain, fastAPI = "journey-api", "ours-PostgreSQL", "Fiber", "usual-chain", "FastAPI"

// program is one that is measured: a shell line that starts it on $API_PORT, with its metrics on $METRICS_ADDR.
type program struct{ name, script string }

// programs are those that are there. The first is what the others are compared with.
func programs() []program {
	all := []program{
		{ours, `exec "$ROOT/bin/journey-api" serve`},
		{bareFiber, `exec "$ROOT/bin/rival" bare`},
		{chain, `exec "$ROOT/bin/rival" usual`},
	}
	if *postgres != "" { // an embedded database gets the demo bank by itself
		all = append(all, program{onPostgres, `export DATABASE_URL="$POSTGRES"
			"$ROOT/bin/journey-api" demo --students 0 >/dev/null && exec "$ROOT/bin/journey-api" serve`})
	}
	if *postgres != "" && *python != "" { // the script makes its tables
		all = append(all, program{fastAPI, `export DATABASE_URL="$POSTGRES" PYTHONDONTWRITEBYTECODE=1
			"$PYTHON" "$ROOT/bench/peers/practice.py" && exec "$PYTHON" -m uvicorn --app-dir "$ROOT/bench/peers" practice:app \
			--workers $(nproc) --host 127.0.0.1 --port $API_PORT --timeout-keep-alive 600`})
	}
	return all
}

// server is a program that runs.
type server struct {
	*process.Server
	log *os.File
}

// start starts a program, with more in its environment, until b ends. The service has everything on and no Neo4j. Nobody
// here reaches the rate limits: what is measured is the counting.
func (p program) start(b *testing.B, more ...string) *server {
	folder := b.TempDir() // without a .env
	log, err := os.OpenFile(filepath.Join(folder, "log"), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		b.Fatal(err)
	}
	root, _ := filepath.Abs("..")
	project := standin.Supabase{Keys: portstest.JWKS(key.JWK())}
	more = append(more, "PATH="+os.Getenv("PATH"), "ROOT="+root, "POSTGRES="+*postgres, "PYTHON="+*python,
		"API_HOST=127.0.0.1", "DATABASE_URL=sqlite:journey.db", "BANK_OPEN=true",
		"SUPABASE_URL=http://"+project.Start(b), "SUPABASE_ANON_KEY=anon-key", "SUPABASE_SERVICE_ROLE_KEY=service-role-key",
		"SUPABASE_JWT_SECRET="+secret, "JWT_SECRET="+secret, // the second is for the others
		"NEO4J_URI=bolt://127.0.0.1:1", "NEO4J_USERNAME=neo4j", "NEO4J_PASSWORD=bench-password",
		"RATE_LIMIT=60000000", "FAILED_SIGN_IN_LIMIT=60000000")
	line := []string{"sh", "-c", p.script}
	if *pin {
		line = append([]string{"taskset", "-c", "0"}, line...) // Go and nproc count one processor then
	}
	return &server{process.Serve(b, func(port, metrics string) *exec.Cmd {
		command := exec.Command(line[0], line[1:]...)
		command.Dir, command.Stdout = folder, log
		command.Env = append([]string{"API_PORT=" + port, "METRICS_ADDR=" + metrics}, more...)
		return command
	}), log}
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
