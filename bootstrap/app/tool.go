package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/adapters/jobs"
	"github.com/journey-os/journey-api/adapters/postgresdb"
	"github.com/journey-os/journey-api/adapters/sqlitedb"
	"github.com/journey-os/journey-api/core"
)

// toolPause is the pause after each change of a tool in a file, in which a service that has it open can write.
const toolPause = 5 * time.Millisecond

// OpenStore opens the database for a command that runs beside the service or without it. Its error is a sentence for a
// person. Call closed when done.
func OpenStore(ctx context.Context, settings config.Settings) (store Store, closed func() error, err error) {
	if path, isFile := settings.Database.SQLitePath(); isFile {
		file, err := sqlitedb.Open(ctx, sqlitedb.Config{Path: path, Migrate: settings.Database.MigrateOnStart, Pause: toolPause})
		if err != nil {
			return nil, nil, fmt.Errorf("the database %s: %w", path, err)
		}
		return file, file.Close, nil
	}
	server, err := openPostgres(settings.Database, settings.HTTP.RequestTimeout)
	if err != nil {
		return nil, nil, err
	}
	if err := server.Prepare(ctx); err != nil {
		defer server.Close()
		return nil, nil, serverSentence(ctx, settings.Database, server, err)
	}
	return server, func() error { server.Close(); return nil }, nil
}

// OpenExistingStore is OpenStore for a command that has nothing to do in a new database: it makes no file.
func OpenExistingStore(ctx context.Context, settings config.Settings) (store Store, closed func() error, err error) {
	if path, isFile := settings.Database.SQLitePath(); isFile {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, nil, fmt.Errorf("there is no database at %s", path)
		}
	}
	return OpenStore(ctx, settings)
}

// Migrate brings the schema of the database up to date, whatever MIGRATE_ON_START is, and returns how many steps
// that took. Its error is a sentence for a person.
func Migrate(ctx context.Context, settings config.Settings) (applied int, err error) {
	if path, isFile := settings.Database.SQLitePath(); isFile {
		return migrateFile(ctx, path)
	}
	settings.Database.MigrateOnStart = false
	server, err := openPostgres(settings.Database, settings.HTTP.RequestTimeout)
	if err != nil {
		return 0, err
	}
	defer server.Close()
	if applied, err = server.Migrate(ctx); err == nil {
		err = server.Prepare(ctx)
	}
	if err != nil {
		return applied, serverSentence(ctx, settings.Database, server, err)
	}
	steps, err := jobs.MigratePostgres(ctx, server.Pool(), server.Schema(), slog.New(slog.DiscardHandler))
	return applied + steps, err
}

// migrateFile brings the store's tables and the queue's up to date. A service that has the file open did so at its start.
func migrateFile(ctx context.Context, path string) (applied int, err error) {
	if applied, err = sqlitedb.Migrate(ctx, path); err == nil {
		err = sqlitedb.CheckSchema(ctx, path)
	}
	if err != nil {
		return applied, fmt.Errorf("the database %s: %w", path, err)
	}
	queue, err := sqlitedb.OpenQueue(path)
	if err != nil {
		return applied, err
	}
	steps, err := jobs.MigrateSQLite(ctx, queue, slog.New(slog.DiscardHandler))
	return applied + steps, errors.Join(err, queue.Close())
}

// unreachable are the faults of a server that could not be reached.
var unreachable = []core.Fault{
	core.FaultConnectionRefused, core.FaultTimedOut, core.FaultHostNotFound, core.FaultTLSFailed, core.FaultCredentialsRejected, core.FaultUnreachable,
}

// serverSentence returns an error with the server's address and the fault's word if it can't be reached.
func serverSentence(ctx context.Context, settings config.Database, server *postgresdb.Store, err error) error {
	if checked := server.Check(ctx); checked != nil && slices.Contains(unreachable, core.FaultOf(checked)) {
		return fmt.Errorf("the database %s can't be used: %s", settings.Address(), core.FaultOf(checked))
	}
	return fmt.Errorf("the database %s: %w", settings.Address(), err)
}

// ErrNotEmbedded is for a backup of a database that is not in a file.
var ErrNotEmbedded = errors.New("the database is on a server")

// Backup prepares a backup of the embedded database into the file at to.
func Backup(settings config.Settings, to string) (*sqlitedb.Backup, error) {
	path, isFile := settings.Database.SQLitePath()
	if !isFile {
		return nil, ErrNotEmbedded
	}
	return sqlitedb.NewBackup(path, to), nil
}
