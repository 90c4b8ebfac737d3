package sqlitedb_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/adapters/sqlitedb"
)

func TestWhyAFileCanNotBeTheDatabaseIsSaidInWords(t *testing.T) {
	folder := t.TempDir()
	text, closed := filepath.Join(folder, "text"), filepath.Join(folder, "closed")
	if err := os.WriteFile(text, []byte(strings.Repeat("this is no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(closed, 0o500); err != nil {
		t.Fatal(err)
	}
	cases := map[string]string{
		text: "the file is not a SQLite database", folder: "that is a folder: DATABASE_URL names a file",
		filepath.Join(folder, "none", "journey.db"): "there is no folder " + filepath.Join(folder, "none"),
	}
	if probe, err := os.Create(filepath.Join(closed, "probe")); err == nil {
		_ = probe.Close()
		t.Log("this user may write everywhere: a folder that may only be read is left out")
	} else {
		cases[filepath.Join(closed, "journey.db")] = "no file can be made in the folder " + closed
	}
	for path, want := range cases {
		for _, serve := range []bool{false, true} {
			store, err := sqlitedb.Open(t.Context(), sqlitedb.Config{Path: path, Serve: serve, Migrate: true})
			if err == nil {
				_ = store.Close()
			}
			if err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%s: %v, want %q", path, err, want)
			}
		}
	}
}
