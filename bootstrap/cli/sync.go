package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/bootstrap/app"
	"github.com/journey-os/journey-api/core/mastery"
)

// graphSettings are what commands on the graph need beside the database.
var graphSettings = []string{databaseSetting, "NEO4J_URI", "NEO4J_USERNAME", "NEO4J_PASSWORD"}

type syncCommand struct{}

// Help is shown below the usage.
func (syncCommand) Help() string {
	return "Writes to the graph of MASTERY_GRAPH the states that it does not have yet, and those that it refused before. The service " +
		"does the first within seconds, and the second every hour: use this after a missing SubConcept was added. The service " +
		"may run meanwhile."
}

// Run syncs and prints what it did. It fails with the causes if the graph refuses states.
func (syncCommand) Run(p Process, line *commandLine) error {
	settings, err := loadGraph(p, line)
	if err != nil {
		return err
	}
	if settings.Mastery.Graph != config.GraphNeo4j {
		return failf("MASTERY_GRAPH is %s: there is no graph to write to", settings.Mastery.Graph)
	}
	ctx, _, release := untilSignals(os.Interrupt, syscall.SIGTERM)
	defer release()
	var states atomic.Int64
	stop := showProgress(p, func() progress { return progress{what: "writing states", done: states.Load()} })
	done, refused, err := syncGraph(ctx, settings, p.Version, func(so mastery.Synced) { states.Store(int64(so.States)) })
	stop()
	if err != nil {
		return stoppedOr(ctx, err)
	}
	if _, err := fmt.Fprintf(p.Stdout, "wrote %d states, removed %d students\n", done.States, done.Students); err != nil {
		return written(err)
	}
	if len(refused) > 0 {
		causes := make([]string, len(refused))
		for i, one := range refused {
			causes[i] = fmt.Sprintf("\n  %d states: %s", one.States, one.Cause)
		}
		return failf("the graph refuses states:%s", strings.Join(causes, ""))
	}
	return nil
}

func syncGraph(ctx context.Context, settings config.Settings, version string, told func(mastery.Synced)) (done mastery.Synced, refused []mastery.Refusal, err error) {
	store, closeStore, err := app.OpenExistingStore(ctx, settings)
	if err != nil {
		return done, nil, err
	}
	defer func() { err = errors.Join(err, closeStore()) }()
	done, err = app.SyncGraph(ctx, settings, version, store, told)
	if err != nil {
		return done, nil, err
	}
	lag, err := store.Lag(ctx)
	return done, lag.Refused, err
}

// loadGraph reads the settings for a command on the database and, if states are written to one, the graph.
func loadGraph(p Process, line *commandLine) (config.Settings, error) {
	settings, err := loadDatabase(p, line)
	if err != nil || settings.Mastery.Graph != config.GraphNeo4j {
		return settings, err
	}
	loaded, err := loadFor(p, line, graphSettings...)
	return loaded.Settings, err
}
