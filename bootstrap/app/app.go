package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/adapters/jwtauth"
	"github.com/journey-os/journey-api/adapters/metrics"
	"github.com/journey-os/journey-api/adapters/neo4jdb"
	"github.com/journey-os/journey-api/adapters/supabasedb"
	"github.com/journey-os/journey-api/adapters/tracing"
	"github.com/journey-os/journey-api/core/health"
	"github.com/journey-os/journey-api/ports"
)

// closeTimeout bounds what closing one adapter may take.
const closeTimeout = 2 * time.Second

// Config is what the service is made of. Version, Loaded and Log are required.
type Config struct {
	// Version of the binary.
	Version string
	// Loaded are the settings.
	Loaded config.Loaded
	// Environment is the process's: OpenTelemetry's variables are read from it.
	Environment map[string]string
	// Log gets the lines of the log, many at once.
	Log io.Writer
	// DependencyChanged, if set, is told of each dependency's first state and of each change after it, by several
	// goroutines.
	DependencyChanged func(health.Dependency)
	// Engines builds what runs on the service; nil is Engines.
	Engines func(Dependencies) []Engine
}

// App is the service, put together.
type App struct {
	version  string
	loaded   config.Loaded
	settings config.Settings
	lines    *logWriter
	log      logger
	traces   trace.TracerProvider // nil if nothing is traced
	verifier *jwtauth.Verifier
	neo4j    *neo4jdb.Client
	supabase *supabasedb.Client
	monitor  *health.Monitor
	server   *httpapi.Server
	// metrics is nil if nobody asks for them.
	metrics   *metrics.Recorder
	operators *operators
	// listener is nil until Listen.
	listener net.Listener
	cleanups []cleanup
}

// cleanup gives back what an adapter holds; the last one built is closed first.
type cleanup struct {
	name  string
	close func(context.Context) error
}

// New builds every adapter from the settings and hands them to one another. It opens no connection and no port. If it
// fails, nothing is left open.
func New(given Config) (built *App, err error) {
	settings := given.Loaded.Settings
	lines := newLogWriter(given.Log)
	log := newLogger(lines, settings.Log)
	a := &App{
		version: given.Version, loaded: given.Loaded, settings: settings,
		lines: lines, log: log, operators: &operators{log: log.Logger},
	}
	// Closed last of all: how the end goes can be watched to the end.
	a.cleanups = append(a.cleanups, cleanup{"operators' pages", a.operators.close})
	defer func() {
		if err != nil {
			a.close()
			lines.flush()
		}
	}()
	if err := a.openTraces(given.Environment); err != nil { // before who is traced, so that it is closed after them
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
	a.monitor, err = a.newMonitor(checkers, given.DependencyChanged)
	if err != nil {
		return nil, err
	}
	engines := given.Engines
	if engines == nil {
		engines = Engines
	}
	a.server, err = newServer(a.version, settings, httpapi.Dependencies{
		Verifier: a.verifier, Health: a.monitor, Log: log.Handler(), Diagnose: a.diagnose, Observe: a.observer(), Traces: a.traces,
	}, engines(Dependencies{Neo4j: a.neo4j, Supabase: a.supabase}))
	if err != nil {
		return nil, err
	}
	return a, nil
}

// openTraces tells of what is wrong with the settings first: they are the first lines of the log.
func (a *App) openTraces(environment map[string]string) error {
	settings, warnings := tracing.Read(tracing.Source{
		Environment: environment, Version: a.version, IsTrusted: httpapi.JoinedOnTrust,
	})
	for _, warning := range a.loaded.Warnings {
		a.log.Warn("settings", "setting", warning.Name, "problem", warning.Message)
	}
	for _, warning := range warnings {
		a.log.Warn("settings", "setting", warning.Name, "problem", warning.Message)
	}
	provider, err := tracing.New(settings, a.log.Logger)
	if err != nil || provider == nil {
		return err
	}
	a.traces = provider
	a.cleanups = append(a.cleanups, cleanup{"traces", provider.Close})
	return nil
}

// openDependencies builds the clients of the outside world, and returns what can be asked for their health.
func (a *App) openDependencies() ([]ports.HealthChecker, error) {
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
		UserAgent:       a.userAgent(),
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

func (a *App) newMonitor(checkers []ports.HealthChecker, changed func(health.Dependency)) (*health.Monitor, error) {
	settings := a.settings.Health
	return health.NewMonitor(health.Config{
		Version:  a.version,
		Interval: settings.Interval,
		Timeout:  settings.Timeout,
		Required: settings.Required,
		Changed: func(dependency health.Dependency) {
			a.dependencyChanged(dependency)
			if changed != nil {
				changed(dependency)
			}
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

func newServer(version string, settings config.Settings, dependencies httpapi.Dependencies, engines []Engine) (*httpapi.Server, error) {
	http := settings.HTTP
	var routes []httpapi.Routes
	for _, engine := range engines {
		routes = append(routes, engine.Routes)
	}
	return httpapi.New(httpapi.Config{
		Version:           version,
		CORSOrigins:       http.CORSOrigins,
		CORSHeaders:       http.CORSHeaders,
		TrustedProxies:    http.TrustedProxies,
		DocsEnabled:       http.DocsEnabled,
		Development:       settings.Environment == config.Development,
		MaxBodyBytes:      http.MaxBodyBytes,
		MaxHeaderBytes:    http.MaxHeaderBytes,
		MaxInFlight:       http.MaxInFlight,
		RateLimit:         http.RateLimit,
		FailedSignInLimit: http.FailedSignInLimit,
		RequestTimeout:    http.RequestTimeout,
		ReadTimeout:       http.ReadTimeout,
		WriteTimeout:      http.WriteTimeout,
		IdleTimeout:       http.IdleTimeout,
	}, dependencies, routes...)
}

// close gives everything back, in the opposite order of building.
func (a *App) close() {
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

func (a *App) userAgent() string { return "journey-api/" + a.version }
