package app

import (
	"context"
	"log/slog"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/adapters/metrics"
	"github.com/journey-os/journey-api/adapters/neo4jdb"
	"github.com/journey-os/journey-api/adapters/supabasedb"
	"github.com/journey-os/journey-api/core/calibration"
	"github.com/journey-os/journey-api/core/jobs"
	"github.com/journey-os/journey-api/ports"
)

// Engines is the list of the service's engines. The service, the OpenAPI document with its check for breaking changes,
// and the tests of every route are made from it. An engine's entry is a function of its own below, which builds the use
// case from resources and hands it to its routes and tasks.
func Engines(r Resources) []Engine {
	r.graph, r.answers = newGraphSync(r), new(answerCounts)
	practising := newPractice(r)
	return []Engine{masteryEngine(r, practising), practiceEngine(practising), calibrationEngine(r), studentsEngine(r)}
}

// Resources is what engines are built from. For the OpenAPI document all of it is zero: building an engine only stores
// what it needs.
type Resources struct {
	Settings config.Settings
	Log      *slog.Logger
	Neo4j    *neo4jdb.Client
	Supabase *supabasedb.Client
	Store    Store
	// Jobs is the queue of background jobs, of the kinds that the engines declare.
	Jobs ports.Jobs
	// InForce is the parameters of items in force, one reader for all engines.
	InForce *calibration.InForce

	// graph writes states to Neo4j; nil if they are not written to a graph.
	graph *graphSync
	// answers counts the answers of all engines.
	answers *answerCounts
	// commits returns the store's transactions so far.
	commits func() commits
}

// Engine is what one engine adds to the service. Everything but Name may be left out.
type Engine struct {
	// Name is its name in the log and the diagnostics.
	Name string
	// Routes registers its routes.
	Routes httpapi.Routes
	// Jobs are the kinds of work that the database keeps until it is done, such as a calibration; they are enqueued by
	// Resources.Jobs. With several copies each job is done by one of them.
	Jobs []jobs.Kind
	// Tasks are what each copy does in the background as long as it runs. They start in this order and stop in the
	// opposite one.
	Tasks []Task
	// Figures returns the engine's numbers, for a scrape of the metrics and for the diagnostics. It may be called at
	// any time and does not wait. It returns the same names each time.
	Figures func() []metrics.Figure
	// Notes returns what an operator should know beyond numbers, a sentence each, for the diagnostics. It does not
	// wait.
	Notes func() []string
}

// Task works in the background from before the first request until after the last one.
type Task struct {
	// Name is its name in the log.
	Name string
	// Run works until ctx ends, and then returns within stopTimeout, since the parts that it uses are closed next. If
	// it returns before ctx ends, that is logged as a fault, and the service goes on without it.
	Run func(ctx context.Context) error
}
