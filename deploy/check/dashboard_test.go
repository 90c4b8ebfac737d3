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
	Targets            []struct{ Expr, LegendFormat string }
}

func panels(t *testing.T) []panel {
	t.Helper()
	var file struct{ Panels []panel }
	if err := json.Unmarshal([]byte(read(t, dashboardFile)), &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Panels) == 0 {
		t.Fatal("the dashboard has no panels")
	}
	return file.Panels
}

func TestGrafanaTakesTheDashboard(t *testing.T) {
	runtime := cog.NewRuntime()
	runtime.RegisterPanelcfgVariant(stat.VariantConfig())
	runtime.RegisterPanelcfgVariant(timeseries.VariantConfig())
	runtime.RegisterDataqueryVariant(prometheus.VariantConfig())
	var parsed dashboard.Dashboard
	for _, err := range []error{parsed.UnmarshalJSONStrict([]byte(read(t, dashboardFile))), parsed.Validate()} {
		if err != nil && err.Error() != "" { // "no fault" is an empty list there, which is no nil
			t.Error(err)
		}
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
			if target.LegendFormat == "" {
				t.Errorf("%s: no legend for %s", panel.Title, target.Expr)
			}
		}
	}
}
