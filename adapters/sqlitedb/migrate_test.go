package sqlitedb_test

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/journey-os/journey-api/adapters/sqlitedb"
)

func TestASchemaThatIsBehindOrAheadIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journey.db")
	refused := func(what string) {
		t.Helper()
		if _, err := sqlitedb.Open(t.Context(), sqlitedb.Config{Path: path}); err == nil || !strings.Contains(err.Error(), "journey-api migrate") {
			t.Fatalf("%s: %v", what, err)
		}
	}
	refused("no database")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	refused("an empty database")
	if applied, err := sqlitedb.Migrate(t.Context(), path); err != nil || applied == 0 {
		t.Errorf("applied %d, %v", applied, err)
	}
	if applied, err := sqlitedb.Migrate(t.Context(), path); err != nil || applied != 0 {
		t.Errorf("the second time applied %d, %v", applied, err)
	}
	store, err := sqlitedb.Open(t.Context(), sqlitedb.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	run(t, path, "INSERT INTO schema_versions (version_id, is_applied) VALUES (9999, 1)")
	for name, config := range map[string]sqlitedb.Config{
		"a tool": {}, "a tool that migrates": {Migrate: true}, "a service": {Serve: true}, "a service that migrates": {Serve: true, Migrate: true},
	} {
		config.Path = path
		store, err := sqlitedb.Open(t.Context(), config)
		if err == nil || !strings.Contains(err.Error(), "newer program") {
			t.Errorf("a database of the future, opened by %s: %v", name, err)
		}
		if err == nil {
			_ = store.Close()
		}
	}
}

func TestWhatDoesNotMigrateMakesNoFile(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "journey.db")
	for _, serve := range []bool{false, true} {
		store, err := sqlitedb.Open(t.Context(), sqlitedb.Config{Path: path, Serve: serve})
		if err == nil {
			_ = store.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "there is no such file") {
			t.Errorf("serve %t: %v", serve, err)
		}
	}
	if sqlitedb.IsCurrent(t.Context(), path) {
		t.Error("a file that is not there needs no migration")
	}
	if files, err := os.ReadDir(folder); err != nil || len(files) > 0 {
		t.Errorf("left %v (%v)", files, err)
	}
}

// raw is the file without the store.
func raw(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+url.PathEscape(path)+"?_pragma=journal_mode(WAL)")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func run(t *testing.T, path, text string) {
	t.Helper()
	db := raw(t, path)
	_, err := db.ExecContext(t.Context(), text)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestCopiesThatMigrateAtOnceFollowOneAnother(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journey.db")
	var (
		copies sync.WaitGroup
		mu     sync.Mutex
		total  int
	)
	for range 4 {
		copies.Go(func() {
			applied, err := sqlitedb.Migrate(t.Context(), path)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			total += applied
		})
	}
	copies.Wait()
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil || total != len(files) {
		t.Errorf("%d migrations were applied, want %d (%v)", total, len(files), err)
	}
}

// A process that is killed in a migration leaves a file with a transaction that never ended: the copy of one.
func TestAMigrationThatWasKilledHalfWayIsDoneAgain(t *testing.T) {
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal(len(files), err)
	}
	for i, file := range files {
		path := filepath.Join(t.TempDir(), "journey.db")
		if err := sqlitedb.MigrateTo(t.Context(), path, i); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		statements := strings.SplitAfter(string(text), ";\n")
		db := raw(t, path)
		tx, err := db.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, statement := range statements[:len(statements)/2] {
			if _, err := tx.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		killed := filepath.Join(t.TempDir(), "journey.db")
		for _, suffix := range []string{"", "-wal"} {
			content, err := os.ReadFile(path + suffix)
			if err == nil {
				err = os.WriteFile(killed+suffix, content, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		newClass(t, open(t, killed))
	}
}

func TestMigratingBesideAServiceNeedsNoWaitIfThereIsNothingToDo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journey.db")
	newClass(t, open(t, path))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // far below what a migration waits for another one
	defer cancel()
	if applied, err := sqlitedb.Migrate(ctx, path); err != nil || applied != 0 {
		t.Errorf("applied %d, %v", applied, err)
	}
	tool, err := sqlitedb.Open(ctx, sqlitedb.Config{Path: path, Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := tool.Close(); err != nil {
		t.Error(err)
	}
}
