package supabasedb_test

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/adapters/supabasedb"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports"
	"github.com/journey-os/journey-api/ports/portstest"
)

var quiet = log.New(io.Discard, "", 0)

func TestHealthContract(t *testing.T) {
	t.Parallel()
	portstest.HealthCheckerSuite(t, portstest.HealthCheckerFixture{
		Name: "supabase",
		New: func(t *testing.T, address string) (ports.HealthChecker, func()) {
			client := newClient(t, settings("http://"+address))
			return client, client.Close
		},
		Start: func(_ *testing.T, listener net.Listener) func() {
			server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: asPostgREST(replying(200, "{}"))}}
			server.Start()
			return server.Close
		},
	})
}

func TestHealthAsksForTheConfiguredPath(t *testing.T) {
	t.Parallel()
	var got string
	config := settings(serve(t, func(_ http.ResponseWriter, r *http.Request) { got = r.Method + " " + r.URL.String() }))
	config.HealthPath = "/rest/v1/items?limit=1"
	if err := newClient(t, config).Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := "GET /rest/v1/items?limit=1"; got != want {
		t.Errorf("it asked %q, want %q", got, want)
	}
}

func TestHealthWords(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]core.Fault{
		200: "", 204: "", 206: "",
		301: core.FaultServerError, 302: core.FaultServerError, 308: core.FaultServerError,
		400: core.FaultServerError, 404: core.FaultUnreachable, 429: core.FaultServerError,
		401: core.FaultCredentialsRejected, 403: core.FaultCredentialsRejected,
		500: core.FaultServerError, 502: core.FaultServerError, 503: core.FaultServerError,
	} {
		t.Run(fmt.Sprintf("status %d is %q", status, want), func(t *testing.T) {
			err := newClient(t, settings(serve(t, replying(status, "")))).Check(t.Context())
			if got := core.FaultOf(err); got != want {
				t.Errorf("fault %q, want %q (%v)", got, want, err)
			}
		})
	}
}

func TestOnlyPostgRESTItselfIsWell(t *testing.T) {
	for name, test := range map[string]struct {
		header map[string]string
		isWell bool
	}{
		"its root":                         {map[string]string{"Content-Type": "application/openapi+json; charset=utf-8"}, true},
		"rows of a table":                  {map[string]string{"Content-Type": "application/json; charset=utf-8", "Content-Range": "0-24/*"}, true},
		"no rows":                          {map[string]string{"Content-Type": "application/json; charset=utf-8", "Content-Range": "*/*"}, true},
		"rows, counted":                    {map[string]string{"Content-Type": "application/json; charset=utf-8", "Content-Range": "0-0/3573458"}, true},
		"the result of a function":         {map[string]string{"Content-Type": "text/plain; charset=utf-8", "Content-Range": "0-0/*"}, true},
		"a page of HTML":                   {map[string]string{"Content-Type": "text/html; charset=utf-8"}, false},
		"somebody else's JSON":             {map[string]string{"Content-Type": "application/json"}, false},
		"somebody else's OpenAPI document": {map[string]string{"Content-Type": "application/vnd.oai.openapi+json"}, false},
		"a part of a file":                 {map[string]string{"Content-Type": "text/html", "Content-Range": "bytes 0-24/100"}, false},
		"nothing":                          {map[string]string{"Content-Type": ""}, false},
	} {
		t.Run(name, func(t *testing.T) {
			err := newClient(t, settings(serve(t, func(w http.ResponseWriter, _ *http.Request) {
				for name, value := range test.header {
					w.Header().Set(name, value)
				}
				_, _ = io.WriteString(w, "<title>hunter2</title>")
			}))).Check(t.Context())
			want := core.FaultServerError
			if test.isWell {
				want = ""
			}
			if got := core.FaultOf(err); got != want {
				t.Errorf("fault %q, want %q (%v)", got, want, err)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error quotes the reply: %v", err)
			}
		})
	}
}

func TestHealthSaysWhoAsks(t *testing.T) {
	var got string
	config := settings(serve(t, func(_ http.ResponseWriter, r *http.Request) { got = r.UserAgent() }))
	config.UserAgent = "journey-api/1.2.3"
	client := newClient(t, config)
	if err := client.Check(t.Context()); err != nil || got != "journey-api/1.2.3" {
		t.Errorf("%q asked, %v", got, err)
	}
	got = ""
	if err := client.Call(t.Context(), "now", nil, nil); err != nil || got != "journey-api/1.2.3" {
		t.Errorf("%q called, %v", got, err)
	}
}

func TestHealthWordsForTheNetwork(t *testing.T) {
	t.Parallel()
	strange := httptest.NewUnstartedServer(replying(200, "{}"))
	strange.Config.ErrorLog = quiet
	strange.StartTLS()
	t.Cleanup(strange.Close)
	plain := serve(t, replying(200, "{}"))
	for _, test := range []struct {
		name   string
		config supabasedb.Config
		want   core.Fault
	}{
		{"a certificate of nobody known", settings(strange.URL), core.FaultTLSFailed},
		{"no TLS where TLS is asked for", settings("https" + plain[len("http"):]), core.FaultTLSFailed},
		{"a name that nobody has", withTransport("http://nowhere.example", func(*http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}
		}), core.FaultHostNotFound},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := newClient(t, test.config).Check(t.Context())
			if got := core.FaultOf(err); got != test.want {
				t.Errorf("fault %q, want %q (%v)", got, test.want, err)
			}
		})
	}
}

func TestHealthUsesOneConnectionAgainAndAgain(t *testing.T) {
	t.Parallel()
	var opened int
	server := httptest.NewUnstartedServer(asPostgREST(replying(200, fmt.Sprintf("%*s", 300<<10, ""))))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened++
		}
	}
	server.Start()
	client := newClient(t, settings(server.URL))
	for range 5 {
		if err := client.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	client.Close()
	server.Close()
	if opened != 1 {
		t.Errorf("%d connections, want 1", opened)
	}
}
