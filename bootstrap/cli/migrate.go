package cli

import (
	"context"
	"fmt"
	"os"
	"syscall"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/bootstrap/app"
)

// databaseSetting is the only setting that commands on the database need.
const databaseSetting = "DATABASE_URL"

type migrateCommand struct{}

// Help is shown below the usage.
func (migrateCommand) Help() string {
	return "Applies the missing migrations to the database of DATABASE_URL, makes its file if it is an embedded one, and with " +
		"MASTERY_GRAPH=neo4j makes the constraints of the graph. serve does the same when it starts, unless MIGRATE_ON_START is " +
		"false. Copies that migrate at once take turns."
}

// Run migrates and prints what it did.
func (migrateCommand) Run(p Process, line *commandLine) error {
	settings, err := loadGraph(p, line)
	if err != nil {
		return err
	}
	ctx, _, release := untilSignals(os.Interrupt, syscall.SIGTERM)
	defer release()
	applied, err := app.Migrate(ctx, settings)
	if err != nil {
		return stoppedOr(ctx, err)
	}
	did := fmt.Sprintf("applied %d of its migrations", applied)
	if applied == 0 {
		did = "nothing was missing"
	}
	if _, err = fmt.Fprintf(p.Stdout, "%s: %s\n", settings.Database.Address(), did); err != nil {
		return written(err)
	}
	if settings.Mastery.Graph != config.GraphNeo4j {
		return nil
	}
	if err := app.MigrateGraph(ctx, settings, p.Version); err != nil {
		return stoppedOr(ctx, err)
	}
	_, err = fmt.Fprintf(p.Stdout, "%s: the constraints of the graph are there\n", settings.Neo4j.URI)
	return written(err)
}

// loadDatabase reads the settings for a command that uses only the database.
func loadDatabase(p Process, line *commandLine) (config.Settings, error) {
	loaded, err := loadFor(p, line, databaseSetting)
	if err != nil {
		return config.Settings{}, err
	}
	for _, warning := range loaded.Warnings {
		say(p.Stderr, "warning: "+warning.String()+"\n")
	}
	return loaded.Settings, nil
}

// stoppedOr returns err as the error of a command, or the signal that caused it.
func stoppedOr(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return failf("stopped by %v", context.Cause(ctx))
	}
	return failf("%v", err)
}
