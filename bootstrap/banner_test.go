package main

import (
	"net"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/core"
)

func TestTheBannerSaysOnceWhatIsMissing(t *testing.T) {
	down := func(name string) core.Dependency {
		return core.Dependency{Name: name, Status: core.StatusError, Fault: core.FaultConnectionRefused}
	}
	up := func(name string) core.Dependency { return core.Dependency{Name: name, Status: core.StatusOK} }
	tests := []struct {
		name   string
		states []core.Dependency
		want   string
	}{
		{"both", []core.Dependency{down("supabase"), down("neo4j"), down("neo4j"), down("supabase")},
			"Neo4j (bolt://127.0.0.1:1: Connection refused) and Supabase (http://127.0.0.1:1: Connection refused) are not there. The service runs without, and /health says so; make stack starts them.\n"},
		{"one", []core.Dependency{up("neo4j"), down("supabase"), down("neo4j")},
			"Supabase (http://127.0.0.1:1: Connection refused) is not there. The service runs without, and /health says so; make stack starts them.\n"},
		{"nothing while one is unknown", []core.Dependency{down("neo4j"), down("neo4j")}, ""},
		{"nothing where all is well", []core.Dependency{up("neo4j"), up("supabase"), down("neo4j")}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var said strings.Builder
			banner := newBanner(&said, loadSettings(t, nil).Settings)
			for _, state := range tt.states {
				banner.dependencyKnown(state)
			}
			if said.String() != tt.want {
				t.Errorf("said %q, want %q", said.String(), tt.want)
			}
		})
	}
}

func TestTheBannerSaysWhereToLook(t *testing.T) {
	var said strings.Builder
	newBanner(&said, loadSettings(t, nil).Settings).listening(&net.TCPAddr{IP: net.IPv4zero, Port: 8000})
	for _, words := range []string{"listens on http://localhost:8000\n", "http://localhost:8000/docs\n", "http://localhost:8000/health\n", "token --role student"} {
		if !strings.Contains(said.String(), words) {
			t.Errorf("no %q in\n%s", words, said.String())
		}
	}
}

func TestTheBannerIsSilentInProduction(t *testing.T) {
	var said strings.Builder
	banner := newBanner(&said, loadSettings(t, map[string]string{"APP_ENV": "production"}).Settings)
	banner.listening(&net.TCPAddr{IP: net.IPv4zero, Port: 8000})
	banner.dependencyKnown(core.Dependency{Name: "neo4j", Status: core.StatusError})
	banner.dependencyKnown(core.Dependency{Name: "supabase", Status: core.StatusError})
	if said.Len() > 0 {
		t.Errorf("said %q", said.String())
	}
}
