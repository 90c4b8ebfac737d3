package faulttable_test

import (
	"testing"
	"time"

	"github.com/journey-os/journey-api/internal/testkit/faultproxy"
	"github.com/journey-os/journey-api/internal/testkit/faulttable"
	"github.com/journey-os/journey-api/internal/testkit/goroutines"
	"github.com/journey-os/journey-api/internal/testkit/standin"
	"github.com/journey-os/journey-api/ports"
)

// A service with the default settings makes 300 probes in ten minutes. That many are made of a server that is away; the
// others cost more time, and two minutes show what adds up.
const (
	probesOfTenMinutes = 300
	probesOfTwoMinutes = 60
	// ofADial is what may be left beyond what was there before: a connection whose dialling outlives its probe is kept for
	// the next one, with two goroutines. One a probe would be a hundred and more.
	ofADial = 6
)

// A driver that counts failures, waits longer after each, or keeps what it opened would show here.
func TestAClientSeesAtOnceThatALongOutageIsOver(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) (*faultproxy.Proxy, ports.HealthChecker){
		"Neo4j":              func(t *testing.T) (*faultproxy.Proxy, ports.HealthChecker) { return neo4jBehindProxy(t, "bolt") },
		"Neo4j with routing": func(t *testing.T) (*faultproxy.Proxy, ports.HealthChecker) { return neo4jBehindProxy(t, "neo4j") },
		"Supabase":           supabaseBehindProxy,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			faulttable.Run(t, func(t *testing.T, row faulttable.Row) {
				if row.Word != "" {
					proxy, client := open(t)
					survives(t, row, proxy, client)
				}
			})
		})
	}
}

func survives(t *testing.T, row faulttable.Row, proxy *faultproxy.Proxy, client ports.HealthChecker) {
	t.Helper()
	goroutines.Label(t, func() {
		if got, _ := ask(t, client, ample); got != "" {
			t.Errorf("it says %q", got)
		}
	})
	before := goroutines.Count(t, "")
	set(t, proxy, row.Fault)
	goroutines.Label(t, func() { endure(t, client, row) })
	goroutines.AwaitAtMost(t, before+ofADial, room)
	wantRecovery(t, proxy, client)
}

// endure makes the probes of a long outage.
func endure(t *testing.T, client ports.HealthChecker, row faulttable.Row) {
	t.Helper()
	count, within := probesOfTwoMinutes, deadline
	if row.Fault == faultproxy.Refuse() {
		count = probesOfTenMinutes
	}
	if row.Lasts {
		within = 5 * time.Millisecond
	}
	for range count {
		if got, _ := ask(t, client, within); got == "" {
			t.Fatal("it is ok")
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
