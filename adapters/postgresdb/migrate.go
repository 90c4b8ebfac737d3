package postgresdb

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

const (
	// versionsTable and lockTable are goose's tables.
	versionsTable = "schema_versions"
	lockTable     = "migration_lock"
	// lockLease is how long the lock of a killed process keeps others waiting.
	lockLease     = 15 * time.Second
	lockHeartbeat = 3 * time.Second
	lockRetry     = 500 * time.Millisecond
	lockTries     = 240
)

// Migrate brings the schema up to date and returns how many migrations it applied. Each is one transaction: a process
// that is killed leaves the version before it. Copies that start at once take turns by a row in a table, since a
// session lock does not work behind a pooler. If a foreign table has the name of one to be created, the error names it
// and nothing is changed.
func (s *Store) Migrate(ctx context.Context) (applied int, err error) {
	found, err := s.inspect(ctx)
	if err != nil {
		return 0, err
	}
	steps, err := s.steps()
	if err != nil {
		return 0, err
	}
	if found.version >= latest(steps) {
		return 0, nil
	}
	if err := found.conflictingTable(s.schema, steps); err != nil {
		return 0, err
	}
	if err := s.createSchema(ctx); err != nil {
		return 0, err
	}
	db := stdlib.OpenDBFromPool(s.pool)
	defer func() { err = errors.Join(err, db.Close()) }()
	provider, err := s.provider(db, steps)
	if err != nil {
		return 0, err
	}
	results, err := provider.Up(ctx)
	if err != nil {
		return 0, fmt.Errorf("migrate the database: %w", err)
	}
	return len(results), nil
}

// createSchema creates the schema if it does not exist; two copies that do it at once may both have to retry.
func (s *Store) createSchema(ctx context.Context) error {
	for tries := 3; ; tries-- {
		_, err := s.pool.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+s.schema)
		if tries == 0 || !isConflict(err) {
			return err
		}
	}
}

// step is one migration.
type step struct {
	version int64
	text    string
}

// steps returns the migrations in their order, with the schema's name in them.
func (s *Store) steps() ([]step, error) {
	files, err := fs.Glob(migrations, "migrations/*.sql") // in the order of their names
	if err != nil {
		return nil, err
	}
	steps := make([]step, len(files))
	for i, file := range files {
		text, err := fs.ReadFile(migrations, file)
		if err != nil {
			return nil, err
		}
		version, err := goose.NumericComponent(file)
		if err != nil {
			return nil, err
		}
		steps[i] = step{version: version, text: s.text(string(text))}
	}
	return steps, nil
}

func latest(steps []step) int64 { return steps[len(steps)-1].version }

func (s *Store) provider(db *sql.DB, steps []step) (*goose.Provider, error) {
	locker, err := lock.NewPostgresTableLocker(
		lock.WithTableName(s.schema+"."+lockTable), lock.WithTableLeaseDuration(lockLease),
		lock.WithTableHeartbeatInterval(lockHeartbeat), lock.WithTableLockTimeout(lockRetry, lockTries),
		lock.WithTableLogger(slog.New(slog.DiscardHandler)), // its errors are returned as well
	)
	if err != nil {
		return nil, err
	}
	all := make([]*goose.Migration, len(steps))
	for i, one := range steps {
		all[i] = goose.NewGoMigration(one.version, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, one.text)
			return err
		}}, nil)
	}
	return goose.NewProvider(goose.DialectPostgres, db, nil, goose.WithTableName(s.schema+"."+versionsTable),
		goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(all...), goose.WithLocker(locker))
}
