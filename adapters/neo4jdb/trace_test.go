package neo4jdb_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/journey-os/journey-api/adapters/neo4jdb"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/spans"
	"github.com/journey-os/journey-api/internal/testkit/standin"
)

// tracing returns settings whose spans are kept in memory, and a context that is within one already.
func tracing(t *testing.T, uri string) (neo4jdb.Config, context.Context, *tracetest.InMemoryExporter) {
	t.Helper()
	recorded := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(recorded), sdktrace.WithoutPanicRecording())
	config := settings(uri)
	config.Traces = provider
	ctx, _ := provider.Tracer("test").Start(t.Context(), "request") //nolint:spancheck // it goes on
	return config, ctx, recorded
}

func TestASpanSaysHowAReadOrWriteWent(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		server *standin.Bolt
		work   neo4jdb.Work
		ends   string // error.type
		failed bool
	}{
		"well":             {&standin.Bolt{}, fetchOne, "", false},
		"a conflict":       {&standin.Bolt{Answer: failing(standin.Run, "Neo.ClientError.Schema.ConstraintValidationFailed")}, fetchOne, "CONFLICT", false},
		"a faulty query":   {&standin.Bolt{Answer: failing(standin.Run, "Neo.ClientError.Statement.SyntaxError")}, fetchOne, "INTERNAL_ERROR", true},
		"a refused login":  {&standin.Bolt{Answer: failing(standin.Logon, "Neo.ClientError.Security.Unauthorized")}, fetchOne, "SERVICE_UNAVAILABLE", true},
		"what work says":   {&standin.Bolt{}, func(context.Context, neo4j.ManagedTransaction) error { return core.NewNotFoundError("There is none") }, "NOT_FOUND", false},
		"what work breaks": {&standin.Bolt{}, func(context.Context, neo4j.ManagedTransaction) error { return errors.New("secret@example.org") }, "INTERNAL_ERROR", true},
	} {
		t.Run(name, func(t *testing.T) {
			config, ctx, recorded := tracing(t, tt.server.URI(t))
			client := newClient(t, config)
			_ = client.Read(ctx, tt.work)
			_ = client.Write(ctx, tt.work)
			var got, want []spans.Seen
			for _, operation := range []string{"READ", "WRITE"} {
				attributes := map[string]any{"db.system.name": "neo4j", "db.operation.name": operation}
				if tt.ends != "" {
					attributes["error.type"] = tt.ends
				}
				want = append(want, spans.Seen{Name: "neo4j " + operation, Attributes: attributes, Failed: tt.failed})
			}
			for _, span := range recorded.GetSpans() {
				got = append(got, spans.Of(span))
				if span.Parent.SpanID() != trace.SpanContextFromContext(ctx).SpanID() || span.SpanKind != trace.SpanKindClient {
					t.Errorf("a span of kind %v below %v", span.SpanKind, span.Parent)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			wantNothingPrivate(t, recorded)
		})
	}
}

func wantNothingPrivate(t *testing.T, recorded *tracetest.InMemoryExporter) {
	t.Helper()
	whole, err := json.Marshal(recorded.GetSpans())
	if err != nil {
		t.Fatal(err)
	}
	for _, private := range []string{"secret@example.org", "a password", "RETURN 1", "127.0.0.1"} {
		if bytes.Contains(whole, []byte(private)) {
			t.Errorf("%q is in the spans: %s", private, whole)
		}
	}
}

func TestAPanicOfWorkEndsTheSpanAndIsNotInIt(t *testing.T) {
	t.Parallel()
	config, ctx, recorded := tracing(t, (&standin.Bolt{}).URI(t))
	client := newClient(t, config)
	func() {
		defer func() { _ = recover() }()
		_ = client.Read(ctx, func(context.Context, neo4j.ManagedTransaction) error { panic("secret@example.org") })
	}()
	if len(recorded.GetSpans()) != 1 {
		t.Errorf("%d spans ended", len(recorded.GetSpans()))
	}
	wantNothingPrivate(t, recorded)
}

func TestWorkRunsWithinTheSpanAndTheServerIsToldOfIt(t *testing.T) {
	t.Parallel()
	server := &standin.Bolt{}
	config, ctx, recorded := tracing(t, server.URI(t))
	client := newClient(t, config)
	var within trace.SpanContext
	err := client.Read(core.WithCorrelationID(ctx, "request-17"), func(ctx context.Context, tx neo4j.ManagedTransaction) error {
		within = trace.SpanContextFromContext(ctx)
		return fetchOne(ctx, tx)
	})
	if err != nil {
		t.Fatal(err)
	}
	own := recorded.GetSpans()[0].SpanContext
	if within.SpanID() != own.SpanID() {
		t.Errorf("work ran within %v, the span is %v", within, own)
	}
	wantBegin(t, server, "\x8btraceparent\xd0\x3700-"+own.TraceID().String()+"-"+own.SpanID().String()+"-01", "\x8ecorrelation_id\x8arequest-17")
}

func TestTheServerIsToldOfTheCallersTraceIfWeTraceNothing(t *testing.T) {
	t.Parallel()
	server := &standin.Bolt{}
	client := newClient(t, settings(server.URI(t)))
	ctx := trace.ContextWithRemoteSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}}))
	if err := client.Write(ctx, fetchOne); err != nil {
		t.Fatal(err)
	}
	wantBegin(t, server, "\x8btraceparent\xd0\x3700-01000000000000000000000000000000-0200000000000000-00")
}

func wantBegin(t *testing.T, server *standin.Bolt, texts ...string) {
	t.Helper()
	begins := server.Received(standin.Begin)
	if len(begins) != 1 {
		t.Fatalf("%d transactions, want 1", len(begins))
	}
	for _, want := range texts {
		if !bytes.Contains(begins[0], []byte(want)) {
			t.Errorf("the transaction begins with %q, which lacks %q", begins[0], want)
		}
	}
}
