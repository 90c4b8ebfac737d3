package app

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/internal/testkit/environment"
)

// The settings can't ask this package which dependencies there are: each is named once more there.
func TestEachDependencyMayBeRequired(t *testing.T) {
	t.Parallel()
	for _, dependency := range build(t, nil).Dependencies() {
		a := build(t, map[string]string{"HEALTH_REQUIRED": dependency.Name})
		if diff := cmp.Diff([]string{dependency.Name}, a.settings.Health.Required); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestADependencyIsNamedAndHasAnAddressWithoutCredentials(t *testing.T) {
	t.Parallel()
	change := map[string]string{"DATABASE_URL": "postgres://journey:s3cr3t@127.0.0.1:1/postgres?sslmode=disable"}
	settings := environment.Load(t, change).Settings
	type shown struct{ Name, Title, Address string }
	var got []shown
	for _, dependency := range build(t, change).Dependencies() {
		got = append(got, shown{dependency.Name, dependency.Title, dependency.Address})
	}
	want := []shown{{"neo4j", "Neo4j", settings.Neo4j.URI}, {"supabase", "Supabase", settings.Supabase.URL},
		{"database", "Database", "postgres://127.0.0.1:1/postgres"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
