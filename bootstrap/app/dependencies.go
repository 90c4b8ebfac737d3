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

// Dependency is one thing outside that the service works with.
type Dependency struct {
	// Name is the key under which /health, the metrics, the log and HEALTH_REQUIRED know it; Title is what people call it.
	Name, Title string
	// Address is where it should be, without credentials.
	Address string

	// checker is asked for its health; pool, if set, is how much of the client is in use; close, if set, gives it back.
	checker ports.HealthChecker
	pool    func() health.Pool
	close   func(context.Context) error
}

// Dependencies are all of them, in the order of the documentation.
func (a *App) Dependencies() []Dependency { return a.dependencies }

// openDependencies builds the clients of the outside world. One more dependency is one more entry here, and its name one
// more word of HEALTH_REQUIRED: the monitor, /health, diagnostics, metrics, log and banner go by this list.
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

// userAgent is what the dependencies log about us.
func (a *App) userAgent() string { return userAgentOf(a.version) }

func userAgentOf(version string) string { return "journey-api/" + version }
