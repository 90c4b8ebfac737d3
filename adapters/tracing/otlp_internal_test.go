package tracing

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/journey-os/journey-api/internal/testkit/collector"
)

func TestABatchIsSentAgainIfTheCollectorAsksForIt(t *testing.T) {
	t.Parallel()
	answers := []int{503, 429, 200}
	c := collector.Start(t, func(http.ResponseWriter) int {
		next := answers[0]
		answers = answers[1:]
		return next
	})
	settings := read(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": c.URL, "OTEL_EXPORTER_OTLP_TIMEOUT": "60000"})
	client := newOTLPClient(settings)
	defer func() { _ = client.Stop(t.Context()) }()
	if err := client.UploadTraces(t.Context(), nil); err != nil || len(c.Requests()) != 3 {
		t.Errorf("%d tries, and %v", len(c.Requests()), err)
	}
}

func read(t *testing.T, environment map[string]string) Settings {
	t.Helper()
	settings, warnings := Read(Source{Environment: environment, Version: "1.2.3"})
	if len(warnings) > 0 {
		t.Fatal(warnings)
	}
	return settings
}

// failing is an exporter that fails on demand.
type failing struct {
	sdktrace.SpanExporter
	err error
}

func (f *failing) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error { return f.err }

func TestACollectorThatComesAndGoesDoesNotFillTheLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log, exporter := &strings.Builder{}, &failing{}
		out := &spanExporter{SpanExporter: exporter, log: slog.New(slog.NewJSONHandler(log, nil))}
		said := func(errs ...error) int {
			before := strings.Count(log.String(), "\n")
			for _, err := range errs {
				exporter.err = err
				if err := out.ExportSpans(t.Context(), nil); err != nil {
					t.Errorf("the SDK would print %v", err)
				}
			}
			return strings.Count(log.String(), "\n") - before
		}
		pass := func(d time.Duration) { <-time.After(d) }
		fault, other := statusError{status: 500}, errors.New("planted")
		got := []int{said(nil, nil), said(fault, other, fault), said(nil, fault, nil, fault)}
		pass(quietFor)
		got = append(got, said(fault), said(nil), said(nil), said(context.Canceled), said(fault), said(nil))
		if diff := cmp.Diff([]int{0, 1, 0, 0, 1, 0, 0, 1, 0}, got); diff != "" {
			t.Errorf("lines (-want +got):\n%s\n%s", diff, log)
		}
	})
}
