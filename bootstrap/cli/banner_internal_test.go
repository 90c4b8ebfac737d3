package cli

import (
	"io"
	"net"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/bootstrap/app"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/health"
	"github.com/journey-os/journey-api/internal/testkit/environment"
)

func TestTheBannerSaysOnceWhatIsMissing(t *testing.T) {
	down := func(name string) health.Dependency {
		return health.Dependency{Name: name, Status: health.StatusError, Fault: core.FaultConnectionRefused}
	}
	up := func(name string) health.Dependency { return health.Dependency{Name: name, Status: health.StatusOK} }
	tests := []struct {
		name   string
		states []health.Dependency
		want   string
	}{
		{"both", []health.Dependency{down("supabase"), down("neo4j"), down("neo4j"), down("supabase")},
			"Neo4j (bolt://127.0.0.1:1: Connection refused) and Supabase (http://127.0.0.1:1: Connection refused) are not there. The service runs without, and /health says so; make stack starts them.\n"},
		{"one", []health.Dependency{up("neo4j"), down("supabase"), down("neo4j")},
			"Supabase (http://127.0.0.1:1: Connection refused) is not there. The service runs without, and /health says so; make stack starts them.\n"},
		{"nothing while one is unknown", []health.Dependency{down("neo4j"), down("neo4j")}, ""},
		{"nothing if all is well", []health.Dependency{up("neo4j"), up("supabase"), down("neo4j")}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var said strings.Builder
			banner := newTestBanner(&said, environment.Load(t, nil).Settings)
			for _, state := range tt.states {
				banner.dependencyKnown(state)
			}
			if said.String() != tt.want {
				t.Errorf("said %q, want %q", said.String(), tt.want)
			}
		})
	}
}

func TestTheBannerTellsWhatIsRequiredFromTheRest(t *testing.T) {
	var said strings.Builder
	banner := newTestBanner(&said, environment.Load(t, map[string]string{"HEALTH_REQUIRED": "neo4j"}).Settings)
	for _, name := range []string{"supabase", "neo4j"} {
		banner.dependencyKnown(health.Dependency{Name: name, Status: health.StatusError, Fault: core.FaultConnectionRefused})
	}
	want := "Neo4j (bolt://127.0.0.1:1: Connection refused) is not there. The service is not ready without, and /health says so.\n" +
		"Supabase (http://127.0.0.1:1: Connection refused) is not there. The service runs without, and /health says so; make stack starts them.\n"
	if said.String() != want {
		t.Errorf("said %q, want %q", said.String(), want)
	}
}

func TestTheBannerSaysWhereToLook(t *testing.T) {
	var said strings.Builder
	newTestBanner(&said, environment.Load(t, nil).Settings).listening(&net.TCPAddr{IP: net.IPv4zero, Port: 8000})
	for _, words := range []string{"listens on http://localhost:8000\n", "http://localhost:8000/practice\n", "http://localhost:8000/docs\n", "http://localhost:8000/health\n", "token --role student"} {
		if !strings.Contains(said.String(), words) {
			t.Errorf("no %q in\n%s", words, said.String())
		}
	}
}

func TestTheBannerNamesThePracticePageIfThereIsOne(t *testing.T) {
	var said strings.Builder
	settings := environment.Load(t, map[string]string{"SUPABASE_URL": "https://abc.supabase.co"}).Settings
	newTestBanner(&said, settings).listening(&net.TCPAddr{IP: net.IPv4zero, Port: 8000})
	if strings.Contains(said.String(), "/practice") {
		t.Errorf("it names a page that is not there:\n%s", said.String())
	}
}

func TestTheBannerIsSilentInProduction(t *testing.T) {
	var said strings.Builder
	banner := newTestBanner(&said, environment.Load(t, map[string]string{"APP_ENV": "production"}).Settings)
	banner.listening(&net.TCPAddr{IP: net.IPv4zero, Port: 8000})
	banner.dependencyKnown(health.Dependency{Name: "neo4j", Status: health.StatusError})
	banner.dependencyKnown(health.Dependency{Name: "supabase", Status: health.StatusError})
	if said.Len() > 0 {
		t.Errorf("said %q", said.String())
	}
}

// newTestBanner is one for a service with the dependencies that are at settings.
func newTestBanner(out io.Writer, settings config.Settings) *banner {
	b := newBanner(Process{Stderr: out}, settings)
	b.dependencies = []app.Dependency{
		{Name: "neo4j", Title: "Neo4j", Address: settings.Neo4j.URI}, {Name: "supabase", Title: "Supabase", Address: settings.Supabase.URL},
	}
	return b
}
