package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/adapters/jobs"
	"github.com/journey-os/journey-api/adapters/postgresdb"
	"github.com/journey-os/journey-api/adapters/sqlitedb"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/calibration"
	"github.com/journey-os/journey-api/ports"
)

// Store keeps records and the bank, in a file or in PostgreSQL.
type Store interface {
	ports.Recorder
	ports.RecordReader
	ports.Catalogue
	ports.BankWriter
	ports.ParameterStore
	ports.AnswerReader
	ports.PracticeRecorder
	ports.PracticeReader
	ports.BankReader
	ports.RunStore
	ports.RunQueue
	ports.RunFinisher
	ports.ResultStore
	ports.ScaleStore
	ports.ResponseReader
	ports.Outbox
	ports.Removals
	ports.LagReader
	ports.Students
}

// prepareTimeout bounds what a database may take at the start, migrations included.
const prepareTimeout = 2 * time.Minute

// openDatabase takes the file for this process, or prepares PostgreSQL's schema. A database server that can't be
// reached is no fault: the service starts without it, and /health shows it.
func (a *App) openDatabase() (Dependency, error) {
	ctx, cancel := context.WithTimeout(context.Background(), prepareTimeout)
	defer cancel()
	settings := a.settings.Database
	opened := Dependency{Name: "database", Title: "Database", Address: settings.Address()}
	open := a.openServer
	if _, isFile := settings.SQLitePath(); isFile {
		open = a.openFile
	}
	err := open(ctx, &opened)
	return opened, err
}

func (a *App) openFile(ctx context.Context, opened *Dependency) error {
	settings := a.settings.Database
	path, _ := settings.SQLitePath()
	store, err := sqlitedb.Open(ctx, sqlitedb.Config{Path: path, Serve: true, Migrate: settings.MigrateOnStart})
	if err != nil {
		return fmt.Errorf("the database %s: %w", path, err)
	}
	queue, err := sqlitedb.OpenQueue(path)
	if err != nil {
		return errors.Join(err, store.Close())
	}
	if settings.MigrateOnStart { // before the first answer, which would wait for the file meanwhile
		if _, err := jobs.MigrateSQLite(ctx, queue, slog.New(slog.DiscardHandler)); err != nil {
			return errors.Join(fmt.Errorf("the database %s: %w", path, err), queue.Close(), store.Close())
		}
	}
	a.useStore(store)
	opened.checker, a.jobs = store, jobs.SQLite(queue)
	a.resources.commits = func() commits {
		done := store.Commits()
		return commits{done.Transactions, done.Changes, done.Waited}
	}
	opened.close = func(context.Context) error { return errors.Join(queue.Close(), store.Close()) }
	return nil
}

func (a *App) openServer(ctx context.Context, opened *Dependency) error {
	settings := a.settings.Database
	store, err := openPostgres(settings, a.settings.HTTP.RequestTimeout)
	if err != nil {
		return err
	}
	a.useStore(store)
	opened.checker = store
	a.jobs = jobs.Postgres(store.Pool(), store.Schema(), store.Prepare, settings.MigrateOnStart)
	a.resources.commits = func() commits {
		done := store.Commits()
		return commits{done.Transactions, done.Changes, done.Waited}
	}
	opened.close = func(context.Context) error { store.Close(); return nil }
	opened.pool = store.Stats
	if err := store.Prepare(ctx); err != nil && core.CodeOf(err) != core.CodeUnavailable {
		store.Close()
		return fmt.Errorf("the database: %w", err)
	}
	return nil
}

// useStore gives the engines the database.
func (a *App) useStore(store Store) {
	a.resources.Store, a.resources.InForce = store, calibration.NewInForce(store, time.Now)
}

func openPostgres(settings config.Database, timeout time.Duration) (*postgresdb.Store, error) {
	return postgresdb.Open(postgresdb.Config{
		URL: settings.URL.Reveal(), Schema: settings.Schema, Migrate: settings.MigrateOnStart, Timeout: timeout,
	})
}
