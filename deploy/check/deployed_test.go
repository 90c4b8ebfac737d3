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
func deployed(t *testing.T, kinds objects) (service *program, api, metrics string) {
	t.Helper()
	api, metrics = freePort(t), freePort(t)
	settings := deployedSettings(t, kinds, false)
	_, garbage := memoryOf(t, kinds)
	settings["GOMEMLIMIT"] = strconv.Itoa(garbage)
	settings["API_HOST"], settings["API_PORT"] = "127.0.0.1", api
	settings["METRICS_ADDR"], settings["DRAIN_DELAY"] = "127.0.0.1:"+metrics, "0s"
	settings["SUPABASE_URL"], settings["NEO4J_URI"] = project(t), "bolt://127.0.0.1:1"
	settings["MASTERY_GRAPH"] = "neo4j" // whose numbers alerts look at
	settings["DATABASE_URL"] = "sqlite:" + filepath.Join(t.TempDir(), "journey.db")
	command := exec.Command(binary(t)) // not in the container of these tests, which lacks a container's /proc
	command.Dir, command.Env = t.TempDir(), environment(settings)
	service = start(t, command)
	service.waitFor(t, `"msg":"started"`)
	return service, "http://127.0.0.1:" + api, "http://127.0.0.1:" + metrics + "/metrics"
}

// queries are those of every alert, and of every panel with what Grafana puts in for its variables.
func queries(t *testing.T) []query {
	t.Helper()
	var all []query
	for _, rule := range alerts(t) {
		shown := matches(`\$labels\.([a-z_]+)`, rule.Annotations["summary"]+rule.Annotations["description"])
		all = append(all, query{place: rule.Alert, text: rule.Expr, shown: shown})
	}
	grafana := strings.NewReplacer("$__rate_interval", "1m", "$instance", ".*")
	for _, panel := range panels(t) {
		for _, target := range panel.Targets {
			shown := matches(`\{\{([a-z_]+)\}\}`, target.LegendFormat)
			all = append(all, query{place: panel.Title, text: grafana.Replace(target.Expr), shown: shown})
		}
	}
	return all
}

func TestTheServiceAsDeployedAnswersItsProbesAndExportsWhatAlertsAndPanelsLookAt(t *testing.T) {
	kinds := production(t)
	service, api, metrics := deployed(t, kinds)
	for path, want := range map[string]int{
		at[string](t, kinds, container0+"readinessProbe httpGet path"): http.StatusOK,
		at[string](t, kinds, container0+"livenessProbe httpGet path"):  http.StatusOK,
		"/api/me":  http.StatusUnauthorized,
		"/metrics": http.StatusNotFound,
	} {
		if got, _ := ask(t, http.MethodGet, api+path, nil); got != want {
			t.Errorf("%s is %d, want %d", path, got, want)
		}
	}
	_, garbage := memoryOf(t, kinds)
	want := []string{
		`journey_api_signing_keys 1`, `journey_api_dependency_up{dependency="supabase"} 1`, `journey_api_dependency_up{dependency="neo4j"} 0`,
		`journey_api_authentications_total{outcome="token_missing"} 1`, fmt.Sprintf("go_gc_gomemlimit_bytes %v", float64(garbage)),
	}
	var page string
	if !eventually(func() bool {
		_, page = ask(t, http.MethodGet, metrics, nil)
		return !slices.ContainsFunc(want, func(line string) bool { return !strings.Contains(page, "\n"+line+"\n") })
	}) {
		t.Fatalf("not all of %q are in\n%s", want, page)
	}
	exported := scraped(t, page)
	for _, query := range queries(t) {
		query.check(t, exported)
	}
	if code := service.stop(t, syscall.SIGTERM); code != 0 {
		t.Errorf("it exits %d", code)
	}
}
