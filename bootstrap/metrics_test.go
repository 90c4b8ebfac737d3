package main

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/journey-os/journey-api/internal/testkit/apitest"
	"github.com/journey-os/journey-api/internal/testkit/environment"
	"github.com/journey-os/journey-api/internal/testkit/wait"
	"github.com/journey-os/journey-api/ports/portstest"
)

// withMetrics are settings whose metrics are served on a port of their own.
func withMetrics(more map[string]string) map[string]string {
	settings := map[string]string{"METRICS_ADDR": "127.0.0.1:0"}
	maps.Copy(settings, more)
	return settings
}

// scrape reads the metrics as Prometheus does.
func (r *running) scrape() string {
	r.t.Helper()
	reply, err := r.client.Get(r.pages["metrics_address"] + "/metrics")
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = reply.Body.Close() }()
	text, err := io.ReadAll(reply.Body)
	if err != nil || reply.StatusCode != http.StatusOK {
		r.t.Fatalf("answered %d, %v: %s", reply.StatusCode, err, text)
	}
	return string(text)
}

// waitForMetric scrapes until a line is there.
func (r *running) waitForMetric(line string) {
	r.t.Helper()
	text := ""
	if !wait.For(func() bool {
		text = r.scrape()
		return strings.Contains(text, "\n"+line+"\n")
	}) {
		r.t.Fatalf("%q is not in\n%s", line, text)
	}
}

func TestEveryMetricIsExportedByARunningService(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("what Prometheus' library knows of a process differs elsewhere")
	}
	key := portstest.NewES256Key("ec-2026")
	r := boot(t, withMetrics(map[string]string{"SUPABASE_URL": publish(t, portstest.JWKS(key.JWK())).url, "MASTERY_GRAPH": "neo4j"}))
	r.me(key.Token(portstest.StudentClaims(time.Now())))
	r.waitForMetric(`journey_api_dependency_up{dependency="supabase"} 1`)
	r.waitForMetric(`journey_api_ready 1`)
	page := r.scrape()
	list, help := described(page)
	apitest.Golden(t, "../../adapters/metrics/testdata/metrics.golden", list)
	apitest.Golden(t, "../../adapters/metrics/testdata/help.golden", help)
	problems, err := promlint.New(strings.NewReader(page)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("the linter says %v %v", problems, err)
	}
	for _, line := range []string{
		`journey_api_signing_keys 1`, `journey_api_key_endpoint_ok 1`, `journey_api_ready 1`, `journey_api_draining 0`,
		`journey_api_authentications_total{outcome="ok"} 1`, `journey_api_cache_misses_total{cache="token verdicts"} 1`,
		`journey_api_pool_capacity{pool="neo4j"} 50`, `http_server_active_requests_limit 1024`,
		`journey_api_build_info{goversion="` + runtime.Version() + `",version="` + version + `"} 1`,
		`http_server_request_duration_seconds_count{http_request_method="GET",http_response_status_code="200",http_route="/api/me"} 1`,
	} {
		if !strings.Contains(page, "\n"+line+"\n") {
			t.Errorf("no line %s in\n%s", line, page)
		}
	}
}

// ofTheLibrary are the metrics of Prometheus' own collectors that alerts and dashboards look at; which others there are
// depends on the system and on the version of Go.
var ofTheLibrary = []string{
	"go_gc_duration_seconds", "go_gc_gomemlimit_bytes", "go_goroutines", "go_memstats_heap_alloc_bytes",
	"go_memstats_heap_inuse_bytes", "go_sched_gomaxprocs_threads", "go_threads",
	"process_cpu_seconds_total", "process_max_fds", "process_open_fds", "process_resident_memory_bytes", "process_start_time_seconds",
}

// described lists what a scrape holds: name, type and labels, and what each is for.
func described(page string) (list, help string) {
	labels := map[string][]string{}
	for _, sample := range regexp.MustCompile(`(?m)^([a-z_]+)(?:\{(.*)\})? \S+$`).FindAllStringSubmatch(page, -1) {
		name := sample[1]
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			if base := strings.TrimSuffix(name, suffix); strings.Contains(page, "# TYPE "+base+" ") {
				name = base
			}
		}
		for _, label := range regexp.MustCompile(`([a-z_]+)="`).FindAllStringSubmatch(sample[2], -1) {
			if label[1] != "le" && label[1] != "quantile" && !slices.Contains(labels[name], label[1]) {
				labels[name] = append(labels[name], label[1])
			}
		}
	}
	var listed, helped strings.Builder
	for _, metric := range regexp.MustCompile(`# HELP (\S+) (.*)\n# TYPE \S+ (\S+)\n`).FindAllStringSubmatch(page, -1) {
		name, isLibrarys := metric[1], strings.HasPrefix(metric[1], "go_") || strings.HasPrefix(metric[1], "process_")
		if isLibrarys && !slices.Contains(ofTheLibrary, name) {
			continue
		}
		slices.Sort(labels[name])
		names := strings.Join(labels[name], ",")
		if names == "" {
			names = "-"
		}
		fmt.Fprintln(&listed, name, metric[3], names)
		if !isLibrarys {
			fmt.Fprintln(&helped, name, metric[2])
		}
	}
	return listed.String(), helped.String()
}

// Three thousand requests, each with a path, a method, a query, a token and an id of its own, make as many series as two hundred.
func TestNoCallerMultipliesSeries(t *testing.T) {
	t.Parallel()
	r := boot(t, withMetrics(map[string]string{"LOG_LEVEL": "ERROR"}))
	for dependency, up := range map[string]string{"neo4j": "0", "supabase": "0", "database": "1"} { // absent before the first check
		r.waitForMetric(`journey_api_dependency_up{dependency="` + dependency + `"} ` + up)
	}
	statuses := map[int]int{}
	flood := func(from, to int) {
		var conn net.Conn
		var replies *bufio.Reader
		for i := from; i < to; i++ {
			if conn == nil {
				conn = r.dial()
				replies = bufio.NewReader(conn)
			}
			if _, err := io.WriteString(conn, madeUpRequest(i)); err != nil {
				t.Fatal(err)
			}
			reply, err := http.ReadResponse(replies, nil)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, reply.Body)
			_ = reply.Body.Close()
			statuses[reply.StatusCode]++
			if reply.Close {
				conn = nil
			}
		}
	}
	// Jobs come with time, not with callers.
	seriesIn := func() []string {
		series := regexp.MustCompile(`(?m)^[a-z].* `).FindAllString(r.scrape(), -1)
		return slices.DeleteFunc(series, func(one string) bool { return strings.HasPrefix(one, "journey_api_job") })
	}
	flood(0, 200)
	few := seriesIn()
	most := 3000
	if testing.Short() {
		most = 600
	}
	flood(200, most)
	if diff := cmp.Diff(few, seriesIn()); diff != "" {
		t.Errorf("the series after 200 requests and after %d (-200 +%d):\n%s", most, most, diff)
	}
	if len(statuses) < 4 {
		t.Errorf("the requests were too much alike: %v", statuses)
	}
	for _, word := range []string{"made/up", "made.up", "BREW", "id-", ".example"} {
		if page := r.scrape(); strings.Contains(page, word) {
			t.Errorf("%q is in\n%s", word, page)
		}
	}
}

func madeUpRequest(i int) string {
	method, path, token := "GET", fmt.Sprintf("/made/up/%d", i), fmt.Sprintf("made.up.%d", i)
	switch i % 6 {
	case 0:
		method = fmt.Sprintf("BREW%d", i)
	case 1:
		path = fmt.Sprintf("/api/me?%d=%d", i, i)
	case 2:
		path = fmt.Sprintf("/docs/%d.css", i)
	case 3:
		path, token = "/api/me", portstest.Token(portstest.Secret, portstest.StudentClaims(time.Now()).With("sub", token))
	case 4:
		method, path = "DELETE", "/api/me"
	}
	return fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %d.example\r\nAuthorization: Bearer %s\r\nX-Correlation-ID: id-%d\r\n\r\n", method, path, i, token, i)
}

func TestNoSecretIsInTheMetrics(t *testing.T) {
	t.Parallel()
	key := portstest.NewES256Key("ec-2026")
	r := boot(t, withMetrics(map[string]string{"SUPABASE_URL": publish(t, portstest.JWKS(key.JWK())).url}))
	token := key.Token(portstest.StudentClaims(time.Now()))
	r.me(token)
	r.me(token + "x")
	r.get("/api/me?apikey=key-in-the-query", "Bearer a", "Bearer b")
	page, values := r.scrape(), environment.Absent(t)
	for _, secret := range []string{
		values["SUPABASE_ANON_KEY"], values["SUPABASE_SERVICE_ROLE_KEY"], values["SUPABASE_JWT_SECRET"], values["NEO4J_PASSWORD"],
		token, "marcus@msm.edu", "key-in-the-query", "127.0.0.1",
	} {
		if strings.Contains(page, secret) {
			t.Errorf("%q is in\n%s", secret, page)
		}
	}
}

func TestReadinessInTheMetricsIsThatOfTheProbe(t *testing.T) {
	t.Parallel()
	for required, want := range map[string]string{"": "journey_api_ready 1", "neo4j": "journey_api_ready 0"} {
		r := boot(t, withMetrics(map[string]string{"HEALTH_REQUIRED": required}))
		r.waitForMetric(`journey_api_dependency_up{dependency="neo4j"} 0`)
		r.waitForMetric(want)
	}
}
