package tracing

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/internal/testkit/collector"
	"github.com/journey-os/journey-api/internal/testkit/wait"
)

func TestNobodyWaitsForACollectorThatHangs(t *testing.T) {
	release := make(chan struct{})
	c := collector.Start(t, func(http.ResponseWriter) int { <-release; return 200 })
	defer close(release)
	provider, err := New(read(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": c.URL, "OTEL_EXPORTER_OTLP_TIMEOUT": "3600000"}), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	tracer, began := provider.Tracer("test"), time.Now()
	for range 20_000 { // ten times what the queue holds
		_, span := tracer.Start(t.Context(), "one of many")
		span.End()
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := provider.Close(ctx); err == nil {
		t.Error("all of it was delivered")
	}
	if took := time.Since(began); took > wait.Limit {
		t.Errorf("took %v", took)
	}
	sent := c.Requests()
	if len(sent) != 1 {
		t.Fatalf("%d batches were sent to a collector that hangs", len(sent))
	}
	select {
	case <-sent[0].Context().Done():
	case <-time.After(wait.Limit):
		t.Error("the service is closed, and still waits for the collector")
	}
}

// OpenTelemetry's SDK would write the panic's value into the span.
func TestWhatAPanicSaysIsInNoSpan(t *testing.T) {
	t.Parallel()
	c := collector.Start(t, nil)
	provider, err := New(read(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": c.URL}), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() { _ = recover() }()
		_, span := provider.Tracer("test").Start(t.Context(), "it panics")
		defer span.End()
		panic("planted-in-the-panic")
	}()
	if err := provider.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{"it panics"}, c.Names()); diff != "" || c.Contains("planted") {
		t.Errorf("%s\n%v", diff, c.Spans())
	}
}
