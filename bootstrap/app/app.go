package app

import (
	"context"
	"fmt"
	"io"
	"net"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/adapters/jobs"
	"github.com/journey-os/journey-api/adapters/jwtauth"
	"github.com/journey-os/journey-api/adapters/metrics"
	"github.com/journey-os/journey-api/adapters/tracing"
	"github.com/journey-os/journey-api/core/health"
	"github.com/journey-os/journey-api/ports"
)

// Config configures an App. Version, Loaded and Log are required.
type Config struct {
	// Version is the version of the binary.
	Version string
	// Loaded are the settings.
	Loaded config.Loaded
	// Environment is the process's environment, from which OpenTelemetry's variables are read.
	Environment map[string]string
	// Log gets the lines of the log, many in one write.
	Log io.Writer
	// DependencyChanged, if set, is called for each dependency's first state and for each change after it, by several
	// goroutines.
	DependencyChanged func(health.Dependency)
	// Engines returns the engines; nil is the function Engines.
	Engines func(Resources) []Engine
	// DemoBank loads the demo bank into an embedded database whose bank is empty.
	DemoBank bool
}

// App is the service, put together.
type App struct {
	version  string
	loaded   config.Loaded
	settings config.Settings
	lines    *logWriter
	log      logger
	traces   trace.TracerProvider // nil if nothing is traced

	dependencies []Dependency
	resources    Resources
	engines      []Engine
	// jobs is the queue's part of the database.
	jobs     jobs.Database
	queue    *jobs.Queue
	verifier *jwtauth.Verifier
	monitor  *health.Monitor
	server   *httpapi.Server
	// metrics is nil if METRICS_ADDR is not set.
	metrics   *metrics.Recorder
	operators *operators
	// listener is nil until Listen.
	listener net.Listener
	// parts are everything that has to be stopped, except server.
	parts *parts
}

// New builds every adapter from the settings and connects them. It opens the database, but no other connection and no
// port. If it fails, nothing is left open.
func New(given Config) (*App, error) {
	var log logger
	lines := newLogWriter(given.Log, func(dropped uint64) { log.linesDropped(dropped) })
	log = newLogger(lines, given.Loaded.Settings.Log)
	a := &App{
		version: given.Version, loaded: given.Loaded, settings: given.Loaded.Settings,
		lines: lines, log: log, operators: &operators{log: log.Logger}, parts: &parts{log: log.Logger},
	}
	if err := a.build(given); err != nil {
		a.parts.stop()
		lines.flush()
		return nil, err
	}
	return a, nil
}

// build adds the parts in the order of their dependencies; they stop in the opposite order.
func (a *App) build(given Config) error {
	// Closed last, so that the shutdown can be watched to its end.
	a.parts.add(part{name: "operators' pages", close: a.operators.close})
	if err := a.openTraces(given.Environment); err != nil { // before who is traced, so that it is closed after them
		return err
	}
	a.resources = Resources{Settings: a.settings, Log: a.log.Logger}
	if err := a.openDependencies(); err != nil {
		return err
	}
	if given.DemoBank {
		if err := a.loadDemoBank(); err != nil {
			return err
		}
	}
	if err := a.openVerifier(); err != nil {
		return err
	}
	a.prepareOperators()
	if err := a.openMonitor(given.DependencyChanged); err != nil {
		return err
	}
	if err := a.addEngines(given.Engines); err != nil {
		return err
	}
	server, err := newServer(a.version, a.settings, httpapi.Dependencies{
		Verifier: a.verifier, Health: a.monitor, Log: a.log.Handler(), Diagnose: a.diagnose, Observe: a.observer(), Traces: a.traces,
		SignIn: signIn(a.settings),
	}, a.engines)
	if err != nil {
		return err
	}
	a.server = server
	a.parts.add(part{name: "rate limits", run: func(ctx context.Context) error { server.ForgetClients(ctx); return nil }})
	return nil
}

// addEngines builds the engines. Their background work starts after the parts that it uses, and stops before them; the
// queue stops after the tasks that may enqueue.
func (a *App) addEngines(list func(Resources) []Engine) error {
	if list == nil {
		list = Engines
	}
	queue := jobs.New(a.jobs, a.log.Logger)
	a.resources.Jobs, a.queue = queue, queue
	a.engines = list(a.resources)
	a.parts.add(part{name: "jobs", run: queue.Run, early: true})
	for _, engine := range a.engines {
		if err := queue.Declare(engine.Jobs...); err != nil {
			return fmt.Errorf("the engine %s: %w", engine.Name, err)
		}
		for _, task := range engine.Tasks {
			a.parts.add(part{name: task.Name, run: task.Run})
		}
	}
	return nil
}

func (a *App) openMonitor(changed func(health.Dependency)) error {
	settings := a.settings.Health
	var checkers []ports.HealthChecker
	for _, dependency := range a.dependencies {
		checkers = append(checkers, dependency.checker)
	}
	monitor, err := health.NewMonitor(health.Config{
		Version:  a.version,
		Interval: settings.Interval,
		Timeout:  settings.Timeout,
		Now:      time.Now,
		Required: settings.Required,
		Changed: func(dependency health.Dependency) {
			a.dependencyChanged(dependency)
			if changed != nil {
				changed(dependency)
			}
		},
	}, checkers...)
	if err != nil {
		return err
	}
	a.monitor = monitor
	a.parts.add(part{name: "health checks", run: func(ctx context.Context) error { monitor.Run(ctx); return nil }})
	return nil
}

// openTraces first logs the warnings of the settings, as the first lines of the log.
func (a *App) openTraces(environment map[string]string) error {
	settings, warnings := tracing.Read(tracing.Source{
		Environment: environment, Version: a.version, IsTrusted: httpapi.JoinedOnTrust,
		NeedsEncryption: a.settings.NeedsEncryption,
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
	a.parts.add(part{name: "traces", close: provider.Close})
	return nil
}
