package check

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/relabel"
	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"
)

const ruleFolder = "deploy/prometheus"

type alert struct {
	Alert, Expr, For    string
	Labels, Annotations map[string]string
}

func alerts(t *testing.T) []alert {
	t.Helper()
	var file struct{ Groups []struct{ Rules []alert } }
	if err := yaml.Unmarshal(read(t, ruleFolder+"/alerts.yml"), &file); err != nil {
		t.Fatal(err)
	}
	return file.Groups[0].Rules
}

// labelNames finds the labels that a template shows.
func labelNames(pattern, text string) []string {
	var names []string
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		names = append(names, match[1])
	}
	return names
}

func TestEveryAlertLooksAtWhatIsExported(t *testing.T) {
	exported := listedSeries(t)
	for _, rule := range alerts(t) {
		shown := labelNames(`\$labels\.([a-z_]+)`, rule.Annotations["summary"]+rule.Annotations["description"])
		query{place: rule.Alert, text: rule.Expr, shown: shown}.check(t, exported)
	}
}

// An outcome that nothing ever has would keep an alert silent.
func TestEveryOutcomeInAnAlertIsAReasonOfTheService(t *testing.T) {
	documented := string(read(t, "docs/clients.md"))
	for _, rule := range alerts(t) {
		expression, err := parser.NewParser(parser.Options{}).ParseExpr(rule.Expr)
		if err != nil {
			t.Fatal(err)
		}
		for _, selector := range parser.ExtractSelectors(expression) {
			at := slices.IndexFunc(selector, func(m *labels.Matcher) bool { return m.Name == "outcome" })
			if at < 0 {
				continue
			}
			for outcome := range strings.SplitSeq(selector[at].Value, "|") {
				if outcome != "ok" && !strings.Contains(documented, "`"+outcome+"` |") {
					t.Errorf("%s: %s is neither a code nor a reason", rule.Alert, outcome)
				}
			}
		}
	}
}

func TestEveryAlertSaysHowBadItIsWhatItMeansAndWhatToDo(t *testing.T) {
	const page = "https://github.com/journey-os/journey-api/blob/main/docs/runbooks.md#"
	headings := regexp.MustCompile(`(?m)^## (JourneyAPI\w+)$`).FindAllStringSubmatch(string(read(t, "docs/runbooks.md")), -1)
	var documented, named []string
	for _, heading := range headings {
		documented = append(documented, heading[1])
	}
	for _, rule := range alerts(t) {
		named = append(named, rule.Alert)
		says := rule.Annotations
		if !slices.Contains([]string{"critical", "warning"}, rule.Labels["severity"]) || says["summary"] == "" || says["description"] == "" {
			t.Errorf("%s: severity %q, %q", rule.Alert, rule.Labels["severity"], says)
		}
		if says["runbook_url"] != page+strings.ToLower(rule.Alert) {
			t.Errorf("%s: it links to %s", rule.Alert, says["runbook_url"])
		}
	}
	if diff := cmp.Diff(named, documented); diff != "" {
		t.Errorf("alerts and the runbooks, in their order (-alerts +runbooks):\n%s", diff)
	}
}

// promtool runs Prometheus' own tool in the folder of the rules.
func promtool(t *testing.T, arguments ...string) {
	t.Helper()
	path, err := exec.LookPath("promtool")
	switch {
	case err != nil && os.Getenv("CI") != "":
		t.Fatal("promtool is missing, and CI has it")
	case err != nil:
		t.Skip("promtool is missing: it is in Debian's package prometheus")
	}
	command := exec.CommandContext(t.Context(), path, arguments...)
	command.Dir = filepath.Join(root, ruleFolder)
	if output, err := command.CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(arguments, " "), err, output)
	}
}

func TestPrometheusTakesTheRules(t *testing.T) { promtool(t, "check", "rules", "alerts.yml") }

func TestEachAlertFiresWhereItShouldAndNowhereElse(t *testing.T) {
	promtool(t, "test", "rules", "alerts_test.yml")
	cases := string(read(t, ruleFolder+"/alerts_test.yml"))
	for _, rule := range alerts(t) {
		if !strings.Contains(cases, `alertname="`+rule.Alert+`"`) {
			t.Errorf("no case has %s fire", rule.Alert)
		}
	}
}

func TestPrometheusFindsTheMetricsPortOfEachPodAndNothingElse(t *testing.T) {
	var file struct {
		ScrapeConfigs []struct {
			JobName        string            `yaml:"job_name"`
			RelabelConfigs []*relabel.Config `yaml:"relabel_configs"`
		} `yaml:"scrape_configs"`
	}
	if err := yaml.Unmarshal(read(t, ruleFolder+"/prometheus.yml"), &file); err != nil {
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
		t.Run(test.name, func(t *testing.T) {
			target := labels.NewBuilder(labels.FromStrings("__address__", "10.0.0.1:9090",
				"__meta_kubernetes_pod_label_app_kubernetes_io_name", test.app, "__meta_kubernetes_pod_container_port_name", test.port,
				"__meta_kubernetes_pod_phase", test.phase, "__meta_kubernetes_pod_name", "journey-api-1"))
			kept := relabel.ProcessBuilder(target, file.ScrapeConfigs[0].RelabelConfigs...)
			if kept != test.want || kept && target.Get("instance") != "journey-api-1" {
				t.Errorf("kept: %t, as %q", kept, target.Get("instance"))
			}
		})
	}
}
