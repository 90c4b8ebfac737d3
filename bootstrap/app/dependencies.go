package app

import (
	"context"

	"go.opentelemetry.io/otel/trace"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/adapters/neo4jdb"
	"github.com/journey-os/journey-api/adapters/supabasedb"
	"github.com/journey-os/journey-api/core/health"
	"github.com/journey-os/journey-api/ports"
)

// Dependency is one external system that the service uses.
type Dependency struct {
	// Name is its key in /health, the metrics, the log and HEALTH_REQUIRED; Title is its name for people.
	Name, Title string
	// Address is its address, without credentials.
	Address string

	// checker checks its health; pool, if set, is how much of the client is in use; close, if set, closes the client.
	checker ports.HealthChecker
	pool    func() health.Pool
	close   func(context.Context) error
}

// Dependencies returns all dependencies, in the order of the documentation.
func (a *App) Dependencies() []Dependency { return a.dependencies }

// openDependencies builds the clients of the external systems. A further dependency is a further entry here, and its
// name a further word of HEALTH_REQUIRED: the monitor, /health, diagnostics, metrics, log and banner use this list.
func (a *App) openDependencies() error {
	for _, open := range []func() (Dependency, error){a.openNeo4j, a.openSupabase, a.openDatabase} {
		opened, err := open()
		if err != nil {
			return err
		}
		a.parts.add(part{name: opened.Name, close: opened.close})
		a.dependencies = append(a.dependencies, opened)
	}
	return nil
}

func (a *App) openNeo4j() (Dependency, error) {
	client, err := newNeo4j(a.settings, a.userAgent(), a.traces)
	if err != nil {
		return Dependency{}, err
	}
	a.resources.Neo4j = client
	return Dependency{
		Name: client.Name(), Title: "Neo4j", Address: a.settings.Neo4j.URI, checker: client, close: client.Close,
		pool: client.Stats,
	}, nil
}

func newNeo4j(settings config.Settings, userAgent string, traces trace.TracerProvider) (*neo4jdb.Client, error) {
	graph := settings.Neo4j
	return neo4jdb.New(neo4jdb.Config{
		URI:             graph.URI,
		Username:        graph.Username,
		Password:        graph.Password.Reveal(),
		Database:        graph.Database,
		MaxPoolSize:     graph.MaxPoolSize,
		AcquireTimeout:  graph.AcquireTimeout,
		ConnectTimeout:  graph.ConnectTimeout,
		MaxConnLifetime: graph.MaxConnLifetime,
		Timeout:         settings.HTTP.RequestTimeout,
		UserAgent:       userAgent,
		Traces:          traces,
	})
}

func (a *App) openSupabase() (Dependency, error) {
	project := a.settings.Supabase
	client, err := supabasedb.New(supabasedb.Config{
		URL:            project.URL,
		ServiceRoleKey: project.ServiceRoleKey.Reveal(),
		Timeout:        project.Timeout,
		HealthPath:     a.settings.Health.SupabasePath,
		UserAgent:      a.userAgent(),
		Traces:         a.traces,
	})
	if err != nil {
		return Dependency{}, err
	}
	a.resources.Supabase = client
	return Dependency{
		Name: client.Name(), Title: "Supabase", Address: project.URL, checker: client,
		close: func(context.Context) error { client.Close(); return nil },
		pool:  client.Stats,
	}, nil
}

// userAgent is the User-Agent that the dependencies log.
func (a *App) userAgent() string { return userAgentOf(a.version) }

func userAgentOf(version string) string { return "journey-api/" + version }
