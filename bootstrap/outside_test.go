package main

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/faultproxy"
	"github.com/journey-os/journey-api/internal/testkit/goroutines"
	"github.com/journey-os/journey-api/internal/testkit/standin"
	"github.com/journey-os/journey-api/internal/testkit/wait"
)

// outside is what a service needs of the world, each part behind a proxy.
type outside struct {
	proxies map[string]*faultproxy.Proxy
	// logins are the settings that stand-ins don't ask for.
	logins map[string]string
	// The stand-ins; nil if the servers are real.
	neo4j    *standin.Bolt
	supabase *standin.Supabase
}

func startOutside(t *testing.T) *outside {
	t.Helper()
	o := &outside{neo4j: &standin.Bolt{}, supabase: &standin.Supabase{}}
	o.proxies = map[string]*faultproxy.Proxy{
		"neo4j":    faultproxy.Start(t, o.neo4j.Start(t)),
		"supabase": faultproxy.Start(t, o.supabase.Start(t)),
	}
	return o
}

// settings lead a service to all of it, with these changes.
func (o *outside) settings(change map[string]string) map[string]string {
	settings := map[string]string{
		"NEO4J_URI":       "bolt://" + o.proxies["neo4j"].Address(),
		"SUPABASE_URL":    "http://" + o.proxies["supabase"].Address(),
		"HEALTH_INTERVAL": faultInterval.String(),
		"HEALTH_TIMEOUT":  shortTimeout.String(),
		// Nothing else ends a check before that.
		"NEO4J_CONNECT_TIMEOUT": longTimeout.String(),
		"NEO4J_ACQUIRE_TIMEOUT": longTimeout.String(),
		"SUPABASE_TIMEOUT":      longTimeout.String(),
		"JWT_ALGORITHMS":        "HS256", // the keys' endpoint is held to the table by itself
	}
	maps.Copy(settings, o.logins)
	maps.Copy(settings, change)
	return settings
}

// boot starts a service that works with all of it and whose goroutines carry the test's name.
func (o *outside) boot(t *testing.T, change map[string]string) (r *running) {
	t.Helper()
	goroutines.Label(t, func() { r = boot(t, o.settings(change)) })
	return r
}

// set gives a fault to these dependencies, both for no name.
func (o *outside) set(t *testing.T, fault faultproxy.Fault, names ...string) {
	t.Helper()
	for name, proxy := range o.proxies {
		if len(names) > 0 && !slices.Contains(names, name) {
			continue
		}
		if err := proxy.Set(fault); err != nil {
			t.Fatal(err)
		}
	}
}

// probe is what a probe route answers.
type probe struct {
	Health, Live, Ready string
}

func probesOf(down, required bool) probe {
	switch {
	case !down:
		return probe{"200 ok", "200 ok", "200 ok"}
	case !required:
		return probe{"200 degraded", "200 ok", "200 ok"}
	default:
		return probe{"503 error", "200 ok", "503 dependency_unavailable"}
	}
}

// probes asks each probe route once.
func (r *running) probes() probe {
	return probe{r.get("/health").said(), r.get("/health/live").said(), r.get("/health/ready").said()}
}

// wantProbes wants these answers, and none of them to wait for anything.
func (r *running) wantProbes(t *testing.T, word core.Fault, want probe) {
	t.Helper()
	began := time.Now()
	got := r.probes()
	if took := time.Since(began); took > wait.Limit {
		t.Errorf("the three took %v", took)
	}
	if report := r.get("/health"); got != want || !faultsAre(report, bothSay(word)) {
		t.Errorf("answered %v, want %v with %q: %s", got, want, word, report.Body)
	}
}

func (a answer) said() string {
	if a.Reason != "" {
		return fmt.Sprintf("%d %s", a.Status, a.Reason)
	}
	return fmt.Sprintf("%d %v", a.Status, a.Data["status"])
}

// await asks until the report has these words.
func (r *running) await(t *testing.T, words map[string]string) {
	t.Helper()
	if _, told := words["database"]; !told { // its first check may come late, and its word decides on readiness too
		words = maps.Clone(words)
		words["database"] = ""
	}
	var last answer
	for range ticks(t, 20*time.Millisecond, outageTime) {
		if last = r.get("/health"); faultsAre(last, words) {
			return
		}
	}
	t.Fatalf("waited for %v, but /health says %s", words, last.Body)
}

// ticks lets a loop turn every so often, for a while.
func ticks(t *testing.T, every, within time.Duration) func(func(int) bool) {
	return func(yield func(int) bool) {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		end := time.After(within)
		for turn := 0; yield(turn); turn++ {
			select {
			case <-ticker.C:
			case <-end:
				return
			case <-t.Context().Done():
				return
			}
		}
	}
}

// ofTheStore are functions of goroutines that come and go with the embedded database and its queue of jobs, whatever
// becomes of the dependencies.
var ofTheStore = []string{"database/sql.", "modernc.org/sqlite", "riverqueue/river", "adapters/jobs.", "adapters/sqlitedb."}

// leastGoroutines is how many there are while no check runs, without the store's.
func leastGoroutines(t *testing.T) int {
	t.Helper()
	least := goroutines.Count(t, "", ofTheStore...)
	for range ticks(t, 10*time.Millisecond, 2*faultInterval) {
		least = min(least, goroutines.Count(t, "", ofTheStore...))
	}
	return least
}
