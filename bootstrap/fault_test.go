package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/faultproxy"
	"github.com/journey-os/journey-api/internal/testkit/faulttable"
	"github.com/journey-os/journey-api/internal/testkit/standin"
)

// The settings of the services whose dependencies fail.
const (
	faultInterval = 100 * time.Millisecond
	// shortTimeout ends a check that hangs; longTimeout is one that a check which ends by itself keeps to, even where the
	// machine is busy.
	shortTimeout = time.Second
	longTimeout  = 3 * time.Second
	// faultRoom is what a busy machine may take for what comes at once.
	faultRoom = 20 * time.Second
)

// outside is what a service needs of the world, each part behind a proxy.
type outside struct {
	proxies  map[string]*faultproxy.Proxy
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
		"JWT_ALGORITHMS":  "HS256", // the keys' endpoint is held to the table by itself
	}
	maps.Copy(settings, change)
	return settings
}

// boot starts a service that works with all of it and whose goroutines carry the test's name.
func (o *outside) boot(t *testing.T, change map[string]string) (r *running) {
	t.Helper()
	pprof.Do(t.Context(), pprof.Labels("service", t.Name()), func(context.Context) {
		r = boot(t, o.settings(change))
	})
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

func TestHealthIsHonestUnderEveryFault(t *testing.T) {
	t.Parallel() // it waits more than it works
	faulttable.Run(t, isHonest)
}

// The words of both dependencies: up, and down in the same way.
func bothSay(word core.Fault) map[string]string {
	return map[string]string{"neo4j": string(word), "supabase": string(word)}
}

// isHonest has a fault come to a service that requires nothing and to one that requires what fails, stay and go.
func isHonest(t *testing.T, row faulttable.Row) {
	o := startOutside(t)
	timeout := longTimeout
	if row.Lasts {
		timeout = shortTimeout
	}
	free := o.boot(t, map[string]string{"HEALTH_TIMEOUT": timeout.String()})
	strict := boot(t, o.settings(map[string]string{"HEALTH_TIMEOUT": timeout.String(), "HEALTH_REQUIRED": "supabase,neo4j"}))
	free.await(t, bothSay(""))
	strict.await(t, bothSay(""))
	before := leastGoroutines(t)

	began := time.Now()
	o.set(t, row.Fault)
	free.await(t, bothSay(row.Word))
	seen := time.Since(began)
	strict.await(t, bothSay(row.Word))
	most := 0
	for range ticks(t, 50*time.Millisecond, faultInterval+shortTimeout) {
		most = max(most, goroutines(t, "")-before)
		free.wantProbes(t, row.Word, probesOf(row.Word != "", false))
		strict.wantProbes(t, row.Word, probesOf(row.Word != "", true))
	}
	if most > row.Goroutines {
		t.Errorf("%d goroutines more than before, want %d at most", most, row.Goroutines)
	}
	o.set(t, faultproxy.Pass())
	began = time.Now()
	free.await(t, bothSay(""))
	t.Logf("seen after %v, over after %v, %d goroutines and at most %d more", seen, time.Since(began), before, most)
	strict.await(t, bothSay(""))
	wantNoMoreGoroutines(t, before)
}

func TestAFaultOfOneDependencyIsNoneOfTheOther(t *testing.T) {
	t.Parallel()
	o := startOutside(t)
	r := o.boot(t, map[string]string{"HEALTH_REQUIRED": "neo4j"})
	for _, test := range []struct {
		fails string
		want  probe
	}{
		{"neo4j", probesOf(true, true)},
		{"supabase", probesOf(true, false)},
	} {
		r.await(t, bothSay(""))
		o.set(t, faultproxy.Silent(), test.fails)
		words := bothSay("")
		words[test.fails] = "Timed out"
		r.await(t, words)
		if got := r.probes(); got != test.want {
			t.Errorf("%s fails: answered %v, want %v", test.fails, got, test.want)
		}
		o.set(t, faultproxy.Pass())
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
	if took := time.Since(began); took > faultRoom {
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
	var last answer
	for range ticks(t, 20*time.Millisecond, faultRoom) {
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

// goroutines counts those of the test's service among all that run in this process, by the label that they inherit, with
// a function on their stack.
func goroutines(t *testing.T, function string) int {
	t.Helper()
	count := 0
	for stack := range strings.SplitSeq(goroutineProfile(t), "\n\n") {
		if !strings.Contains(stack, `# labels: {"service":`+strconv.Quote(t.Name())+"}") || !strings.Contains(stack, function) {
			continue
		}
		number, _, _ := strings.Cut(strings.TrimSpace(stack), " ")
		alike, err := strconv.Atoi(number)
		if err != nil {
			t.Fatal(err)
		}
		count += alike
	}
	return count
}

func goroutineProfile(t *testing.T) string {
	t.Helper()
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		t.Fatal(err)
	}
	return profile.String()
}

// leastGoroutines is how many there are while no check runs.
func leastGoroutines(t *testing.T) int {
	t.Helper()
	least := goroutines(t, "")
	for range ticks(t, 10*time.Millisecond, 2*faultInterval) {
		least = min(least, goroutines(t, ""))
	}
	return least
}

// wantNoMoreGoroutines waits for what ends a little later.
func wantNoMoreGoroutines(t *testing.T, before int) {
	t.Helper()
	now := 0
	for range ticks(t, 20*time.Millisecond, faultRoom) {
		if now = goroutines(t, ""); now <= before {
			return
		}
	}
	t.Errorf("%d goroutines before, %d after:\n%s", before, now, goroutineProfile(t))
}
