package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/adapters/metrics"
	"github.com/journey-os/journey-api/adapters/neo4jdb"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/mastery"
)

// lagEvery is the greatest age of the lag that is shown.
const lagEvery = 10 * time.Second

// graphSync writes the store's states to the graph. It is nil if there is no graph.
type graphSync struct {
	*mastery.SyncWorker
	resources Resources
	lag       atomic.Pointer[mastery.Lag]
}

func newGraphSync(r Resources) *graphSync {
	if r.Settings.Mastery.Graph != config.GraphNeo4j || r.Store == nil {
		return nil
	}
	return &graphSync{resources: r, SyncWorker: mastery.NewSyncWorker(mastery.SyncWorkerConfig{
		Syncer: newSyncer(r), Outbox: r.Store, Jobs: r.Jobs,
		Prepare: func(ctx context.Context) error { return prepareGraph(ctx, r) },
		Behind: func(ctx context.Context, cause error, wait time.Duration) {
			if cause == nil {
				r.Log.InfoContext(ctx, "the graph follows again")
				return
			}
			r.Log.WarnContext(ctx, "the graph is behind", "cause", cause.Error(), "next_try_in", wait.String())
		},
	})}
}

func newSyncer(r Resources) *mastery.Syncer {
	return mastery.NewSyncer(mastery.SyncSources{Graph: r.Neo4j, Outbox: r.Store, Removals: r.Store}, time.Now,
		func(cause string, states int) {
			r.Log.Warn("the graph refused states", "cause", cause, "states", states)
		})
}

// prepareGraph creates the constraints, unless MIGRATE_ON_START is off. A graph whose nodes violate them is written to
// all the same: one writer at a time, as is the rule, creates no duplicate node.
func prepareGraph(ctx context.Context, r Resources) error {
	if !r.Settings.Database.MigrateOnStart {
		return nil
	}
	err := r.Neo4j.PrepareMastery(ctx)
	if err != nil && ctx.Err() == nil && core.CodeOf(err) != core.CodeUnavailable {
		r.Log.WarnContext(ctx, "the graph has no constraints: journey-api migrate says why", "cause", err.Error())
		return nil
	}
	return err
}

// measure reads how far the graph is behind, until ctx ends.
func (f *graphSync) measure(ctx context.Context) error {
	clock := time.NewTicker(lagEvery)
	defer clock.Stop()
	for {
		if lag, err := f.resources.Store.Lag(ctx); err == nil {
			f.lag.Store(&lag)
		}
		select {
		case <-clock.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// figures are of the whole database, whichever copy reports them.
func (f *graphSync) figures() []metrics.Figure {
	lag := mastery.Lag{}
	if known := f.lag.Load(); known != nil {
		lag = *known
	}
	age, refused := 0.0, 0
	if !lag.OldestPending.IsZero() {
		age = max(time.Since(lag.OldestPending), 0).Seconds()
	}
	for _, one := range lag.Refused {
		refused += one.States
	}
	return []metrics.Figure{
		{Name: "graph_pending_states", Help: "States that the graph has yet to get.", Value: float64(lag.Pending)},
		{Name: "graph_oldest_pending_seconds", Help: "For how long the oldest of them waits; 0 if none does.", Value: age},
		{Name: "graph_refused_states", Help: "States that the graph refused.", Value: float64(refused)},
		{Name: "graph_pending_removals", Help: "Deleted students whom the graph has yet to lose.", Value: float64(lag.Removals)},
	}
}

// notes returns why the graph refuses states.
func (f *graphSync) notes() []string {
	var notes []string
	if lag := f.lag.Load(); lag != nil {
		for _, one := range lag.Refused {
			notes = append(notes, fmt.Sprintf("%d states: %s", one.States, one.Cause))
		}
	}
	return notes
}

// MigrateGraph creates the constraints of the graph. Its error is a sentence for a person.
func MigrateGraph(ctx context.Context, settings config.Settings, version string) error {
	return withGraph(settings, version, func(client *neo4jdb.Client) error { return client.PrepareMastery(ctx) })
}

// SyncGraph writes to the graph all pending states of a store, and those that it refused before. Its error is a
// sentence for a person.
func SyncGraph(ctx context.Context, settings config.Settings, version string, store Store, told func(mastery.Synced)) (done mastery.Synced, err error) {
	err = withGraph(settings, version, func(client *neo4jdb.Client) error {
		if err := client.PrepareMastery(ctx); err != nil {
			return err
		}
		if _, err := store.Requeue(ctx); err != nil {
			return err
		}
		r := Resources{Settings: settings, Store: store, Neo4j: client, Log: slog.New(slog.DiscardHandler)}
		done, err = newSyncer(r).Drain(ctx, told)
		return err
	})
	return done, err
}

func withGraph(settings config.Settings, version string, use func(*neo4jdb.Client) error) error {
	client, err := newNeo4j(settings, userAgentOf(version), nil)
	if err == nil {
		err = errors.Join(use(client), client.Close(context.Background()))
	}
	if err != nil {
		return fmt.Errorf("the graph %s: %w", settings.Neo4j.URI, err)
	}
	return nil
}
