package apitest

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/health"
	"github.com/journey-os/journey-api/internal/testkit/contract"
	"github.com/journey-os/journey-api/internal/testkit/document"
	"github.com/journey-os/journey-api/ports"
	"github.com/journey-os/journey-api/ports/portstest"
)

// Origin is the only listed CORS origin.
const Origin = "http://localhost:3000"

// Options are the options of a test's server.
type Options struct {
	Config   httpapi.Config
	Verifier ports.TokenVerifier
	Checkers []ports.HealthChecker
	Required []string
	Engines  []httpapi.Routes
	Level    slog.Level
	Diagnose func() httpapi.Diagnostics
	Observe  func(httpapi.Observation)
	SignIn   func(core.Role) (httpapi.SignedIn, error)
	Traces   trace.TracerProvider
}

// API is a server under test, answering on loopback until its test ends.
type API struct {
	Server  *httpapi.Server
	Address string
	Log     *Log
	Client  *http.Client
	// Document is the OpenAPI document of the server.
	Document document.Document

	t        *testing.T
	contract contract.Contract // which every reply is checked against
}

// Start runs a server with its dependencies up, no engine, and the callers of Callers.
func Start(t *testing.T, change ...func(*Options)) *API {
	t.Helper()
	o := Options{
		Config: httpapi.Config{
			Version:        "1.2.3",
			CORSOrigins:    []string{Origin, "http://localhost:3001"},
			DocsEnabled:    true,
			MaxBodyBytes:   1 << 20,
			MaxHeaderBytes: 16 << 10,
			MaxInFlight:    64,
			RequestTimeout: 10 * time.Second,
			ReadTimeout:    10 * time.Second,
			WriteTimeout:   15 * time.Second,
			IdleTimeout:    60 * time.Second,
		},
		Verifier: Verifier(),
		Checkers: []ports.HealthChecker{portstest.Neo4jUp(), portstest.SupabaseUp()},
		Level:    slog.LevelDebug,
		Diagnose: func() httpapi.Diagnostics { return httpapi.Diagnostics{} },
	}
	for _, apply := range change {
		apply(&o)
	}
	log := &Log{}
	server, err := httpapi.New(o.Config, httpapi.Dependencies{
		Verifier: o.Verifier,
		Health:   runMonitor(t, o),
		Log:      slog.NewJSONHandler(log, &slog.HandlerOptions{Level: o.Level}),
		Diagnose: o.Diagnose,
		Observe:  o.Observe,
		SignIn:   o.SignIn,
		Traces:   o.Traces,
	}, o.Engines...)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	transport := &http.Transport{MaxIdleConnsPerHost: 16}
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
	described := load(t, server)
	promised := contract.Contract{Document: described, Origins: o.Config.CORSOrigins}
	return &API{
		t: t, Server: server, Address: listener.Addr().String(), Log: log, Document: described,
		contract: promised,
		Client: &http.Client{
			Transport: contract.Transport{
				RoundTripper: transport, Host: listener.Addr().String(), Contract: promised, Fault: func(err error) { t.Error(err) },
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

func runMonitor(t *testing.T, o Options) *health.Monitor {
	t.Helper()
	monitor, err := health.NewMonitor(health.Config{
		Version: o.Config.Version, Interval: time.Hour, Timeout: time.Minute, Now: time.Now, Required: o.Required,
	}, o.Checkers...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan struct{})
	go func() { monitor.Run(ctx); close(ended) }()
	t.Cleanup(func() { cancel(); <-ended })
	return monitor
}

// load returns the server's own OpenAPI document.
func load(t *testing.T, server *httpapi.Server) document.Document {
	t.Helper()
	text, err := server.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := document.Load(text)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}
