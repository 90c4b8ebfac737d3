package neo4jdb_test

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"go.opentelemetry.io/otel/trace"

	"github.com/journey-os/journey-api/adapters/neo4jdb"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/stack"
)

// live is the configuration of the real server; the test is skipped if there is none.
func live(t *testing.T) neo4jdb.Config {
	t.Helper()
	server := stack.Running(t).Neo4j
	config := settings(server.URI)
	config.Username, config.Password = server.Username, server.Password
	return config
}

// query is work that runs one query and keeps its rows.
func query(rows *[]map[string]any, cypher string, params map[string]any) neo4jdb.Work {
	return func(ctx context.Context, tx neo4j.ManagedTransaction) error {
		result, err := tx.Run(ctx, cypher, params)
		if err != nil {
			return err
		}
		records, err := result.Collect(ctx)
		if err != nil {
			return err
		}
		*rows = nil
		for _, record := range records {
			*rows = append(*rows, record.AsMap())
		}
		return nil
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestIntegrationANodeIsWrittenAndReadBack(t *testing.T) {
	client := newClient(t, live(t))
	id := rand.Text()
	var rows []map[string]any
	t.Cleanup(func() {
		must(t, client.Write(context.WithoutCancel(t.Context()), query(&rows, "MATCH (n:IntegrationItem {id: $id}) DELETE n", map[string]any{"id": id})))
	})
	must(t, client.Write(t.Context(), query(&rows, "CREATE (:IntegrationItem {id: $id, note: $note})",
		map[string]any{"id": id, "note": "é ✓ 'quoted'"})))
	must(t, client.Read(t.Context(), query(&rows, "MATCH (n:IntegrationItem {id: $id}) RETURN n.note AS note", map[string]any{"id": id})))
	if diff := cmp.Diff([]map[string]any{{"note": "é ✓ 'quoted'"}}, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestIntegrationWorkThatFailsLeavesNothing(t *testing.T) {
	client := newClient(t, live(t))
	params := map[string]any{"id": rand.Text()}
	refusal := core.NewConflictError("Somebody was faster")
	var rows []map[string]any
	err := client.Write(t.Context(), func(ctx context.Context, tx neo4j.ManagedTransaction) error {
		if err := query(&rows, "CREATE (:IntegrationItem {id: $id})", params)(ctx, tx); err != nil {
			return err
		}
		return refusal
	})
	if !errors.Is(err, refusal) {
		t.Errorf("error %v, want %v", err, refusal)
	}
	must(t, client.Read(t.Context(), query(&rows, "MATCH (n:IntegrationItem {id: $id}) RETURN n", params)))
	if len(rows) != 0 {
		t.Errorf("it left %v", rows)
	}
}

func TestIntegrationAReadMayNotWrite(t *testing.T) {
	var rows []map[string]any
	err := newClient(t, live(t)).Read(t.Context(), query(&rows, "CREATE (:IntegrationItem)", nil))
	if err == nil {
		t.Error("it wrote")
	}
}

const transactionsOf = "SHOW TRANSACTIONS YIELD metaData WHERE metaData.correlation_id = $id RETURN metaData.correlation_id AS id, metaData.traceparent AS parent"

func TestIntegrationTheCorrelationIDAndTheTraceAreTheTransactionsMetadata(t *testing.T) {
	id := "request-" + rand.Text()
	named := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}})
	ctx := trace.ContextWithRemoteSpanContext(core.WithCorrelationID(t.Context(), core.CorrelationID(id)), named)
	var rows []map[string]any
	must(t, newClient(t, live(t)).Read(ctx, query(&rows, transactionsOf, map[string]any{"id": id})))
	const parent = "00-01000000000000000000000000000000-0200000000000000-00"
	if diff := cmp.Diff([]map[string]any{{"id": id, "parent": parent}}, rows); diff != "" {
		t.Errorf("transactions (-want +got):\n%s", diff)
	}
}

func TestIntegrationASlowQueryEndsWithItsContextHereAndThere(t *testing.T) {
	client := newClient(t, live(t))
	must(t, client.Check(t.Context()))
	id := "slow-" + rand.Text()
	ctx, cancel := context.WithTimeout(core.WithCorrelationID(t.Context(), core.CorrelationID(id)), 200*time.Millisecond)
	defer cancel()
	var rows []map[string]any
	began := time.Now()
	err := client.Read(ctx, query(&rows, "UNWIND range(1, 4000000000) AS n RETURN sum(n % 7) AS total", nil))
	took := time.Since(began)
	t.Logf("a context of 200ms ended it after %v", took)
	wantError(t, err, unavailable)
	if took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	must(t, client.Check(t.Context()))
	running := func() bool {
		must(t, client.Read(t.Context(), query(&rows, transactionsOf, map[string]any{"id": id})))
		return len(rows) > 0
	}
	for deadline := time.Now().Add(10 * time.Second); running(); {
		if time.Now().After(deadline) {
			t.Fatal("the server still runs it")
		}
	}
	t.Logf("the server had ended it after %v", time.Since(began))
}

func TestIntegrationAUniqueValueThatIsTakenIsAConflict(t *testing.T) {
	client := newClient(t, live(t))
	name := "Integration" + rand.Text()
	var rows []map[string]any
	t.Cleanup(func() {
		must(t, client.Write(context.WithoutCancel(t.Context()), query(&rows, "DROP CONSTRAINT "+name+" IF EXISTS", nil)))
		must(t, client.Write(context.WithoutCancel(t.Context()), query(&rows, "MATCH (n:"+name+") DELETE n", nil)))
	})
	must(t, client.Write(t.Context(), query(&rows, "CREATE CONSTRAINT "+name+" FOR (n:"+name+") REQUIRE n.email IS UNIQUE", nil)))
	create := query(&rows, "CREATE (:"+name+" {email: 'ada@example.org'})", nil)
	must(t, client.Write(t.Context(), create))
	wantError(t, client.Write(t.Context(), create),
		&core.Error{Code: core.CodeConflict, Message: "It conflicts with what is already there"})
	must(t, client.Check(t.Context()))
}

func TestIntegrationHealth(t *testing.T) {
	config := live(t)
	for _, test := range []struct {
		name  string
		spoil func(*neo4jdb.Config)
		want  core.Fault
	}{
		{"the server is ok", func(*neo4jdb.Config) {}, ""},
		{"a named database is ok", func(c *neo4jdb.Config) { c.Database = "neo4j" }, ""},
		{"routing is ok", func(c *neo4jdb.Config) { c.URI = "neo4j" + c.URI[len("bolt"):] }, ""},
		{"a wrong password", func(c *neo4jdb.Config) { c.Password = "wrong" }, core.FaultCredentialsRejected},
		{"no such database", func(c *neo4jdb.Config) { c.Database = "nowhere" }, core.FaultServerError},
		{"TLS where there is none", func(c *neo4jdb.Config) { c.URI = "bolt+s" + c.URI[len("bolt"):] }, core.FaultTLSFailed},
	} {
		t.Run(test.name, func(t *testing.T) {
			config := config
			test.spoil(&config)
			client := newClient(t, config)
			for range 2 {
				began := time.Now()
				err := client.Check(t.Context())
				t.Logf("it took %v: %v", time.Since(began), err)
				if got := core.FaultOf(err); got != test.want {
					t.Errorf("fault %q, want %q", got, test.want)
				}
				if err != nil {
					break // a second wrong password would count towards a lock
				}
			}
		})
	}
}
