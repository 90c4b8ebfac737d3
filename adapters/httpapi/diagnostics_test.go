package httpapi_test

import (
	"net/http"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports/portstest"
)

// diagnose is what the other adapters would say.
func diagnose() httpapi.Diagnostics {
	return httpapi.Diagnostics{
		Settings:    []httpapi.SettingInForce{{Name: "NEO4J_PASSWORD", Value: "***", From: ".env"}},
		SigningKeys: []httpapi.SigningKey{{KeyID: "key-1", Algorithm: "ES256", AgeSeconds: 60}},
		KeyEndpoint: httpapi.KeyEndpoint{State: "failing", Fault: "slow", SinceSuccessSeconds: 61, UntilFetchSeconds: 9, Fetches: 3, Failed: 1, Waiting: 2},
		Caches:      []httpapi.Cache{{Name: "verdicts", Entries: 1, Capacity: 10000, Hits: 2, Misses: 3}},
		Pools:       []httpapi.Pool{{Name: "neo4j", InUse: 1, Capacity: 50}},
		Engines:     []httpapi.EngineFigures{{Name: "mastery", Figures: []httpapi.Figure{{Name: "mastery_answers_total", Labels: map[string]string{"outcome": "new"}, Value: 3}}}},
	}
}

func TestASuperadminSeesWhatTheServiceKnowsOfItself(t *testing.T) {
	t.Parallel()
	s := start(t, with(portstest.Neo4jDown(core.FaultConnectionRefused), portstest.SupabaseUp()))
	var got map[string]any
	s.Do(request{Path: "/api/diagnostics", Token: "superadmin"}).Data(t, &got)
	dependencies, _ := got["dependencies"].(map[string]any)
	supabase, _ := dependencies["supabase"].(map[string]any)
	neo4j, _ := dependencies["neo4j"].(map[string]any)
	if supabase["status"] != "ok" || supabase["cause"] != nil {
		t.Errorf("supabase is %v", supabase)
	}
	if cause, _ := neo4j["cause"].(string); neo4j["error"] != "Connection refused" || cause == "" || cause == "Connection refused" {
		t.Errorf("neo4j is %v, want the unshortened error", neo4j)
	}
	if uptime, ok := got["uptime_seconds"].(float64); !ok || uptime < 0 {
		t.Errorf("uptime_seconds is %v", got["uptime_seconds"])
	}
	delete(got, "dependencies")
	delete(got, "uptime_seconds")
	want := map[string]any{
		"build":        map[string]any{"version": "1.2.3", "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH},
		"settings":     []any{map[string]any{"name": "NEO4J_PASSWORD", "value": "***", "from": ".env"}},
		"signing_keys": []any{map[string]any{"kid": "key-1", "algorithm": "ES256", "age_seconds": 60.0}},
		"key_endpoint": map[string]any{
			"state": "failing", "fault": "slow", "since_success_seconds": 61.0, "until_fetch_seconds": 9.0,
			"fetches": 3.0, "failed": 1.0, "waiting": 2.0,
		},
		"caches": []any{map[string]any{"name": "verdicts", "entries": 1.0, "capacity": 10000.0, "hits": 2.0, "misses": 3.0}},
		"pools": []any{
			map[string]any{"name": "requests in flight", "in_use": 1.0, "capacity": 64.0},
			map[string]any{"name": "connections", "in_use": 1.0, "capacity": 256.0},
			map[string]any{"name": "bytes of bodies", "in_use": 0.0, "capacity": 4194304.0},
			map[string]any{"name": "neo4j", "in_use": 1.0, "capacity": 50.0},
		},
		"engines": []any{map[string]any{"name": "mastery", "figures": []any{
			map[string]any{"name": "mastery_answers_total", "labels": map[string]any{"outcome": "new"}, "value": 3.0},
		}, "notes": []any{}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNobodyElseSeesTheDiagnostics(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, token := range []string{"institutional_admin", "faculty-director", "advisor", "student"} {
		wantFailure(t, s.Do(request{Path: "/api/diagnostics", Token: token}),
			failed{Status: http.StatusForbidden, Code: "FORBIDDEN", Message: "Your role may not do this", Reason: "role_not_allowed"})
	}
}
