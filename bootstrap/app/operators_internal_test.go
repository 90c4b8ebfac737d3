package app

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/adapters/metrics"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/environment"
)

// The end of the drain can be watched: the pages are closed after everything else.
func TestThePagesAreClosedLast(t *testing.T) {
	t.Parallel()
	a := build(t, map[string]string{"METRICS_ADDR": "127.0.0.1:0", "DEBUG_ADDR": "localhost:0"})
	if err := a.operators.open(); err != nil {
		t.Fatal(err)
	}
	answers := func() bool {
		client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		reply, err := client.Get("http://" + a.operators.pages[0].listener.Addr().String() + "/metrics")
		if err != nil {
			return false
		}
		_ = reply.Body.Close()
		return reply.StatusCode == http.StatusOK
	}
	if len(a.parts.list) < 3 {
		t.Fatalf("there are %d parts", len(a.parts.list))
	}
	pages := a.parts.list[0]
	a.parts.list = a.parts.list[1:]
	a.parts.stop() // the drivers
	if !answers() {
		t.Error("the metrics were gone before the drivers")
	}
	a.parts.list = []*part{pages}
	a.parts.stop()
	if answers() {
		t.Error("the metrics are still there")
	}
}

func TestAPageThatMayOnlyBeLocalIsNotOpenedElsewhere(t *testing.T) {
	log := newLogger(io.Discard, config.Log{Format: "json"})
	pages := &operators{log: log.Logger}
	page := pages.add("DEBUG_ADDR", "debug_address", "127.0.0.1:0", http.NotFoundHandler())
	page.mayListen = func(net.Addr) bool { return false }
	if err := pages.open(); err == nil || !strings.Contains(err.Error(), "DEBUG_ADDR leads to 127.0.0.1:") {
		t.Errorf("opened with %v", err)
	}
	if err := pages.close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestOnlyLoopbackIsLocal(t *testing.T) {
	for address, want := range map[string]bool{"127.0.0.1": true, "::1": true, "0.0.0.0": false, "::": false, "10.0.0.7": false} {
		if got := isOnLoopback(&net.TCPAddr{IP: net.ParseIP(address)}); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
	if isOnLoopback(&net.UnixAddr{}) {
		t.Error("what is no TCP is taken for loopback")
	}
}

// flakyChecker is up until it was asked so many times, and down from then on.
type flakyChecker struct{ asked, downFrom atomic.Int64 }

func (*flakyChecker) Name() string { return "neo4j" }

func (c *flakyChecker) Check(context.Context) error {
	if c.asked.Add(1) < c.downFrom.Load() {
		return nil
	}
	return core.NewHealthError(core.FaultServerError, io.ErrUnexpectedEOF)
}

// changesIn are the counters of a dependency's changes that are not 0, by state.
func changesIn(page http.Handler) map[string]string {
	reply := httptest.NewRecorder()
	page.ServeHTTP(reply, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	changes := map[string]string{}
	line := regexp.MustCompile(`(?m)^journey_api_dependency_changes_total\{dependency="neo4j",state="(.*)"\} ([^0].*)$`)
	for _, found := range line.FindAllStringSubmatch(reply.Body.String(), -1) {
		changes[found[1]] = found[2]
	}
	return changes
}

func TestAChangeOfStateIsOneLineAndOneCountAndAProbeIsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &strings.Builder{} // one dependency, so one goroutine that writes
		loaded := environment.Load(t, map[string]string{"HEALTH_REQUIRED": "neo4j"})
		checker := &flakyChecker{}
		checker.downFrom.Store(500)
		logger := newLogger(log, loaded.Settings.Log)
		a := &App{settings: loaded.Settings, log: logger, parts: &parts{log: logger.Logger}, dependencies: []Dependency{{Name: "neo4j", checker: checker}}}
		a.metrics = metrics.New(metrics.Config{Dependencies: []string{"neo4j"}, Snapshot: func() metrics.Snapshot { return metrics.Snapshot{} }})
		if err := a.openMonitor(nil); err != nil {
			t.Fatal(err)
		}
		a.parts.start()
		for checker.asked.Load() < 1000 {
			<-time.After(loaded.Settings.Health.Interval)
		}
		a.parts.stop()
		up, down := strings.Count(log.String(), `"msg":"dependency is up"`), strings.Count(log.String(), `"msg":"dependency is down"`)
		if lines := strings.Count(log.String(), "\n"); lines != 2 || up != 1 || down != 1 {
			t.Errorf("%d lines after %d probes:\n%s", lines, checker.asked.Load(), log)
		}
		changes := changesIn(a.metrics.Handler())
		want := map[string]string{"ok": "1", "Server error": "1"}
		if diff := cmp.Diff(want, changes); diff != "" {
			t.Errorf("the counter (-want +got):\n%s", diff)
		}
	})
}
