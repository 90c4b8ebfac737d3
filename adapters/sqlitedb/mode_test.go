package sqlitedb_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/journey-os/journey-api/adapters/sqlitedb"
)

func TestTheFilesOfANewDatabaseAreThisUsersAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	path := filepath.Join(t.TempDir(), "journey.db")
	store, err := sqlitedb.Open(t.Context(), sqlitedb.Config{Path: path, Serve: true, Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	for _, file := range []string{path, path + "-wal"} {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has mode %o", filepath.Base(file), mode)
		}
	}
}
