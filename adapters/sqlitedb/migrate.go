package sqlitedb

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrateWait is how long a migration waits for another one that is under way.
const migrateWait = 30 * time.Second

// Migrate brings the schema of the file at path up to date, and makes the file if there is none. Each migration is one
// transaction: a process that is killed leaves the version before it. Two at once take turns. While a process serves
// from the file nothing is changed, which is an error if there are migrations to apply.
func Migrate(ctx context.Context, path string) (applied int, err error) {
	release, err := lockServing(ctx, path, 0)
	if errors.Is(err, errInUse) {
		if isCurrent(ctx, path) {
			return 0, nil
		}
		release, err = lockServing(ctx, path, migrateWait)
	}
	if err != nil {
		return 0, inWords(path, err)
	}
	defer func() { err = errors.Join(inWords(path, err), release()) }()
	return migrate(ctx, path)
}

// migrate is Migrate for a caller that holds the lock.
func migrate(ctx context.Context, path string) (applied int, err error) {
	if err := makeFile(path); err != nil {
		return 0, err
	}
	err = withProvider(path, func(provider *goose.Provider) error {
		results, err := provider.Up(ctx)
		if err != nil {
			return fmt.Errorf("migrate the database: %w", err)
		}
		applied = len(results)
		return nil
	})
	return applied, err
}

// makeFile creates an empty file if there is none, which only this user can read, since it holds records of students.
// SQLite gives the files beside it the same mode.
func makeFile(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("make the database: %w", err)
	}
	return file.Close()
}

// checkFile returns an error if there is no file.
func checkFile(path string) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return errors.New("there is no such file: journey-api migrate makes it")
	}
	return nil
}

// isCurrent reports whether the schema needs no migration. It only reads, and makes no file, since another process may
// be about to migrate.
func isCurrent(ctx context.Context, path string) bool {
	steps, err := fs.Glob(migrations, "migrations/*.sql") // in the order of their names
	if err != nil {
		return false
	}
	latest, err := goose.NumericComponent(steps[len(steps)-1])
	if err != nil {
		return false
	}
	db, err := sql.Open("sqlite", dataSource(path, reading...)+"&mode=rw")
	if err != nil {
		return false
	}
	defer func() { _ = db.Close() }() // it was only read
	var version int64
	err = db.QueryRowContext(ctx, "SELECT max(version_id) FROM schema_versions").Scan(&version)
	return err == nil && version >= latest
}

// CheckSchema returns an error for a schema that is behind this version of the program, or ahead of it.
func CheckSchema(ctx context.Context, path string) error {
	return withProvider(path, func(provider *goose.Provider) error {
		current, target, err := provider.GetVersions(ctx)
		switch {
		case err != nil:
			return fmt.Errorf("read the schema's version: %w", err)
		case current < target:
			return fmt.Errorf("the schema has version %d and this program needs %d: run journey-api migrate", current, target)
		case current > target:
			return fmt.Errorf("the schema has version %d, which is of a newer program; this one knows %d", current, target)
		}
		return nil
	})
}

func withProvider(path string, use func(*goose.Provider) error) error {
	db, err := sql.Open("sqlite", dataSource(path, migrating...))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return errors.Join(err, db.Close())
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, folder, goose.WithTableName("schema_versions"),
		goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return errors.Join(err, db.Close())
	}
	return errors.Join(use(provider), db.Close())
}
