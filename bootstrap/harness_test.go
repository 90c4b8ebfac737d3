package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/journey-os/journey-api/bootstrap/app"
	"github.com/journey-os/journey-api/bootstrap/cli"
	"github.com/journey-os/journey-api/internal/testkit/contract"
	"github.com/journey-os/journey-api/internal/testkit/document"
	"github.com/journey-os/journey-api/internal/testkit/environment"
	"github.com/journey-os/journey-api/internal/testkit/goroutines"
	"github.com/journey-os/journey-api/internal/testkit/process"
	"github.com/journey-os/journey-api/internal/testkit/wait"
)

func TestMain(m *testing.M) {
	ignored := goroutines.OfFasthttp()
	goleak.VerifyTestMain(goroutines.Patient(m, ignored...), append(ignored, goleak.Cleanup(func(code int) {
		if binaryFolder != "" {
			_ = os.RemoveAll(binaryFolder)
		}
		os.Exit(code)
	}))...)
}

// refused is an address on which nobody listens, so that both dependencies are absent.
const refused = environment.Refused

// keysPath is where a Supabase project publishes the keys that it signs access tokens with.
const keysPath = "/auth/v1/.well-known/jwks.json"

// running is the whole service, in this process.
type running struct {
	t   *testing.T
	url string
	log *process.Output
	// stop and stopAgain are what the first signal does, and another.
	stop, stopAgain context.CancelFunc
	ended           chan error
	client          *http.Client
	// pages are the operators' own, by the name that the log gives their addresses.
	pages map[string]string
}

// boot starts the service on a port of its own and stops it with the test. What its client is answered is held against the
// OpenAPI document.
func boot(t *testing.T, change map[string]string) *running {
	t.Helper()
	return bootWith(t, app.Config{Loaded: environment.Load(t, change), Environment: change})
}

// bootWith starts the service that is described so. Its database, if it is a new file, has its schema already.
func bootWith(t *testing.T, config app.Config) *running {
	t.Helper()
	environment.Migrated(t, config.Loaded.Settings.Database)
	return bootOn(t, config)
}

// bootOn starts the service on the database as it is, or on none.
func bootOn(t *testing.T, config app.Config) *running {
	t.Helper()
	log := &process.Output{}
	config.Version, config.Log = cmp.Or(config.Version, version), log
	var service *app.App
	var err error
	wait.For(func() bool { // a service that a busy machine did not let close in time has the file until it has closed
		service, err = app.New(config)
		return err == nil || !strings.Contains(err.Error(), "another journey-api serves from this database")
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := service.Listen(); err != nil {
		t.Fatal(err)
	}
	address := service.Address().String()
	transport := &http.Transport{}
	promised := contract.Contract{Document: loadDocument(t), Origins: config.Loaded.Settings.HTTP.CORSOrigins}
	stop, endStop := context.WithCancel(context.WithoutCancel(t.Context()))
	hurry, endHurry := context.WithCancel(context.WithoutCancel(t.Context()))
	r := &running{
		t: t, url: "http://" + address, log: log,
		stop: func() {
			transport.CloseIdleConnections() // they would be waited for
			endStop()
		}, stopAgain: endHurry, ended: make(chan error, 1),
		client: &http.Client{Transport: contract.Transport{RoundTripper: transport, Host: address, Contract: promised, Fault: func(err error) { t.Error(err) }}},
		pages:  map[string]string{},
	}
	for name, page := range service.Pages() {
		r.pages[name] = "http://" + page.String()
	}
	go func() { r.ended <- service.Run(stop, hurry) }()
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		endStop()
		if err, open := <-r.ended; open && err != nil {
			t.Errorf("ended with %v", err)
		}
		endHurry()
	})
	return r
}

// loadDocument is the OpenAPI document of the service, as its subcommand prints it.
func loadDocument(t *testing.T) document.Document {
	t.Helper()
	loaded, err := printedDocument()
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

var printedDocument = sync.OnceValues(func() (document.Document, error) {
	code, stdout, stderr := run(nil, "openapi")
	if code != cli.ExitOK {
		return document.Document{}, errors.New(stderr)
	}
	return document.Load([]byte(stdout))
})

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

// wait returns how the service ended.
func (r *running) wait() error {
	r.t.Helper()
	select {
	case err := <-r.ended:
		close(r.ended)
		return err
	case <-time.After(2 * wait.Limit):
		r.t.Fatal("the service did not end")
		return nil
	}
}

// answer is a reply with its envelope taken apart.
type answer struct {
	contract.Reply
	Data         map[string]any
	Code, Reason string
}

// exchange sends a request and returns the reply with its whole body.
func (r *running) exchange(asked contract.Request) contract.Reply {
	r.t.Helper()
	got, err := asked.Do(r.t.Context(), r.client, r.url)
	if err != nil {
		r.t.Fatal(err)
	}
	return got
}

// request sends a request without a body.
func (r *running) request(method, path, token string) (status int, body string) {
	r.t.Helper()
	got := r.exchange(contract.Request{Method: method, Path: path, Token: token})
	return got.Status, got.Body
}

// post sends a JSON body.
func (r *running) post(path, token, body string) (status int, reply string) {
	r.t.Helper()
	got := r.exchange(contract.Request{Method: http.MethodPost, Path: path, Token: token, Body: body})
	return got.Status, got.Body
}

// get asks with these Authorization headers.
func (r *running) get(path string, authorization ...string) answer {
	r.t.Helper()
	got := r.exchange(contract.Request{Path: path, Header: http.Header{"Authorization": authorization}})
	var envelope struct {
		Data  map[string]any
		Error struct{ Code string }
		Meta  struct{ Reason string }
	}
	if err := json.Unmarshal([]byte(got.Body), &envelope); err != nil {
		r.t.Fatalf("no envelope: %v in %q", err, got.Body)
	}
	return answer{Reply: got, Data: envelope.Data, Code: envelope.Error.Code, Reason: envelope.Meta.Reason}
}

// me asks /api/me with a bearer token.
func (r *running) me(token string) answer { r.t.Helper(); return r.get("/api/me", "Bearer "+token) }

// waitFor reads the log until it holds text.
func (r *running) waitFor(text string) {
	r.t.Helper()
	if !wait.For(func() bool { return strings.Contains(r.log.String(), text) }) {
		r.t.Fatalf("%q is not in the log:\n%s", text, r.log)
	}
}

// run executes a subcommand to its end.
func run(environment map[string]string, arguments ...string) (code int, stdout, stderr string) {
	var out, errors bytes.Buffer
	code = cli.Execute(cli.Process{Version: version, Arguments: arguments, Environment: environment, Stdout: &out, Stderr: &errors})
	return code, out.String(), errors.String()
}
