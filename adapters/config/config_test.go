package config_test

import (
	"errors"
	"maps"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/config"
)

const publishedSecretWarning = "is a published or placeholder secret: anyone can sign tokens with it. `journey-api init` makes one of your own"

var comparePrefixes = cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })

// complete returns the minimal settings, without a placeholder; changes override them, and "" removes a name.
func complete(changes map[string]string) map[string]string {
	values := map[string]string{
		"SUPABASE_URL":              "https://abcdefgh.supabase.co",
		"SUPABASE_ANON_KEY":         "anon-0123456789",
		"SUPABASE_SERVICE_ROLE_KEY": "service-0123456789",
		"SUPABASE_JWT_SECRET":       "KGhN2m0Jt0m5C5mXb7yqWc3pVd8sRf1L",
		"NEO4J_URI":                 "neo4j+s://graph.example.org",
		"NEO4J_USERNAME":            "neo4j",
		"NEO4J_PASSWORD":            "correct horse",
		"DATABASE_URL":              "postgres://journey:correct-horse@db.example.org/postgres?sslmode=require",
	}
	maps.Copy(values, changes)
	return values
}

func load(t *testing.T, environment map[string]string) config.Loaded {
	t.Helper()
	loaded, err := config.Load(environment, config.Source{})
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

func faultsOf(t *testing.T, environment map[string]string, dotenv config.Source) config.Faults {
	t.Helper()
	_, err := config.Load(environment, dotenv)
	var faults config.Faults
	if err != nil && !errors.As(err, &faults) {
		t.Fatalf("not Faults: %v", err)
	}
	return faults
}
