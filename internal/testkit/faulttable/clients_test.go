package faulttable_test

import (
	"context"
	"testing"
	"time"

	"github.com/journey-os/journey-api/adapters/jwtauth"
	"github.com/journey-os/journey-api/adapters/jwtauth/keyring"
	"github.com/journey-os/journey-api/adapters/neo4jdb"
	"github.com/journey-os/journey-api/adapters/supabasedb"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/faultproxy"
	"github.com/journey-os/journey-api/internal/testkit/faulttable"
	"github.com/journey-os/journey-api/internal/testkit/goroutines"
	"github.com/journey-os/journey-api/internal/testkit/standin"
	"github.com/journey-os/journey-api/internal/testkit/wait"
	"github.com/journey-os/journey-api/ports"
)

func TestMain(m *testing.M) { goroutines.Main(m) }

const (
	// deadline ends a check that hangs.
	deadline = 500 * time.Millisecond
	// ample is a deadline that nothing reaches which ends by itself.
	ample = wait.Limit
	// room is what a busy machine may take for what comes at once.
	room = wait.Limit
)

func TestTheClientOfNeo4jKeepsToTheTable(t *testing.T) {
	for _, scheme := range []string{"bolt", "neo4j"} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			faulttable.Run(t, func(t *testing.T, row faulttable.Row) {
				proxy, client := neo4jBehindProxy(t, scheme)
				keepsTo(t, row, proxy, client)
			})
		})
	}
}

func TestTheClientOfSupabaseKeepsToTheTable(t *testing.T) {
	t.Parallel()
	faulttable.Run(t, func(t *testing.T, row faulttable.Row) {
		proxy, client := supabaseBehindProxy(t)
		keepsTo(t, row, proxy, client)
	})
}

func newNeo4j(t *testing.T, uri string) *neo4jdb.Client {
	t.Helper()
	client, err := neo4jdb.New(neo4jdb.Config{
		URI: uri, Username: "neo4j", Password: "a password", MaxPoolSize: 50,
		AcquireTimeout: room, ConnectTimeout: room, MaxConnLifetime: time.Hour, Timeout: 2 * ample,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close(context.WithoutCancel(t.Context())) })
	return client
}

func newSupabase(t *testing.T, url string) *supabasedb.Client {
	t.Helper()
	client, err := supabasedb.New(supabasedb.Config{
		URL: url, ServiceRoleKey: "a key", Timeout: 2 * ample, HealthPath: "/rest/v1/",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// keepsTo holds a client that is new when the fault is there, and one that worked before.
func keepsTo(t *testing.T, row faulttable.Row, proxy *faultproxy.Proxy, client ports.HealthChecker) {
	t.Helper()
	set(t, proxy, row.Fault)
	wantWord(t, "a new client", client, row)
	wantRecovery(t, proxy, client)

	set(t, proxy, row.Fault)
	// What stands may break in another way first, or be waited for: a conversation that makes no sense any more.
	within := ample
	if row.Word != "" {
		within = deadline
	}
	if got, _ := ask(t, client, within); (got == "") != (row.Word == "") {
		t.Errorf("a client that worked says %q at first, want %q", got, row.Word)
	}
	wantWord(t, "a client that worked", client, row)
	wantRecovery(t, proxy, client)
}

func set(t *testing.T, proxy *faultproxy.Proxy, fault faultproxy.Fault) {
	t.Helper()
	if err := proxy.Set(fault); err != nil {
		t.Fatal(err)
	}
}

// wantWord wants the row's word, at the deadline if it lasts until then, else long before.
func wantWord(t *testing.T, who string, client ports.HealthChecker, row faulttable.Row) {
	t.Helper()
	within := ample
	if row.Lasts {
		within = deadline
	}
	if got, atDeadline := ask(t, client, within); got != row.Word || atDeadline != row.Lasts {
		t.Errorf("%s says %q (at the deadline: %t), want %q (%t)", who, got, atDeadline, row.Word, row.Lasts)
	}
}

func wantRecovery(t *testing.T, proxy *faultproxy.Proxy, client ports.HealthChecker) {
	t.Helper()
	set(t, proxy, faultproxy.Pass())
	if got, _ := ask(t, client, ample); got != "" {
		t.Errorf("the fault is over, and it says %q", got)
	}
}

// ask makes one check, and reports whether it lasted until its deadline.
func ask(t *testing.T, client ports.HealthChecker, within time.Duration) (word core.Fault, atDeadline bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	began := time.Now()
	err := client.Check(ctx)
	if took := time.Since(began); took > within+room {
		t.Errorf("it took %v, with a deadline of %v: %v", took, within, err)
	}
	return core.FaultOf(err), ctx.Err() != nil
}

func TestTheSigningKeysKeepToTheTable(t *testing.T) {
	t.Parallel()
	faulttable.Run(t, func(t *testing.T, row faulttable.Row) {
		proxy := faultproxy.Start(t, new(standin.Supabase).Start(t))
		set(t, proxy, row.Fault)
		told := fetchKeys(t, "http://"+proxy.Address())
		wantKeys(t, told, row.Word)
		if row.Word != "" {
			set(t, proxy, faultproxy.Pass())
			wantKeys(t, told, "")
		}
	})
}

// fetchKeys keeps the keys of a project until the test ends, and tells each change of how that goes.
func fetchKeys(t *testing.T, url string) <-chan core.Fault {
	t.Helper()
	told := make(chan core.Fault, 100)
	verifier, err := jwtauth.New(jwtauth.Config{
		Algorithms: []string{jwtauth.ES256}, JWKSURL: url + "/auth/v1/.well-known/jwks.json", JWKSMaxStale: time.Hour,
		KeyEndpointChanged: func(_ keyring.EndpointState, fault keyring.Fault) { told <- core.Fault(fault) },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		verifier.Run(ctx)
	}()
	t.Cleanup(func() {
		stop()
		<-ended
	})
	return told
}

func wantKeys(t *testing.T, told <-chan core.Fault, want core.Fault) {
	t.Helper()
	for late := time.After(room); ; {
		select {
		case got := <-told:
			if got == want {
				return
			}
			if got != core.FaultTimedOut { // which a fetch of 2 s may be on a busy machine, until the next one
				t.Fatalf("the keys' fault is %q, want %q", got, want)
			}
		case <-late:
			t.Fatalf("nothing was told, want %q", want)
		}
	}
}
