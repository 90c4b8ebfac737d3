package check

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/relabel"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

const ruleFolder = "deploy/prometheus/"

type alert struct {
	Alert, Expr         string
	Labels, Annotations map[string]string
}

func alerts(t *testing.T) []alert {
	t.Helper()
	var file struct{ Groups []struct{ Rules []alert } }
	if err := yaml.Unmarshal([]byte(read(t, ruleFolder+"alerts.yml")), &file); err != nil {
		t.Fatal(err)
	}
	return file.Groups[0].Rules
}

// An outcome that nothing ever has would keep an alert silent.
func TestEveryOutcomeInAnAlertIsAReasonOfTheService(t *testing.T) {
	documented := read(t, "docs/clients.md")
	for _, rule := range alerts(t) {
		for _, outcomes := range matches(`outcome[=!~]+"([^"]+)"`, rule.Expr) {
			for outcome := range strings.SplitSeq(outcomes, "|") {
				if outcome != "ok" && !strings.Contains(documented, "`"+outcome+"` |") {
					t.Errorf("%s: %s is neither a code nor a reason", rule.Alert, outcome)
				}
			}
		}
	}
}

func TestEveryAlertSaysHowBadItIsWhatItMeansAndWhatToDo(t *testing.T) {
	const page = "https://github.com/journey-os/journey-api/blob/main/docs/runbooks.md#"
	cases := read(t, ruleFolder+"alerts_test.yml")
	var named []string
	for _, rule := range alerts(t) {
		named = append(named, rule.Alert)
		says := rule.Annotations
		if !slices.Contains([]string{"critical", "warning"}, rule.Labels["severity"]) || says["summary"] == "" || says["description"] == "" {
			t.Errorf("%s: severity %q, %q", rule.Alert, rule.Labels["severity"], says)
		}
		if says["runbook_url"] != page+strings.ToLower(rule.Alert) {
			t.Errorf("%s: it links to %s", rule.Alert, says["runbook_url"])
		}
		if !strings.Contains(cases, `alertname="`+rule.Alert+`"`) {
			t.Errorf("no case of promtool's has %s fire", rule.Alert)
		}
	}
	if diff := cmp.Diff(named, matches(`(?m)^## (JourneyAPI\w+)$`, read(t, "docs/runbooks.md"))); diff != "" {
		t.Errorf("alerts and the runbooks, in their order (-alerts +runbooks):\n%s", diff)
	}
}

func TestPrometheusFindsTheMetricsPortOfEachPodAndNothingElse(t *testing.T) {
	var file struct {
		ScrapeConfigs []struct {
			JobName        string            `yaml:"job_name"`
			RelabelConfigs []*relabel.Config `yaml:"relabel_configs"`
		} `yaml:"scrape_configs"`
	}
	if err := yaml.Unmarshal([]byte(read(t, ruleFolder+"prometheus.yml")), &file); err != nil {
		t.Fatal(err)
	}
	if file.ScrapeConfigs[0].JobName != "journey-api" {
		t.Errorf("the job is %q, and the alerts look for journey-api", file.ScrapeConfigs[0].JobName)
	}
	for _, rule := range file.ScrapeConfigs[0].RelabelConfigs {
		if err := rule.Validate(model.UTF8Validation); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name, app, port, phase string
		want                   bool
	}{
		{"a copy's metrics", "journey-api", "metrics", "Running", true},
		{"a copy that starts", "journey-api", "metrics", "Pending", true},
		{"a copy's API", "journey-api", "http", "Running", false},
		{"a copy that has ended", "journey-api", "metrics", "Succeeded", false},
		{"a copy that was evicted", "journey-api", "metrics", "Failed", false},
		{"another program's metrics", "another", "metrics", "Running", false},
	} {
		target := labels.NewBuilder(labels.FromStrings("__address__", "10.0.0.1:9090",
			"__meta_kubernetes_pod_label_app_kubernetes_io_name", test.app, "__meta_kubernetes_pod_container_port_name", test.port,
			"__meta_kubernetes_pod_phase", test.phase, "__meta_kubernetes_pod_name", "journey-api-1"))
		kept := relabel.ProcessBuilder(target, file.ScrapeConfigs[0].RelabelConfigs...)
		if kept != test.want || kept && target.Get("instance") != "journey-api-1" {
			t.Errorf("%s: kept: %t, as %q", test.name, kept, target.Get("instance"))
		}
	}
}
