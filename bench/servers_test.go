package bench

import (
	"context"
	"crypto/rand"
	"flag"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/valyala/fasthttp"

	"github.com/journey-os/journey-api/internal/testkit/process"
	"github.com/journey-os/journey-api/internal/testkit/standin"
	"github.com/journey-os/journey-api/ports/portstest"
)

var pin = flag.Bool("pin", true, "one processor for each server")

// All servers take tokens of one Supabase project. Those of run's students differ in their payload.
var (
	run    = rand.Text()
	secret = rand.Text() + rand.Text()
	key    = portstest.NewES256Key("bench")
	claims = portstest.RealSizedClaims(time.Now()).JSON()
)

const (
	// connections is how many requests of good callers wait at any time.
	connections = 64
	// floodRate is forged tokens a second. floodConnections are more than the requests that the service serves at once: were
	// a flood made to wait without a limit, nobody else would be served.
	floodRate, floodConnections = 5_000, 1_100
)

const ours, onPostgres, bareFiber, chain, fastAPI = "journey-api", "ours-PostgreSQL", "Fiber", "usual-chain", "FastAPI"

// program is one that is measured: a shell line that starts it on $API_PORT, with its metrics on $METRICS_ADDR.
type program struct{ name, script string }

// programs are those that can be measured. The first is what the others are compared with.
func programs() []program {
	all := []program{
		{ours, `exec "$ROOT/bin/journey-api" serve`},
		{bareFiber, `exec "$ROOT/bin/rival" bare`},
		{chain, `exec "$ROOT/bin/rival" usual`},
		// An embedded database gets the demo bank by itself.
		{onPostgres, `export DATABASE_URL="$BENCH_POSTGRES"
			"$ROOT/bin/journey-api" demo --students 0 >/dev/null && exec "$ROOT/bin/journey-api" serve`},
		// The script makes its tables.
		{fastAPI, `export DATABASE_URL="$BENCH_POSTGRES" PYTHONDONTWRITEBYTECODE=1
			"$PEER_PYTHON" "$ROOT/bench/peers/practice.py" && exec "$PEER_PYTHON" -m uvicorn --app-dir "$ROOT/bench/peers" \
			practice:app --workers $(nproc) --host 127.0.0.1 --port $API_PORT --timeout-keep-alive 600`},
	}
	if os.Getenv("BENCH_POSTGRES") == "" {
		return all[:3]
	}
	return all
}

// start starts a program, with more in its environment, until b ends. The service has everything on and no Neo4j. Nobody
// here reaches the rate limits: what is measured is the counting.
func (p program) start(b *testing.B, more ...string) *process.Server {
	folder := b.TempDir() // without a .env
	log, err := os.OpenFile(filepath.Join(folder, "log"), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		b.Fatal(err)
	}
	root, _ := filepath.Abs("..")
	project := standin.Supabase{Keys: func() string { return portstest.JWKS(key.JWK()) }}
	more = append(more, "PATH="+os.Getenv("PATH"), "ROOT="+root, "API_HOST=127.0.0.1",
		"BENCH_POSTGRES="+os.Getenv("BENCH_POSTGRES"), "PEER_PYTHON="+os.Getenv("PEER_PYTHON"),
		"DATABASE_URL=sqlite:journey.db", "BANK_OPEN=true",
		"SUPABASE_URL=http://"+project.Start(b), "SUPABASE_ANON_KEY=anon-key", "SUPABASE_SERVICE_ROLE_KEY=service-role-key",
		"SUPABASE_JWT_SECRET="+secret, "JWT_SECRET="+secret, // the second is for the others
		"NEO4J_URI=bolt://127.0.0.1:1", "NEO4J_USERNAME=neo4j", "NEO4J_PASSWORD=bench-password",
		"RATE_LIMIT=60000000", "FAILED_SIGN_IN_LIMIT=60000000")
	line := []string{"sh", "-c", p.script}
	if *pin {
		line = append([]string{"taskset", "-c", "0"}, line...) // Go and nproc count one processor then
	}
	return process.Serve(b, func(port, metrics string) *exec.Cmd {
		command := exec.Command(line[0], line[1:]...)
		command.Dir, command.Stdout = folder, log
		command.Env = append([]string{"API_PORT=" + port, "METRICS_ADDR=" + metrics}, more...)
		return command
	})
}

// ask asks once, on none of the load's connections.
func ask(b *testing.B, s *process.Server, next source) string {
	var request fasthttp.Request
	var response fasthttp.Response
	next(connections, &request, &response)
	request.SetHost(s.Address)
	if err := fasthttp.Do(&request, &response); err != nil || response.StatusCode() >= http.StatusBadRequest {
		b.Fatalf("%v: %s", err, response.String())
	}
	return string(response.Body())
}

// load keeps so many connections busy until ctx ends or all requests are sent. A reply has to have one of the statuses;
// those with the first are counted, in microseconds. It sends by fasthttp's client: vegeta's needs three times the
// processor for a request, 88 µs beside 26, and the load would be slower than what it measures.
func load(
	ctx context.Context, b *testing.B, s *process.Server, next source, readers, requests int, statuses ...int,
) *hdrhistogram.Histogram {
	client := &fasthttp.HostClient{Addr: s.Address, MaxConns: readers, ReadTimeout: time.Minute, MaxIdemponentCallAttempts: 1}
	defer client.CloseIdleConnections()
	latency := hdrhistogram.New(1, time.Minute.Microseconds(), 3)
	var sent atomic.Int64
	var sending sync.WaitGroup
	var lock sync.Mutex
	for connection := range readers {
		sending.Go(func() {
			var request fasthttp.Request
			var response fasthttp.Response
			for ctx.Err() == nil && sent.Add(1) <= int64(requests) {
				request.Reset()
				next(connection, &request, &response)
				request.SetHost("localhost")
				began := time.Now()
				err := client.Do(&request, &response)
				took := time.Since(began).Microseconds()
				if err != nil || len(response.Body()) == 0 || !slices.Contains(statuses, response.StatusCode()) {
					b.Errorf("%s: %v: %.500s", request.URI().Path(), err, response.String())
					return
				}
				if response.StatusCode() == statuses[0] {
					lock.Lock()
					_ = latency.RecordValue(max(1, took)) // the client's time-out bounds it
					lock.Unlock()
				}
			}
		})
	}
	sending.Wait()
	return latency
}

// flood sends each forged token when it is due at floodRate, or as soon after that as a connection is free, until ctx
// ends. Each has to be refused: with a 401, or a 503 if the service has no time for it.
func flood(ctx context.Context, b *testing.B, s *process.Server, forge func() string) {
	began := time.Now()
	var made atomic.Int64
	attack := get("/api/me", forge)
	load(ctx, b, s, func(connection int, to *fasthttp.Request, reply *fasthttp.Response) {
		time.Sleep(time.Until(began.Add(time.Duration(made.Add(1)) * time.Second / floodRate)))
		attack(connection, to, reply)
	}, floodConnections, math.MaxInt, http.StatusUnauthorized, http.StatusServiceUnavailable)
	b.ReportMetric(float64(made.Load())/time.Since(began).Seconds(), "refused/s")
}
