//go:build unix

package check

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// project answers as a healthy Supabase project with one signing key: the one of RFC 8037, appendix A.2.
func project(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/auth/v1/.well-known/jwks.json" {
			_, _ = io.WriteString(w, `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"one","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`)
			return
		}
		w.Header().Set("Content-Type", "application/openapi+json") // as PostgREST describes itself
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// deployed runs the service with what the manifests give it, but for the addresses of others, and returns where it
// answers.
func deployed(t *testing.T) (service *program, api, metrics string) {
	t.Helper()
	needsLinux(t)
	api, metrics = "127.0.0.1:"+freePort(t), "127.0.0.1:"+freePort(t)
	kinds := manifests(t)
	settings := deployedSettings(kinds, false)
	_, garbage := memoryOf(t, podOf(kinds).Containers[0])
	settings["GOMEMLIMIT"] = strconv.Itoa(garbage)
	settings["API_HOST"], settings["API_PORT"], _ = strings.Cut(api, ":")
	settings["METRICS_ADDR"], settings["DRAIN_DELAY"] = metrics, "0s"
	settings["SUPABASE_URL"], settings["NEO4J_URI"] = project(t), "bolt://127.0.0.1:1"
	settings["MASTERY_GRAPH"] = "neo4j" // whose numbers alerts look at
	settings["DATABASE_URL"] = "sqlite:" + filepath.Join(t.TempDir(), "journey.db")
	command := exec.Command(installed(t)) // not in the container of these tests, which lacks a container's /proc
	command.Dir, command.Env = t.TempDir(), []string{}
	for name, value := range settings {
		command.Env = append(command.Env, name+"="+value)
	}
	service = start(t, command)
	service.waitFor(t, `"msg":"started"`)
	return service, "http://" + api, "http://" + metrics
}

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	reply, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reply.Body.Close() }()
	content, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply.StatusCode, string(content)
}

// scrapeUntil reads the metrics until every line is there.
func scrapeUntil(t *testing.T, url string, lines ...string) string {
	t.Helper()
	page, again := "", time.NewTicker(50*time.Millisecond)
	defer again.Stop()
	for late := time.After(patience); ; {
		_, page = get(t, url)
		if !slices.ContainsFunc(lines, func(line string) bool { return !strings.Contains(page, "\n"+line+"\n") }) {
			return page
		}
		select {
		case <-again.C:
		case <-late:
			t.Fatalf("not all of %q are in\n%s", lines, page)
		}
	}
}

// seriesOf is what a page of metrics holds.
func seriesOf(t *testing.T, page string) series {
	t.Helper()
	reader := expfmt.NewTextParser(model.UTF8Validation)
	families, err := reader.TextToMetricFamilies(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	found := series{}
	for name, family := range families {
		var labels []string
		for _, pair := range family.Metric[0].Label {
			labels = append(labels, pair.GetName())
		}
		found.add(name, kindOf(family), labels)
	}
	return found
}

func kindOf(family *dto.MetricFamily) string { return strings.ToLower(family.GetType().String()) }

func TestTheServiceAsDeployedAnswersItsProbesAndExportsWhatAlertsAndPanelsLookAt(t *testing.T) {
	service, api, metrics := deployed(t)
	pod := podOf(manifests(t)).Containers[0]
	for path, want := range map[string]int{
		pod.ReadinessProbe.HTTPGet.Path: http.StatusOK,
		pod.LivenessProbe.HTTPGet.Path:  http.StatusOK,
		"/api/me":                       http.StatusUnauthorized,
		"/metrics":                      http.StatusNotFound,
	} {
		if got, _ := get(t, api+path); got != want {
			t.Errorf("%s is %d, want %d", path, got, want)
		}
	}
	_, garbage := memoryOf(t, pod)
	page := scrapeUntil(t, metrics+"/metrics", `journey_api_signing_keys 1`, `journey_api_dependency_up{dependency="supabase"} 1`,
		`journey_api_dependency_up{dependency="neo4j"} 0`, `journey_api_authentications_total{outcome="token_missing"} 1`,
		fmt.Sprintf("go_gc_gomemlimit_bytes %v", float64(garbage)))
	exported := seriesOf(t, page)
	for _, query := range panelQueries(t) {
		query.check(t, exported)
	}
	for _, rule := range alerts(t) {
		query{place: rule.Alert, text: rule.Expr}.check(t, exported)
	}
	if code := service.stop(t, syscall.SIGTERM); code != 0 {
		t.Errorf("it exits %d", code)
	}
}
