package app

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/journey-os/journey-api/adapters/config"
	routes "github.com/journey-os/journey-api/adapters/httpapi/practice"
	"github.com/journey-os/journey-api/adapters/metrics"
	"github.com/journey-os/journey-api/adapters/neo4jdb"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/core/practice"
)

// bankFresh is the greatest age of practice's cached bank.
const bankFresh = 500 * time.Millisecond

// practising is the use case with its counts.
type practising struct {
	service *practice.Service
	picks   map[adaptive.Strategy]*atomic.Int64
}

var strategies = []adaptive.Strategy{
	adaptive.StrategyWeakestConcept, adaptive.StrategyPrerequisitePriority, adaptive.StrategyDiversityRotation, adaptive.StrategyFallbackRandom,
}

func newPractice(r Resources) *practising {
	p := &practising{picks: map[adaptive.Strategy]*atomic.Int64{}}
	for _, strategy := range strategies {
		p.picks[strategy] = new(atomic.Int64)
	}
	p.service = Practice(r, func(given practice.GivenItem) { p.picks[given.Pick.Strategy].Add(1) })
	return p
}

// Practice returns the use case on a store. picked is called for each item that was given; it may be nil.
func Practice(r Resources, picked func(practice.GivenItem)) *practice.Service {
	settings := adaptive.DefaultSettings()
	settings.Ready, settings.Randomesque = r.Settings.Practice.Ready, r.Settings.Practice.Randomesque
	settings.Criterion = adaptive.Criterion(r.Settings.Practice.Criterion)
	return practice.New(practice.Config{
		Settings: settings, Drift: r.Settings.Practice.Drift, Graph: conceptGraph(r), BankMaxAge: bankFresh,
		Now: time.Now, NewID: newID, StudentMoved: r.studentMoved, Picked: picked,
	}, Mastery(r), practice.Stores{Recorder: r.Store, Reader: r.Store, Students: r.Store, Bank: r.Store, InForce: r.InForce})
}

// conceptGraph returns where prerequisites come from. A query's timeout leaves most of a request's time to the answer.
func conceptGraph(r Resources) practice.GraphConfig {
	settings := r.Settings.Practice
	if settings.Graph != config.GraphNeo4j || r.Neo4j == nil {
		return practice.GraphConfig{}
	}
	source, err := neo4jdb.NewPrerequisites(r.Neo4j, neo4jdb.GraphSchema{
		Label: settings.Label, Key: settings.Key, Relationship: settings.Relationship,
	})
	if err != nil {
		panic(err) // the settings hold the names to the same rule
	}
	return practice.GraphConfig{
		Source: source, Timeout: min(r.Settings.HTTP.RequestTimeout/4, mostGraphTime), Pause: graphPause,
		Failed: func(ctx context.Context, err error) {
			r.Log.WarnContext(ctx, "prerequisites of an earlier time", "correlation_id", string(core.CorrelationIDFrom(ctx)), "cause", err.Error())
		},
	}
}

const (
	// mostGraphTime is the longest that a pick waits for prerequisites.
	mostGraphTime = 2 * time.Second
	// graphPause is how long Neo4j is not queried after a failure.
	graphPause = 5 * time.Second
)

// practiceEngine runs practice sessions.
func practiceEngine(p *practising) Engine {
	return Engine{Name: "practice", Routes: routes.Routes(p.service), Figures: func() []metrics.Figure {
		figures := make([]metrics.Figure, len(strategies))
		for i, strategy := range strategies {
			figures[i] = metrics.Figure{
				Name: "practice_picks_total", Help: "Questions picked for practice sessions, by what decided the concept.", IsCounter: true,
				Labels: map[string]string{"strategy": string(strategy)}, Value: float64(p.picks[strategy].Load()),
			}
		}
		return figures
	}}
}
