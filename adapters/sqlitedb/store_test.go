package sqlitedb_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/journey-os/journey-api/adapters/sqlitedb"
	"github.com/journey-os/journey-api/internal/testkit/database"
	"github.com/journey-os/journey-api/ports/portstest"
)

var migrated = database.Copies(func(t testing.TB, path string) {
	t.Helper()
	if _, err := sqlitedb.Migrate(t.Context(), path); err != nil {
		t.Fatal(err)
	}
})

// open opens the store at path; a new file has its schema already.
func open(t testing.TB, path string) *sqlitedb.Store {
	t.Helper()
	if _, err := os.Lstat(path); errors.Is(err, os.ErrNotExist) {
		migrated(t, path)
	}
	store, err := sqlitedb.Open(t.Context(), sqlitedb.Config{Path: path, Serve: true, Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

func TestTheStoreKeepsTheContracts(t *testing.T) {
	portstest.MasterySuite(t, func(t *testing.T) portstest.MasteryStore {
		return open(t, filepath.Join(t.TempDir(), "a journey?.db"))
	})
}

func TestTheStoreKeepsTheContractsOfCalibration(t *testing.T) {
	portstest.CalibrationSuite(t, func(t *testing.T) portstest.CalibrationStore {
		return open(t, filepath.Join(t.TempDir(), "journey.db"))
	})
}

func TestPracticeKeepsTheContract(t *testing.T) {
	portstest.PracticeSuite(t, func(t *testing.T) portstest.PracticeStore {
		return open(t, filepath.Join(t.TempDir(), "journey.db"))
	})
}

func TestARunSurvivesWhatHappensToIt(t *testing.T) {
	portstest.RunEventsSuite(t, func(t *testing.T) portstest.CalibrationStore {
		return open(t, filepath.Join(t.TempDir(), "journey.db"))
	})
}
