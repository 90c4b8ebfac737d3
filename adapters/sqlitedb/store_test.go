package sqlitedb_test

import (
	"path/filepath"
	"testing"

	"github.com/journey-os/journey-api/adapters/sqlitedb"
	"github.com/journey-os/journey-api/ports/portstest"
)

func open(t testing.TB, path string) *sqlitedb.Store {
	t.Helper()
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
