package app

import (
	"io"
	"testing"

	"github.com/journey-os/journey-api/internal/testkit/environment"
	"github.com/journey-os/journey-api/internal/testkit/goroutines"
)

func TestMain(m *testing.M) { goroutines.Main(m, goroutines.OfFasthttp()...) }

// build puts a service together whose dependencies on the network are absent, and closes it with the test.
func build(t *testing.T, change map[string]string) *App {
	t.Helper()
	loaded := environment.Load(t, change)
	environment.Migrated(t, loaded.Settings.Database)
	a, err := New(Config{Version: "1.2.3", Loaded: loaded, Log: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.parts.stop)
	return a
}
