package check

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

const dashboardFile = "deploy/grafana/journey-api.json"

type panel struct {
	Title, Description string
	GridPos            struct{ X, Y, W, H int }
	Targets            []struct{ Expr, LegendFormat string }
}

func panels(t *testing.T) []panel {
	t.Helper()
	var file struct{ Panels []panel }
	if err := json.Unmarshal(read(t, dashboardFile), &file); err != nil {
		t.Fatal(err)
	}
	return file.Panels
}

// panelQueries are the queries of every panel, with what Grafana puts in for its variables.
func panelQueries(t *testing.T) []query {
	t.Helper()
	grafana := strings.NewReplacer("$__rate_interval", "1m", "$instance", ".*")
	var queries []query
	for _, panel := range panels(t) {
		for _, target := range panel.Targets {
			queries = append(queries, query{
				place: panel.Title, text: grafana.Replace(target.Expr), shown: labelNames(`\{\{([a-z_]+)\}\}`, target.LegendFormat),
			})
		}
	}
	return queries
}

func TestGrafanaTakesTheDashboard(t *testing.T) {
	runtime := cog.NewRuntime()
	runtime.RegisterPanelcfgVariant(stat.VariantConfig())
	runtime.RegisterPanelcfgVariant(timeseries.VariantConfig())
	runtime.RegisterDataqueryVariant(prometheus.VariantConfig())
	var parsed dashboard.Dashboard
	for _, err := range []error{parsed.UnmarshalJSONStrict(read(t, dashboardFile)), parsed.Validate()} {
		if err != nil && err.Error() != "" { // "no fault" is an empty list there, which is no nil
			t.Error(err)
		}
	}
}

func TestEveryPanelLooksAtWhatIsExported(t *testing.T) {
	exported := listedSeries(t)
	for _, query := range panelQueries(t) {
		query.check(t, exported)
	}
}

func TestEveryPanelSaysWhatItShowsAndFollowsTheChosenCopies(t *testing.T) {
	for _, panel := range panels(t) {
		if panel.Title == "" || panel.Description == "" || len(panel.Targets) == 0 {
			t.Errorf("panel %q: description %q, %d queries", panel.Title, panel.Description, len(panel.Targets))
		}
		for _, target := range panel.Targets {
			if strings.Count(target.Expr, `instance=~"$instance"`) != strings.Count(target.Expr, "{") {
				t.Errorf("%s: not of the chosen copies alone: %s", panel.Title, target.Expr)
			}
		}
	}
}

func TestNoTwoPanelsLieOverOneAnother(t *testing.T) {
	taken := map[[2]int]string{}
	for _, panel := range panels(t) {
		at := panel.GridPos
		for x := at.X; x < at.X+at.W; x++ {
			for y := at.Y; y < at.Y+at.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" || x >= 24 {
					t.Fatalf("%s lies over %s or outside", panel.Title, other)
				}
				taken[[2]int{x, y}] = panel.Title
			}
		}
	}
}
