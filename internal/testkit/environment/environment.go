// Package environment has the settings for tests of the whole service.
package environment

import (
	"maps"
	"path/filepath"
	"testing"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/ports/portstest"
)

// Refused is an address that refuses connections.
const Refused = "127.0.0.1:1"

// Absent has every required setting, all dependencies on the network at addresses that refuse, an embedded database of the
// test's own, and a free port of loopback to listen on.
func Absent(t testing.TB) map[string]string {
	t.Helper()
	return map[string]string{
		"SUPABASE_URL":              "http://" + Refused,
		"SUPABASE_ANON_KEY":         "anon-key-of-the-tests",
		"SUPABASE_SERVICE_ROLE_KEY": "service-role-key-of-the-tests",
		"SUPABASE_JWT_SECRET":       portstest.Secret,
		"NEO4J_URI":                 "bolt://" + Refused,
		"NEO4J_USERNAME":            "neo4j",
		"NEO4J_PASSWORD":            "password-of-the-tests",
		"DATABASE_URL":              "sqlite:" + filepath.Join(t.TempDir(), "journey.db"),
		"API_HOST":                  "127.0.0.1",
		"API_PORT":                  "0",
		// A busy machine may take more than the defaults for what is well.
		"HEALTH_TIMEOUT":   "1m",
		"REQUEST_TIMEOUT":  "30s",
		"READ_TIMEOUT":     "30s",
		"WRITE_TIMEOUT":    "1m",
		"SHUTDOWN_TIMEOUT": "30s",
	}
}

// Load reads the settings of Absent with these changes.
func Load(t *testing.T, change map[string]string) config.Loaded {
	t.Helper()
	values := Absent(t)
	maps.Copy(values, change)
	loaded, err := config.Load(values, config.Source{})
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}
