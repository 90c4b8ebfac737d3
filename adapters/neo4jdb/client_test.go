package neo4jdb_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/journey-os/journey-api/adapters/neo4jdb"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/health"
	"github.com/journey-os/journey-api/internal/testkit/goroutines"
	"github.com/journey-os/journey-api/internal/testkit/standin"
	"github.com/journey-os/journey-api/internal/testkit/wait"
)

func TestMain(m *testing.M) { goroutines.Main(m) }

func settings(uri string) neo4jdb.Config {
	return neo4jdb.Config{
		URI: uri, Username: "neo4j", Password: "a password", UserAgent: "journey-api/test",
		MaxPoolSize: 2, AcquireTimeout: 3 * wait.Limit, ConnectTimeout: 3 * wait.Limit,
		MaxConnLifetime: time.Hour, Timeout: 3 * wait.Limit,
	}
}

func newClient(t *testing.T, config neo4jdb.Config) *neo4jdb.Client {
	t.Helper()
	client, err := neo4jdb.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close(context.WithoutCancel(t.Context())) })
	return client
}

// fetchOne is a store's work in small.
func fetchOne(ctx context.Context, tx neo4j.ManagedTransaction) error {
	result, err := tx.Run(ctx, "RETURN 1 AS ok", nil)
	if err != nil {
		return fmt.Errorf("fetch one: %w", err)
	}
	_, err = result.Single(ctx)
	return err
}

// failing answers messages of one kind with a failure.
func failing(tag byte, code string) func(byte) string {
	return func(asked byte) string {
		if asked == tag {
			return code
		}
		return ""
	}
}

func wantError(t *testing.T, err error, want *core.Error) {
	t.Helper()
	var got *core.Error
	if !errors.As(err, &got) {
		t.Fatalf("error %v, want a *core.Error", err)
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(core.Error{})); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}

var unavailable = &core.Error{
	Code: core.CodeUnavailable, Reason: core.ReasonDependencyUnavailable,
	Message: "A dependency is unavailable", RetryAfter: time.Second,
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*neo4jdb.Config){
		"no pool":                 func(c *neo4jdb.Config) { c.MaxPoolSize = 0 },
		"no time to acquire":      func(c *neo4jdb.Config) { c.AcquireTimeout = 0 },
		"no time to connect":      func(c *neo4jdb.Config) { c.ConnectTimeout = 0 },
		"no time":                 func(c *neo4jdb.Config) { c.Timeout = 0 },
		"a scheme of another way": func(c *neo4jdb.Config) { c.URI = "https://localhost:7687" },
	} {
		t.Run(name, func(t *testing.T) {
			config := settings("bolt://127.0.0.1:7687")
			spoil(&config)
			if client, err := neo4jdb.New(config); err == nil {
				_ = client.Close(t.Context())
				t.Error("it was accepted")
			}
		})
	}
}

func TestReadAndWriteCarryModeDatabaseDeadlineAndCorrelationID(t *testing.T) {
	t.Parallel()
	server := &standin.Bolt{}
	config := settings(server.URI(t))
	config.Database = "journeys"
	client := newClient(t, config)
	ctx := core.WithCorrelationID(t.Context(), "request-17")
	if err := client.Read(ctx, fetchOne); err != nil {
		t.Fatal(err)
	}
	if err := client.Write(ctx, fetchOne); err != nil {
		t.Fatal(err)
	}
	begins := server.Received(standin.Begin)
	if len(begins) != 2 {
		t.Fatalf("%d transactions, want 2", len(begins))
	}
	for i, begin := range begins {
		for _, want := range []string{"\x82db\x88journeys", "tx_timeout", "tx_metadata", "\x8ecorrelation_id\x8arequest-17"} {
			if !bytes.Contains(begin, []byte(want)) {
				t.Errorf("transaction %d begins with %q, which lacks %q", i, begin, want)
			}
		}
		if reads := bytes.Contains(begin, []byte("\x84mode\x81r")); reads != (i == 0) {
			t.Errorf("transaction %d reads only: %v", i, reads)
		}
	}
	if commits := server.Received(standin.Commit); len(commits) != 2 {
		t.Errorf("%d commits, want 2", len(commits))
	}
}

func TestErrorsOfTheServer(t *testing.T) {
	t.Parallel()
	conflict := &core.Error{Code: core.CodeConflict, Message: "It conflicts with what is already there"}
	for _, test := range []struct {
		name string
		tag  byte
		code string
		want *core.Error
	}{
		{"a unique value that is taken is a conflict", standin.Run, "Neo.ClientError.Schema.ConstraintValidationFailed", conflict},
		{"a constraint found at the commit is a conflict", standin.Commit, "Neo.ClientError.Schema.ConstraintValidationFailed", conflict},
		{"a wrong password is unavailable", standin.Logon, "Neo.ClientError.Security.Unauthorized", unavailable},
		{"an account that was locked is unavailable", standin.Logon, "Neo.ClientError.Security.AuthenticationRateLimit", unavailable},
		{"a deadlock that stays is unavailable", standin.Run, "Neo.TransientError.Transaction.DeadlockDetected", unavailable},
		{"a database that starts is unavailable", standin.Begin, "Neo.TransientError.Database.DatabaseUnavailable", unavailable},
		{"a query that the server ended is unavailable", standin.Run, "Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration", unavailable},
		{"a transaction that an operator ended is unavailable", standin.Run, "Neo.ClientError.Transaction.Terminated", unavailable},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := &standin.Bolt{Answer: failing(test.tag, test.code)}
			config := settings(server.URI(t))
			config.Timeout = time.Second
			err := newClient(t, config).Write(t.Context(), fetchOne)
			wantError(t, err, test.want)
			if !strings.Contains(err.Error(), test.code) {
				t.Errorf("the log lacks %s: %v", test.code, err)
			}
			if test.want == conflict && strings.Contains(err.Error(), "secret@") {
				t.Errorf("the log holds the value: %v", err)
			}
		})
	}
	t.Run("a faulty query is no error of the platform, and stays what it is", func(t *testing.T) {
		const code = "Neo.ClientError.Statement.SyntaxError"
		server := &standin.Bolt{Answer: failing(standin.Run, code)}
		err := newClient(t, settings(server.URI(t))).Read(t.Context(), fetchOne)
		var known *core.Error
		var cause *neo4j.Neo4jError
		if errors.As(err, &known) || !errors.As(err, &cause) || cause.Code != code {
			t.Errorf("error %v", err)
		}
	})
}

func TestAFaultThatPassesIsTriedAgain(t *testing.T) {
	t.Parallel()
	var attempts atomic.Int32
	server := &standin.Bolt{Answer: func(tag byte) string {
		if tag == standin.Run && attempts.Add(1) == 1 {
			return "Neo.TransientError.Transaction.DeadlockDetected"
		}
		return ""
	}}
	if err := newClient(t, settings(server.URI(t))).Write(t.Context(), fetchOne); err != nil {
		t.Fatal(err)
	}
	if got := attempts.Load(); got != 2 {
		t.Errorf("%d attempts, want 2", got)
	}
}

func TestErrorsOfTheWork(t *testing.T) {
	t.Parallel()
	client := newClient(t, settings((&standin.Bolt{}).URI(t)))
	missing := core.NewNotFoundError("There is no such learner")
	broken := errors.New("cannot add up")
	for _, test := range []struct {
		name     string
		of, want error
	}{
		{"an error of the platform passes unchanged", missing, missing},
		{"any other stays in the chain", broken, broken},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := client.Write(t.Context(), func(context.Context, neo4j.ManagedTransaction) error { return test.of })
			if !errors.Is(err, test.want) {
				t.Errorf("error %v, want %v", err, test.want)
			}
		})
	}
	if err := client.Write(t.Context(), func(context.Context, neo4j.ManagedTransaction) error { return missing }); !errors.Is(err, missing) {
		t.Errorf("error %#v, want the very same", err)
	}
	if err := client.Read(t.Context(), fetchOne); err != nil {
		t.Errorf("the client is of no use after it: %v", err)
	}
	t.Run("an error of the platform that was tried again passes too", func(t *testing.T) {
		server := &standin.Bolt{Answer: failing(standin.Run, "Neo.TransientError.Transaction.DeadlockDetected")}
		config := settings(server.URI(t))
		config.AcquireTimeout = 100 * time.Millisecond
		err := newClient(t, config).Write(t.Context(), func(ctx context.Context, tx neo4j.ManagedTransaction) error {
			return missing.WithCause(fetchOne(ctx, tx))
		})
		wantError(t, err, missing)
	})
}

func TestFailedWorkIsNotCommitted(t *testing.T) {
	t.Parallel()
	server := &standin.Bolt{}
	err := newClient(t, settings(server.URI(t))).Write(t.Context(), func(ctx context.Context, tx neo4j.ManagedTransaction) error {
		if err := fetchOne(ctx, tx); err != nil {
			return err
		}
		return core.NewConflictError("Somebody was faster")
	})
	wantError(t, err, &core.Error{Code: core.CodeConflict, Message: "Somebody was faster"})
	if commits := server.Received(standin.Commit); len(commits) != 0 {
		t.Errorf("%d commits", len(commits))
	}
}

func TestAPanicInTheWorkGivesTheConnectionBack(t *testing.T) {
	t.Parallel()
	config := settings((&standin.Bolt{}).URI(t))
	config.MaxPoolSize = 1
	client := newClient(t, config)
	func() {
		defer func() { _ = recover() }()
		_ = client.Read(t.Context(), func(context.Context, neo4j.ManagedTransaction) error { panic("unforeseen") })
	}()
	if err := client.Read(t.Context(), fetchOne); err != nil {
		t.Error(err)
	}
}

func TestASilentServerIsLeftInTime(t *testing.T) {
	t.Parallel()
	var hangs atomic.Bool
	server := &standin.Bolt{Answer: func(tag byte) string {
		if tag == standin.Pull && hangs.Load() {
			return standin.Unanswered
		}
		return ""
	}}
	config := settings(server.URI(t))
	for _, test := range []struct {
		name  string
		limit func(*neo4jdb.Config, context.Context) (context.Context, context.CancelFunc)
	}{
		{"by the caller's deadline", func(_ *neo4jdb.Config, ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 200*time.Millisecond)
		}},
		{"by its own if the caller has none", func(c *neo4jdb.Config, ctx context.Context) (context.Context, context.CancelFunc) {
			c.Timeout = 200 * time.Millisecond
			return ctx, func() {}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			config := config
			began := time.Now()
			ctx, cancel := test.limit(&config, t.Context())
			defer cancel()
			client := newClient(t, config)
			hangs.Store(true)
			wantError(t, client.Read(ctx, fetchOne), unavailable)
			if took := time.Since(began); took < 200*time.Millisecond || took > wait.Limit {
				t.Errorf("it took %v, want about 200ms", took)
			}
			hangs.Store(false)
			if err := client.Read(t.Context(), fetchOne); err != nil {
				t.Errorf("the client is of no use after it: %v", err)
			}
		})
	}
}

func TestACancelledCallerGetsTheirCancellation(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"while the server is silent":     standin.Unanswered,
		"while it waits to try it again": "Neo.TransientError.Transaction.DeadlockDetected",
	} {
		t.Run(name, func(t *testing.T) {
			server := &standin.Bolt{Answer: failing(standin.Pull, answer)}
			ctx, cancel := context.WithCancel(t.Context())
			// The driver waits 0.8 s or more before it tries again.
			defer time.AfterFunc(200*time.Millisecond, cancel).Stop()
			began := time.Now()
			err := newClient(t, settings(server.URI(t))).Read(ctx, fetchOne)
			var known *core.Error
			if !errors.Is(err, context.Canceled) || errors.As(err, &known) {
				t.Errorf("error %v, want %v alone", err, context.Canceled)
			}
			if took := time.Since(began); took > wait.Limit {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestAFullPoolIsWaitedForOnce(t *testing.T) {
	t.Parallel()
	config := settings((&standin.Bolt{}).URI(t))
	config.MaxPoolSize, config.AcquireTimeout = 1, 100*time.Millisecond
	client := newClient(t, config)
	err := client.Read(t.Context(), func(ctx context.Context, _ neo4j.ManagedTransaction) error {
		began := time.Now()
		wantError(t, client.Read(ctx, fetchOne), unavailable)
		if got := core.FaultOf(client.Check(ctx)); got != core.FaultTimedOut {
			t.Errorf("health: fault %q, want %q", got, core.FaultTimedOut)
		}
		if took := time.Since(began); took > wait.Limit {
			t.Errorf("they took %v, want about 200ms", took)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestNobodyListeningIsUnavailableWithinTheTimeout(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	for _, scheme := range []string{"bolt", "neo4j"} {
		t.Run(scheme, func(t *testing.T) {
			config := settings(scheme + "://" + listener.Addr().String())
			config.Timeout = 500 * time.Millisecond
			began := time.Now()
			err := newClient(t, config).Write(t.Context(), fetchOne)
			wantError(t, err, unavailable)
			if took := time.Since(began); took > wait.Limit {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestStatsCountTheSessionsAtWork(t *testing.T) {
	t.Parallel()
	client := newClient(t, settings((&standin.Bolt{}).URI(t)))
	during := health.Pool{}
	if err := client.Read(t.Context(), func(context.Context, neo4j.ManagedTransaction) error {
		during = client.Stats()
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	capacity := client.Stats().Capacity
	if during.InUse != 1 || client.Stats().InUse != 0 || capacity != settings("bolt://x").MaxPoolSize {
		t.Errorf("during %+v, after %+v", during, client.Stats())
	}
}

// Under the race detector, and only there, this fails if the driver is left to settle on its first connections.
func TestFirstCallsMayComeTogether(t *testing.T) {
	t.Parallel()
	config := settings("bolt://127.0.0.1:1")
	config.AcquireTimeout = time.Second // the driver lets calls wait for a place in its pool that a failure has freed
	client := newClient(t, config)
	var calls sync.WaitGroup
	for range 8 {
		calls.Go(func() {
			if err := client.Check(t.Context()); err == nil {
				t.Error("a port on which nothing listens is well")
			}
		})
	}
	calls.Wait()
}
