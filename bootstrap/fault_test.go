package main

import (
	"slices"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/faultproxy"
	"github.com/journey-os/journey-api/internal/testkit/faulttable"
	"github.com/journey-os/journey-api/internal/testkit/goroutines"
	"github.com/journey-os/journey-api/internal/testkit/wait"
)

// The settings of the services whose dependencies fail.
const (
	faultInterval = 100 * time.Millisecond
	// shortTimeout ends a check that hangs; longTimeout is one that a check which ends by itself keeps to, even if the
	// machine is busy.
	shortTimeout = time.Second
	longTimeout  = time.Minute
)

func TestHealthIsHonestUnderEveryFault(t *testing.T) {
	t.Parallel() // it waits more than it works
	faulttable.Run(t, func(t *testing.T, row faulttable.Row) {
		if testing.Short() && !slices.Contains([]faultproxy.Fault{faultproxy.Refuse(), faultproxy.Silent(), faultproxy.WrongBytes()}, row.Fault) {
			t.Skip("the full run has every fault; each client is held to the whole table in its own package")
		}
		isHonest(t, startOutside(t), row)
	})
}

// The words of both dependencies: up, and down in the same way.
func bothSay(word core.Fault) map[string]string {
	return map[string]string{"neo4j": string(word), "supabase": string(word)}
}

// isHonest lets a fault come, stay and go, for a service that requires nothing and for one that requires the failing
// dependency.
func isHonest(t *testing.T, o *outside, row faulttable.Row) {
	t.Helper()
	timeout := longTimeout
	if row.Lasts {
		timeout = shortTimeout
	}
	// The embedded database's check has the same timeout, which a busy machine may reach.
	free := o.boot(t, map[string]string{"HEALTH_TIMEOUT": timeout.String(), "HEALTH_REQUIRED": "none"})
	strict := boot(t, o.settings(map[string]string{"HEALTH_TIMEOUT": timeout.String(), "HEALTH_REQUIRED": "supabase,neo4j"}))
	free.await(t, bothSay(""))
	strict.await(t, bothSay(""))
	before := leastGoroutines(t)

	if row.Fault == faultproxy.WrongBytes() {
		o.set(t, faultproxy.Refuse()) // a conversation that turns into noise half-way would be waited for until the deadline
	}
	began := time.Now()
	o.set(t, row.Fault)
	free.await(t, bothSay(row.Word))
	seen := time.Since(began)
	strict.await(t, bothSay(row.Word))
	for range ticks(t, 50*time.Millisecond, faultInterval+shortTimeout) {
		free.wantProbes(t, row.Word, probesOf(row.Word != "", false))
		strict.wantProbes(t, row.Word, probesOf(row.Word != "", true))
	}
	// What a busy machine has not closed yet may be there at one look; what adds up is there at each.
	goroutines.AwaitAtMost(t, before+faulttable.Goroutines, wait.Limit, ofTheStore...)
	o.set(t, faultproxy.Pass())
	began = time.Now()
	free.await(t, bothSay(""))
	t.Logf("seen after %v, over after %v", seen, time.Since(began))
	strict.await(t, bothSay(""))
	goroutines.AwaitAtMost(t, before+faulttable.Goroutines, wait.Limit, ofTheStore...) // some of them for the next check
	free.wantOnlyChangesLogged(t)
}

func (r *running) wantOnlyChangesLogged(t *testing.T) {
	t.Helper()
	r.stop() // so that the log is written to its end
	if err := r.wait(); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"neo4j", "supabase"} {
		words := r.logged(t, name)
		if len(slices.Compact(slices.Clone(words))) != len(words) {
			t.Errorf("the log says of %s %q: a line that is no change", name, words)
		}
	}
}

func TestAFaultOfOneDependencyIsNoneOfTheOther(t *testing.T) {
	t.Parallel()
	o := startOutside(t)
	// So long that the check of what is well ends by then on a busy machine too.
	r := o.boot(t, map[string]string{"HEALTH_REQUIRED": "neo4j", "HEALTH_TIMEOUT": (5 * shortTimeout).String()})
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
