package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/document"
	"github.com/journey-os/journey-api/ports/portstest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		goleak.Cleanup(func(code int) {
			if binaryFolder != "" {
				_ = os.RemoveAll(binaryFolder)
			}
			os.Exit(code)
		}),
		// fasthttp keeps one clock for the process, once a server has run.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
	)
}

// refused is an address on which nobody listens, so that both dependencies are absent.
const refused = "127.0.0.1:1"

// environment has every required setting, and both dependencies absent.
func environment() map[string]string {
	return map[string]string{
		"SUPABASE_URL":              "http://" + refused,
		"SUPABASE_ANON_KEY":         "anon-key-of-the-tests",
		"SUPABASE_SERVICE_ROLE_KEY": "service-role-key-of-the-tests",
		"SUPABASE_JWT_SECRET":       portstest.Secret,
		"NEO4J_URI":                 "bolt://" + refused,
		"NEO4J_USERNAME":            "neo4j",
		"NEO4J_PASSWORD":            "password-of-the-tests",
		"API_HOST":                  "127.0.0.1",
		"API_PORT":                  "0",
	}
}

func loadSettings(t *testing.T, change map[string]string) config.Loaded {
	t.Helper()
	values := environment()
	maps.Copy(values, change)
	loaded, err := config.Load(values, config.Source{})
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// running is the whole service, in this process.
type running struct {
	t       *testing.T
	url     string
	log     *syncBuffer
	signals chan os.Signal
	ended   chan error
	client  *http.Client
	// pages are the operators' own, by the name that the log gives their addresses.
	pages map[string]string
}

// boot starts the service on a port of its own and stops it with the test. What its client is answered is held against the
// OpenAPI document.
func boot(t *testing.T, change map[string]string) *running {
	t.Helper()
	log := &syncBuffer{}
	loaded := loadSettings(t, change)
	traced, warnings := readTraceSettings(change)
	if len(warnings) > 0 {
		t.Fatal(warnings)
	}
	app, err := newApp(loaded, traced, newLogger(log, loaded.Settings.Log), func(core.Dependency) {})
	if err != nil {
		t.Fatal(err)
	}
	if err := app.operators.open(); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", loaded.Settings.HTTP.Address())
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	described := loadDocument(t)
	r := &running{
		t: t, url: "http://" + listener.Addr().String(), log: log,
		signals: make(chan os.Signal, 2), ended: make(chan error, 1),
		client: &http.Client{Transport: document.Transport{RoundTripper: transport, Host: listener.Addr().String(), Document: described, Fault: func(err error) { t.Error(err) }}},
		pages:  map[string]string{},
	}
	for _, page := range app.operators.pages {
		r.pages[page.name] = "http://" + page.listener.Addr().String()
	}
	go func() { r.ended <- app.run(listener, r.signals) }()
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		select {
		case r.signals <- syscall.SIGTERM:
		default:
		}
		if err, open := <-r.ended; open && err != nil {
			t.Errorf("ended with %v", err)
		}
	})
	return r
}

// loadDocument is the OpenAPI document of the service, as its subcommand prints it.
func loadDocument(t *testing.T) document.Document {
	t.Helper()
	code, stdout, stderr := run(t, nil, "openapi")
	if code != exitOK {
		t.Fatal(stderr)
	}
	loaded, err := document.Load([]byte(stdout))
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// dial opens a connection of the test's own, which is closed with the test.
func (r *running) dial() net.Conn {
	r.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// hang has a connection accepted on which the end of the request does not come.
func (r *running) hang() {
	r.t.Helper()
	if _, err := io.WriteString(r.dial(), "GET /health/live HTTP/1.1\r\n"); err != nil {
		r.t.Fatal(err)
	}
	r.get("/health/live") // so that the connection before it was accepted
}

// serve lets a server answer on a port of its own until the test ends, and returns its URL.
func serve(t *testing.T, server *httpapi.Server) (url string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		if err := server.Shutdown(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return "http://" + listener.Addr().String()
}

// stop sends a signal, and wait returns how the service ended.
func (r *running) stop() { r.signals <- syscall.SIGTERM }

// stopAgain sends a second signal, late enough not to be taken for the first.
func (r *running) stopAgain() {
	<-time.After(signalsTogether)
	r.stop()
}

func (r *running) wait() error {
	r.t.Helper()
	select {
	case err := <-r.ended:
		close(r.ended)
		return err
	case <-time.After(30 * time.Second):
		r.t.Fatal("the service did not end")
		return nil
	}
}

// answer is a reply with its envelope taken apart.
type answer struct {
	Status int
	Header http.Header
	Data   map[string]any
	Code   string
	Reason string
	Body   string
}

// get asks with these Authorization headers.
func (r *running) get(path string, authorization ...string) answer {
	r.t.Helper()
	asked, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, r.url+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	asked.Header["Authorization"] = authorization
	response, err := r.client.Do(asked)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	var envelope struct {
		Data  map[string]any
		Error struct{ Code string }
		Meta  struct{ Reason string }
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		r.t.Fatalf("no envelope: %v in %q", err, body)
	}
	return answer{
		Status: response.StatusCode, Header: response.Header, Body: string(body),
		Data: envelope.Data, Code: envelope.Error.Code, Reason: envelope.Meta.Reason,
	}
}

// me asks /api/me with a bearer token.
func (r *running) me(token string) answer { r.t.Helper(); return r.get("/api/me", "Bearer "+token) }

// waitFor reads the log until it holds text.
func (r *running) waitFor(text string) {
	r.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		if strings.Contains(r.log.String(), text) {
			return
		}
	}
	r.t.Fatalf("%q is not in the log:\n%s", text, r.log)
}

// run executes a subcommand to its end.
func run(t *testing.T, environment map[string]string, arguments ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errors bytes.Buffer
	code = execute(process{arguments: arguments, environment: environment, stdout: &out, stderr: &errors})
	return code, out.String(), errors.String()
}

// syncBuffer can be read while it is written.
type syncBuffer struct {
	lock  sync.Mutex
	bytes bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.lock.Lock()
	defer b.lock.Unlock()
	return b.bytes.Write(p)
}

func (b *syncBuffer) String() string {
	b.lock.Lock()
	defer b.lock.Unlock()
	return b.bytes.String()
}
