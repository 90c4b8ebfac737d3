package httpapi_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core"
	corehealth "github.com/journey-os/journey-api/core/health"
	"github.com/journey-os/journey-api/internal/testkit/document"
	"github.com/journey-os/journey-api/internal/testkit/wait"
	"github.com/journey-os/journey-api/ports"
	"github.com/journey-os/journey-api/ports/portstest"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// fasthttp keeps one clock for the process, once a server has run.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
	)
}

// origin is listed; every other origin is not.
const origin = "http://localhost:3000"

// options is what a test changes about its server.
type options struct {
	config   httpapi.Config
	verifier ports.TokenVerifier
	checkers []core.HealthChecker
	required []string
	engines  []httpapi.Routes
	level    slog.Level
	observe  func(httpapi.Observation)
	traces   trace.TracerProvider
}

// service is a server under test, answering on loopback.
type service struct {
	t       *testing.T
	server  *httpapi.Server
	address string
	log     *logBuffer
	client  *http.Client
	// document is what every reply is held against.
	document document.Document
}

// start runs a server with both dependencies up, the example engine, and callers whose token is their name.
func start(t *testing.T, change ...func(*options)) *service {
	t.Helper()
	o := options{
		config: httpapi.Config{
			Version:        "1.2.3",
			CORSOrigins:    []string{origin, "http://localhost:3001"},
			DocsEnabled:    true,
			MaxBodyBytes:   1 << 20,
			MaxHeaderBytes: 16 << 10,
			MaxInFlight:    64,
			RequestTimeout: 10 * time.Second,
			ReadTimeout:    10 * time.Second,
			WriteTimeout:   15 * time.Second,
			IdleTimeout:    60 * time.Second,
		},
		verifier: knownCallers(),
		checkers: []core.HealthChecker{portstest.Neo4jUp(), portstest.SupabaseUp()},
		engines:  []httpapi.Routes{exampleRoutes},
		level:    slog.LevelDebug,
	}
	for _, apply := range change {
		apply(&o)
	}
	log := &logBuffer{}
	server, err := httpapi.New(o.config, httpapi.Dependencies{
		Verifier: o.verifier,
		Health:   runMonitor(t, o),
		Log:      slog.NewJSONHandler(log, &slog.HandlerOptions{Level: o.level}),
		Diagnose: diagnose,
		Observe:  o.observe,
		Traces:   o.traces,
	}, o.engines...)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	transport := &http.Transport{}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			t.Errorf("shut down: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return &service{
		t: t, server: server, address: listener.Addr().String(), log: log, document: loadDocument(t, server),
		client: &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

func runMonitor(t *testing.T, o options) *corehealth.Monitor {
	t.Helper()
	monitor, err := corehealth.NewMonitor(corehealth.Config{
		Version: o.config.Version, Interval: time.Hour, Timeout: time.Minute, Required: o.required,
	}, o.checkers...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan struct{})
	go func() { monitor.Run(ctx); close(ended) }()
	t.Cleanup(func() { cancel(); <-ended })
	return monitor
}

// callers are the verified callers, by token.
func callers() map[string]core.AuthTokenPayload {
	known := map[string]core.AuthTokenPayload{}
	for _, role := range core.Roles() {
		caller := core.AuthTokenPayload{
			Subject: "user-" + string(role), Email: string(role) + "@msm.edu", Role: role, InstitutionID: "own",
			Audience: "authenticated", ExpiresAt: time.Unix(1740000000, 0), IssuedAt: time.Unix(1739996400, 0),
		}
		known[string(role)] = caller
		caller.IsCourseDirector = true
		known[string(role)+"-director"] = caller
	}
	return known
}

// expiredToken is one whose time is over; every other that callers does not list is forged.
const expiredToken = "expired"

func knownCallers() ports.TokenVerifier {
	known := portstest.VerifierOf(callers())
	return &portstest.TokenVerifierMock{
		VerifyFunc: func(ctx context.Context, token string) (core.AuthTokenPayload, error) {
			if token == expiredToken {
				return core.AuthTokenPayload{}, core.NewAuthenticationError(core.ReasonTokenExpired, "The token has expired")
			}
			return known.Verify(ctx, token)
		},
	}
}

// reply is what came back.
type reply struct {
	Status int
	Header http.Header
	Body   string
	// Closes says that the server closes the connection behind it.
	Closes bool
}

// data decodes the success envelope's data into into, and refuses a body that is no success envelope.
func (r reply) data(t *testing.T, into any) {
	t.Helper()
	var envelope struct {
		Data  json.RawMessage
		Error any
	}
	if err := json.Unmarshal([]byte(r.Body), &envelope); err != nil || envelope.Error != nil {
		t.Fatalf("no success envelope: %v in %s", err, r.Body)
	}
	if err := json.Unmarshal(envelope.Data, into); err != nil {
		t.Fatal(err)
	}
}

// failed is a failure envelope, less its correlation id.
type failed struct {
	Status     int
	Code       string
	Message    string
	Reason     string
	Violations []map[string]string
}

// failure reads the failure envelope and checks what every failure has.
func (r reply) failure(t *testing.T) failed {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(r.Body))
	decoder.DisallowUnknownFields()
	var envelope struct {
		Data  any `json:"data"`
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
		Meta struct {
			CorrelationID string              `json:"correlation_id"`
			Reason        string              `json:"reason"`
			Violations    []map[string]string `json:"violations"`
		} `json:"meta"`
	}
	if err := decoder.Decode(&envelope); err != nil {
		t.Fatalf("no failure envelope: %v in %q", err, r.Body)
	}
	if envelope.Data != nil || !strings.HasPrefix(r.Body, `{"data":null,`) {
		t.Errorf("data is not null in %s", r.Body)
	}
	if got := r.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type is %q", got)
	}
	if id := r.Header.Get("X-Correlation-ID"); id == "" || id != envelope.Meta.CorrelationID {
		t.Errorf("the header's correlation id is %q, the envelope's %q", id, envelope.Meta.CorrelationID)
	}
	return failed{
		Status: r.Status, Code: envelope.Error.Code, Message: envelope.Error.Message,
		Reason: envelope.Meta.Reason, Violations: envelope.Meta.Violations,
	}
}

// request is what to ask. Token is sent as a bearer token where it is not empty.
type request struct {
	Method, Path, Token, Body string
	Header                    http.Header
}

// do asks, over a kept connection.
func (s *service) do(r request) reply {
	s.t.Helper()
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	var body io.Reader
	if r.Body != "" {
		body = strings.NewReader(r.Body)
	}
	asked, err := http.NewRequestWithContext(s.t.Context(), r.Method, "http://"+s.address+r.Path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	maps.Copy(asked.Header, r.Header)
	if r.Token != "" {
		asked.Header.Set("Authorization", "Bearer "+r.Token)
	}
	if r.Body != "" && asked.Header.Get("Content-Type") == "" {
		asked.Header.Set("Content-Type", "application/json")
	}
	response, err := s.client.Do(asked)
	if err != nil {
		s.t.Fatal(err)
	}
	got := read(s.t, response)
	s.check(asked, got)
	return got
}

// get is do for the plainest request.
func (s *service) get(path string) reply { s.t.Helper(); return s.do(request{Path: path}) }

// raw writes bytes on a connection of its own and reads one reply.
func (s *service) raw(bytes string) reply {
	s.t.Helper()
	conn := s.dial()
	if _, err := io.WriteString(conn, bytes); err != nil {
		s.t.Fatal(err)
	}
	got := readRaw(s.t, conn)
	if asked, err := http.ReadRequest(bufio.NewReader(strings.NewReader(bytes))); err == nil {
		s.check(asked, got)
	}
	return got
}

// check holds a reply against the document.
func (s *service) check(asked *http.Request, got reply) {
	s.t.Helper()
	if err := s.document.Check(asked, got.Status, got.Header, []byte(got.Body)); err != nil {
		s.t.Error(err)
	}
}

// dial opens a connection that is closed with the test, and gives up after a while.
func (s *service) dial() net.Conn {
	s.t.Helper()
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		s.t.Fatal(err)
	}
	return conn
}

func readRaw(t *testing.T, conn net.Conn) reply {
	t.Helper()
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("no reply: %v", err)
	}
	return read(t, response)
}

func read(t *testing.T, response *http.Response) reply {
	t.Helper()
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{Status: response.StatusCode, Header: response.Header, Body: string(body), Closes: response.Close}
}

// logBuffer is a log that can be read while it is written.
type logBuffer struct {
	lock  sync.Mutex
	bytes bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.lock.Lock()
	defer b.lock.Unlock()
	return b.bytes.Write(p)
}

func (b *logBuffer) String() string {
	b.lock.Lock()
	defer b.lock.Unlock()
	return b.bytes.String()
}

// lines decodes every line written so far.
func (b *logBuffer) lines(t *testing.T) []map[string]any {
	t.Helper()
	var lines []map[string]any
	for line := range strings.Lines(b.String()) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatalf("no JSON line: %v in %q", err, line)
		}
		lines = append(lines, fields)
	}
	return lines
}

// line waits for the line with this correlation id: a line of a socket fault may come after its reply.
func (s *service) line(id string) map[string]any {
	s.t.Helper()
	var found map[string]any
	if !wait.For(func() bool {
		for _, line := range s.log.lines(s.t) {
			if line["correlation_id"] == id {
				found = line
			}
		}
		return found != nil
	}) {
		s.t.Fatalf("no log line for %q in:\n%s", id, s.log)
	}
	return found
}

// golden compares with a file in testdata, or writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-golden +got; go test -update writes it anew):\n%s", name, diff)
	}
}

// holdingVerifier says in arrived that a request came by, and holds it until release is closed.
func holdingVerifier(arrived chan<- struct{}, release <-chan struct{}) ports.TokenVerifier {
	known := knownCallers()
	return &portstest.TokenVerifierMock{
		VerifyFunc: func(ctx context.Context, token string) (core.AuthTokenPayload, error) {
			arrived <- struct{}{}
			<-release
			return known.Verify(ctx, token)
		},
	}
}
