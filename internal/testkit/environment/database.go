package environment

import (
	"errors"
	"log/slog"
	"os"
	"testing"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/adapters/jobs"
	"github.com/journey-os/journey-api/adapters/sqlitedb"
	"github.com/journey-os/journey-api/internal/testkit/database"
)

var migrated = database.Copies(func(t testing.TB, path string) {
	t.Helper()
	if _, err := sqlitedb.Migrate(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	queue, err := sqlitedb.OpenQueue(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = jobs.MigrateSQLite(t.Context(), queue, slog.New(slog.DiscardHandler))
	if err := errors.Join(err, queue.Close()); err != nil {
		t.Fatal(err)
	}
})

// Migrated creates the file that DATABASE_URL names, with the schema that a service gives an empty one. It does nothing
// if the file exists, or if the service may not migrate it.
func Migrated(t testing.TB, settings config.Database) {
	t.Helper()
	path, isFile := settings.SQLitePath()
	if !isFile || !settings.MigrateOnStart {
		return
	}
	if _, err := os.Lstat(path); errors.Is(err, os.ErrNotExist) {
		migrated(t, path)
	}
}
