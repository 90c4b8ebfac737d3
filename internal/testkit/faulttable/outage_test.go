package faulttable_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/journey-os/journey-api/internal/testkit/faultproxy"
	"github.com/journey-os/journey-api/internal/testkit/standin"
	"github.com/journey-os/journey-api/ports"
)

// probes is how many a service makes in five minutes.
const probes = 150

// A driver that counts failures, waits longer after each, or keeps what it opened would show here.
func TestAClientSeesAtOnceThatALongOutageIsOver(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) (*faultproxy.Proxy, ports.HealthChecker){
		"Neo4j":              func(t *testing.T) (*faultproxy.Proxy, ports.HealthChecker) { return neo4jBehindProxy(t, "bolt") },
		"Neo4j with routing": func(t *testing.T) (*faultproxy.Proxy, ports.HealthChecker) { return neo4jBehindProxy(t, "neo4j") },
		"Supabase":           supabaseBehindProxy,
	} {
		for _, outage := range []struct {
			fault  faultproxy.Fault
			within time.Duration
		}{
			{faultproxy.Refuse(), ample},
			{faultproxy.ResetAfter(0), ample},
			{faultproxy.Swallow(), 5 * time.Millisecond},
		} {
			t.Run(name+", "+outage.fault.String(), func(t *testing.T) {
				proxy, client := open(t)
				if got, _ := ask(t, client, ample); got != "" {
					t.Fatalf("it says %q", got)
				}
				set(t, proxy, outage.fault)
				goroutines := runtime.NumGoroutine()
				for range probes {
					if got, _ := ask(t, client, outage.within); got == "" {
						t.Fatal("it is ok")
					}
				}
				// Those of the proxy and the stand-in end a little after the client's.
				for deadline := time.Now().Add(room); runtime.NumGoroutine() > goroutines+10; runtime.Gosched() {
					if time.Now().After(deadline) {
						t.Fatalf("%d goroutines before, %d after %d probes", goroutines, runtime.NumGoroutine(), probes)
					}
				}
				wantRecovery(t, proxy, client)
			})
		}
	}
}

func neo4jBehindProxy(t *testing.T, scheme string) (*faultproxy.Proxy, ports.HealthChecker) {
	t.Helper()
	server := &standin.Bolt{}
	proxy := faultproxy.Start(t, server.Start(t))
	server.Advertised = proxy.Address()
	return proxy, newNeo4j(t, scheme+"://"+proxy.Address())
}

func supabaseBehindProxy(t *testing.T) (*faultproxy.Proxy, ports.HealthChecker) {
	t.Helper()
	proxy := faultproxy.Start(t, new(standin.Supabase).Start(t))
	return proxy, newSupabase(t, "http://"+proxy.Address())
}
