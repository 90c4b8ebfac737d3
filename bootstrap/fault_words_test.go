package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/bootstrap/app"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/environment"
	"github.com/journey-os/journey-api/internal/testkit/faultproxy"
	"github.com/journey-os/journey-api/internal/testkit/goroutines"
	"github.com/journey-os/journey-api/internal/testkit/standin"
	"github.com/journey-os/journey-api/internal/testkit/wait"
)

func TestHealthSaysWhatIsWrongWithAServerThatAnswers(t *testing.T) {
	t.Parallel()
	const unauthorized = "Neo.ClientError.Security.Unauthorized"
	for _, test := range []struct {
		name   string
		neo4j  func(tag byte) string
		status int
		tls    bool
		host   string
		want   core.Fault
	}{
		{name: "our credentials are wrong", neo4j: failingAt(standin.Logon, unauthorized), status: http.StatusUnauthorized, want: "Credentials rejected"},
		{name: "we may not", neo4j: failingAt(standin.Run, "Neo.ClientError.Security.Forbidden"), status: http.StatusForbidden, want: "Credentials rejected"},
		{name: "the database is gone", neo4j: failingAt(standin.Run, "Neo.TransientError.General.DatabaseUnavailable"), status: http.StatusServiceUnavailable, want: "Server error"},
		{name: "it speaks no TLS", tls: true, want: "TLS failed"},
		{name: "nobody has that name", host: "no..such.host.invalid", want: "Host not found"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := startOutside(t)
			o.neo4j.Answer = test.neo4j
			o.supabase.Say(test.status)
			settings := o.settings(map[string]string{"HEALTH_TIMEOUT": longTimeout.String()})
			if test.tls {
				settings["NEO4J_URI"] = strings.Replace(settings["NEO4J_URI"], "bolt:", "bolt+s:", 1)
				settings["SUPABASE_URL"] = strings.Replace(settings["SUPABASE_URL"], "http:", "https:", 1)
			}
			loaded := environment.Load(t, settings)
			if test.host != "" { // no setting takes it, and no name service is asked for it
				loaded.Settings.Neo4j.URI, loaded.Settings.Supabase.URL = "bolt://"+test.host, "http://"+test.host
			}
			r := bootWith(t, app.Config{Loaded: loaded, Environment: settings})
			r.await(t, bothSay(test.want))
			r.wantProbes(t, test.want, probesOf(true, false))
		})
	}
}

// failingAt answers messages of one kind with a failure.
func failingAt(tag byte, code string) func(byte) string {
	return func(asked byte) string {
		if asked == tag {
			return code
		}
		return ""
	}
}

// Neo4j locks an account after some wrong passwords.
func TestRejectedCredentialsAreNotTriedAgainAtOnce(t *testing.T) {
	t.Parallel() // it waits more than it works
	o := startOutside(t)
	o.neo4j.Answer = failingAt(standin.Logon, "Neo.ClientError.Security.Unauthorized")
	o.supabase.Say(http.StatusUnauthorized)
	o.boot(t, map[string]string{"HEALTH_TIMEOUT": longTimeout.String()}).await(t, bothSay("Credentials rejected"))
	for range ticks(t, faultInterval, 10*faultInterval) {
		if logons, probes := len(o.neo4j.Received(standin.Logon)), o.supabase.Probes(); logons != 1 || probes != 1 {
			t.Fatalf("tried %d and %d times, want once each", logons, probes)
		}
	}
}

func TestAThousandCallersAddNoProbeAndNoneOfThemWaits(t *testing.T) {
	t.Parallel()
	for _, fault := range []faultproxy.Fault{faultproxy.Pass(), faultproxy.Silent()} {
		t.Run(fault.String(), func(t *testing.T) {
			if testing.Short() && fault == faultproxy.Pass() {
				t.Skip("the full run has both")
			}
			o := startOutside(t)
			o.set(t, fault)
			r := o.boot(t, map[string]string{
				"HEALTH_INTERVAL": "1h", "HEALTH_TIMEOUT": "1h", "REQUEST_TIMEOUT": "1m", "WRITE_TIMEOUT": "2m", "SUPABASE_TIMEOUT": "1m",
				"NEO4J_ACQUIRE_TIMEOUT": "1m", "NEO4J_CONNECT_TIMEOUT": "1m",
			})
			r.await(t, map[string]string{"database": ""})
			took := r.crowd(t, 1000)
			t.Logf("of 1,000 callers half had their answer after %v, all after %v", took[len(took)/2], took[len(took)-1])
			if slowest := took[len(took)-1]; slowest > wait.Limit {
				t.Errorf("a caller waited %v", slowest)
			}
			for name, proxy := range o.proxies {
				if asked := proxy.Accepted(); asked != 1 {
					t.Errorf("%s was connected to %d times, want once", name, asked)
				}
			}
			runs, probes := len(o.neo4j.Received(standin.Run)), o.supabase.Probes()
			if fault == faultproxy.Pass() && (runs != 1 || probes != 1) {
				t.Errorf("%d and %d probes, want one each", runs, probes)
			}
			if checks := goroutines.Count(t, "health.(*Monitor).ask."); fault == faultproxy.Silent() && checks != 2 {
				t.Errorf("%d goroutines check, want one for each dependency", checks)
			}
		})
	}
}

// crowd has many callers ask at once, each on a connection of its own, and returns how long each waited, in order.
func (r *running) crowd(t *testing.T, callers int) []time.Duration {
	t.Helper()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	took := make([]time.Duration, callers)
	var asking sync.WaitGroup
	for i := range took {
		asking.Go(func() {
			began := time.Now()
			reply, err := client.Get(r.url + "/health")
			if err != nil {
				t.Errorf("a caller got %v", err)
				return
			}
			_ = reply.Body.Close()
			if reply.StatusCode != http.StatusOK {
				t.Errorf("a caller got %d", reply.StatusCode)
			}
			took[i] = time.Since(began)
		})
	}
	asking.Wait()
	slices.Sort(took)
	return took
}

func TestAnOKNeverOutlivesItsDependencyByMoreThanTheBound(t *testing.T) {
	t.Parallel() // it waits more than it works
	const bound = faultInterval + shortTimeout + 500*time.Millisecond
	for _, fault := range []faultproxy.Fault{faultproxy.Silent(), faultproxy.Refuse()} {
		t.Run(fault.String(), func(t *testing.T) {
			o := startOutside(t)
			r := o.boot(t, map[string]string{"HEALTH_REQUIRED": "none"})
			r.await(t, bothSay(""))
			o.set(t, fault)
			gone := time.Now()
			lastOK := gone
			for range ticks(t, 5*time.Millisecond, wait.Limit) {
				asked := time.Now()
				if status := r.get("/health").Data["status"]; status == "degraded" && !faultsAre(r.get("/health"), map[string]string{"neo4j": ""}) {
					break
				}
				lastOK = asked
			}
			t.Logf("it was ok for %v more, of at most %v", lastOK.Sub(gone), bound)
			// The rest is for the moment between a check's answer and when the monitor notes it, on a busy machine.
			if lastOK.Sub(gone) > bound+5*time.Second {
				t.Errorf("it was ok for %v after its dependency was gone, want %v at most", lastOK.Sub(gone), bound)
			}
		})
	}
}

func TestEachChangeOfADependencyIsOneLogLineAndOneCountHoweverManyProbesThereAre(t *testing.T) {
	t.Parallel() // it waits more than it works
	o := startOutside(t)
	r := o.boot(t, withMetrics(map[string]string{"HEALTH_INTERVAL": "10ms", "HEALTH_TIMEOUT": longTimeout.String()}))
	r.await(t, bothSay(""))
	want := []string{""}
	for range 10 {
		for _, word := range []string{"Connection refused", ""} {
			fault := faultproxy.Pass()
			if word != "" {
				fault = faultproxy.Refuse()
			}
			o.set(t, fault, "neo4j")
			words := bothSay("")
			words["neo4j"] = word
			r.await(t, words)
			for range ticks(t, 10*time.Millisecond, 50*time.Millisecond) { // some probes that change nothing
			}
			want = append(want, word)
		}
	}
	for series, count := range map[string]int{
		`{dependency="neo4j",state="ok"}`:                 11,
		`{dependency="neo4j",state="Connection refused"}`: 10,
		`{dependency="neo4j",state="Timed out"}`:          0,
		`{dependency="supabase",state="ok"}`:              1,
	} {
		r.waitForMetric(fmt.Sprintf("journey_api_dependency_changes_total%s %d", series, count))
	}
	r.stop()
	if err := r.wait(); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(want, r.logged(t, "neo4j")); diff != "" {
		t.Errorf("lines of Neo4j (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{""}, r.logged(t, "supabase")); diff != "" {
		t.Errorf("lines of Supabase (-want +got):\n%s", diff)
	}
}

// logged returns what the log says of one dependency, line by line: its fault, "" if it is up.
func (r *running) logged(t *testing.T, name string) []string {
	t.Helper()
	var words []string
	for line := range strings.Lines(r.log.String()) {
		var said struct{ Msg, Dependency, Fault string }
		if err := json.Unmarshal([]byte(line), &said); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		if said.Dependency == name {
			words = append(words, said.Fault)
		}
	}
	return words
}
