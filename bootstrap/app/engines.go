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

// Engines is the one list of what runs on the service. The service, the OpenAPI document with its gate against breaking
// changes, and the tests of every route are made from it. An engine's entry is a function of its own below, which builds
// the use case from resources and hands it to its routes and tasks.
func Engines(r Resources) []Engine {
	r.graph, r.answers = newFollower(r), new(answerCounts)
	practising := newPractice(r)
	return []Engine{masteryEngine(r, practising), practiceEngine(practising), calibrationEngine(r), studentsEngine(r)}
}

// Resources is what engines are built from. For the OpenAPI document all of it is zero: building an engine keeps what it
// needs and uses nothing of it.
type Resources struct {
	Settings config.Settings
	Log      *slog.Logger
	Neo4j    *neo4jdb.Client
	Supabase *supabasedb.Client
	Store    Store
	// Jobs takes work to be done in the background, of the kinds that the engines declare.
	Jobs ports.Jobs
	// InForce is the parameters of items in force, one reader for all engines.
	InForce *calibration.InForce

	// graph has Neo4j follow what students know; nil if it does not.
	graph *follower
	// answers counts those of all engines.
	answers *answerCounts
	// commits tells what the store did so far.
	commits func() commits
}

// Engine is what one engine adds to the service. All but Name may be left out.
type Engine struct {
	// Name is what the log, the diagnostics and their readers call it.
	Name string
	// Routes registers what it answers.
	Routes httpapi.Routes
	// Jobs are the kinds of work that the database keeps until it is done, such as a calibration; they are enqueued by
	// Resources.Jobs. With several copies each job is done by one of them.
	Jobs []jobs.Kind
	// Tasks is what each copy does in the background for as long as it runs, in the order in which it starts; it stops in the opposite one.
	Tasks []Task
	// Figures tells how the engine does, for a scrape of the metrics and for the diagnostics. It may be called at any time
	// and does not wait. Their names are the same each time.
	Figures func() []metrics.Figure
	// Notes are what an operator should know beyond numbers, a sentence each, for the diagnostics. It does not wait.
	Notes func() []string
}

// Task works in the background from before the first request until after the last one.
type Task struct {
	// Name is what the log calls it.
	Name string
	// Run works until ctx ends, and then returns within stopTimeout: what it works with is closed next. What it returns
	// before ctx ends is logged as a fault, and the service goes on without it.
	Run func(ctx context.Context) error
}
