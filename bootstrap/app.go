package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/adapters/jwtauth"
	"github.com/journey-os/journey-api/adapters/metrics"
	"github.com/journey-os/journey-api/adapters/neo4jdb"
	"github.com/journey-os/journey-api/adapters/supabasedb"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports"
)

// closeTimeout bounds what closing one adapter may take.
const closeTimeout = 2 * time.Second

// app is the service, put together.
type app struct {
	loaded   config.Loaded
	settings config.Settings
	log      logger
	traces   trace.TracerProvider // nil where nothing is traced
	verifier *jwtauth.Verifier
	neo4j    *neo4jdb.Client
	supabase *supabasedb.Client
	monitor  *core.Monitor
	server   *httpapi.Server
	// metrics is nil where nobody asks for them.
	metrics   *metrics.Recorder
	operators *operators
	cleanups  []cleanup
}

// cleanup gives back what an adapter holds; the last one built is closed first.
type cleanup struct {
	name  string
	close func(context.Context) error
}

// newApp builds every adapter from the settings and hands them to one another. It opens no connection and no port.
// dependencyKnown is told of each dependency's first state and of each change after it.
func newApp(loaded config.Loaded, traced traceSettings, log logger, dependencyKnown func(core.Dependency)) (built *app, err error) {
	settings := loaded.Settings
	a := &app{loaded: loaded, settings: settings, log: log, operators: &operators{log: log.Logger}}
	// Closed last of all: how the end goes can be watched to the end.
	a.cleanups = append(a.cleanups, cleanup{"operators' pages", a.operators.close})
	defer func() {
		if err != nil {
			a.close()
		}
	}()
	a.traces, err = a.openTraces(traced) // before who is traced, so that it is closed after them
	if err != nil {
		return nil, err
	}
	a.verifier, err = newVerifier(settings, log.Logger)
	if err != nil {
		return nil, err
	}
	checkers, err := a.openDependencies()
	if err != nil {
		return nil, err
	}
	a.prepareOperators(checkers)
	a.monitor, err = a.newMonitor(checkers, dependencyKnown)
	if err != nil {
		return nil, err
	}
	a.server, err = newServer(settings, httpapi.Dependencies{
		Verifier: a.verifier, Health: a.monitor, Log: log.Handler(), Diagnose: a.diagnose, Observe: a.observer(), Traces: a.traces,
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// openDependencies builds the clients of the outside world, and returns what can be asked for their health.
func (a *app) openDependencies() ([]ports.HealthChecker, error) {
	graph := a.settings.Neo4j
	neo4j, err := neo4jdb.New(neo4jdb.Config{
		URI:             graph.URI,
		Username:        graph.Username,
		Password:        graph.Password.Reveal(),
		Database:        graph.Database,
		MaxPoolSize:     graph.MaxPoolSize,
		AcquireTimeout:  graph.AcquireTimeout,
		ConnectTimeout:  graph.ConnectTimeout,
		MaxConnLifetime: graph.MaxConnLifetime,
		Timeout:         a.settings.HTTP.RequestTimeout,
		UserAgent:       userAgent(),
		Traces:          a.traces,
	})
	if err != nil {
		return nil, err
	}
	a.neo4j = neo4j
	a.cleanups = append(a.cleanups, cleanup{"neo4j", neo4j.Close})

	project := a.settings.Supabase
	supabase, err := supabasedb.New(supabasedb.Config{
		URL:            project.URL,
		ServiceRoleKey: project.ServiceRoleKey.Reveal(),
		Timeout:        project.Timeout,
		HealthPath:     a.settings.Health.SupabasePath,
		Traces:         a.traces,
	})
	if err != nil {
		return nil, err
	}
	a.supabase = supabase
	a.cleanups = append(a.cleanups, cleanup{"supabase", func(context.Context) error {
		supabase.Close()
		return nil
	}})
	return []ports.HealthChecker{neo4j, supabase}, nil
}

func (a *app) newMonitor(checkers []ports.HealthChecker, dependencyKnown func(core.Dependency)) (*core.Monitor, error) {
	health := a.settings.Health
	return core.NewMonitor(core.MonitorConfig{
		Version:  version,
		Interval: health.Interval,
		Timeout:  health.Timeout,
		Required: health.Required,
		Changed: func(dependency core.Dependency) {
			a.dependencyChanged(dependency)
			dependencyKnown(dependency)
		},
	}, checkers...)
}

// keysPath is where a Supabase project publishes the keys that it signs access tokens with.
const keysPath = "/auth/v1/.well-known/jwks.json"

func newVerifier(settings config.Settings, log *slog.Logger) (*jwtauth.Verifier, error) {
	return jwtauth.New(jwtauth.Config{
		Algorithms:     settings.JWT.Algorithms,
		Secret:         settings.JWT.Secret.Reveal(),
		PreviousSecret: settings.JWT.PreviousSecret.Reveal(),
		JWKSURL:        settings.Supabase.URL + keysPath,
		JWKSMaxStale:   settings.JWT.MaxStale,
		KeyEndpointChanged: func(state jwtauth.KeyEndpointState, fault jwtauth.KeyFault) {
			logKeyEndpoint(log, state, fault)
		},
		KeyIgnored:              func(key jwtauth.IgnoredKey) { logIgnoredKey(log, key) },
		Leeway:                  settings.JWT.Leeway,
		Issuer:                  settings.JWT.Issuer,
		RefuseDevelopmentTokens: settings.Environment == config.Production,
	})
}

func newServer(settings config.Settings, dependencies httpapi.Dependencies) (*httpapi.Server, error) {
	http := settings.HTTP
	return httpapi.New(httpapi.Config{
		Version:        version,
		CORSOrigins:    http.CORSOrigins,
		TrustedProxies: http.TrustedProxies,
		DocsEnabled:    http.DocsEnabled,
		Development:    settings.Environment == config.Development,
		MaxBodyBytes:   http.MaxBodyBytes,
		MaxHeaderBytes: http.MaxHeaderBytes,
		MaxInFlight:    http.MaxInFlight,
		RateLimit:      http.RateLimit,
		RequestTimeout: http.RequestTimeout,
		ReadTimeout:    http.ReadTimeout,
		WriteTimeout:   http.WriteTimeout,
		IdleTimeout:    http.IdleTimeout,
	}, dependencies)
}

// close gives everything back, in the opposite order of building.
func (a *app) close() {
	for len(a.cleanups) > 0 {
		last := a.cleanups[len(a.cleanups)-1]
		a.cleanups = a.cleanups[:len(a.cleanups)-1]
		ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
		err := last.close(ctx)
		cancel()
		if err != nil && !errors.Is(err, context.Canceled) {
			a.log.Warn("not closed cleanly", "what", last.name, "error", err.Error())
		}
	}
}

func userAgent() string { return fmt.Sprintf("journey-api/%s", version) }
