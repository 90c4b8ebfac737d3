package main

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

func TestABatchIsCompressedWhereThatIsAskedFor(t *testing.T) {
	t.Parallel()
	c := startCollector(t, nil)
	r := boot(t, traced(c, "OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"))
	r.me("x")
	r.stop()
	if err := r.wait(); err != nil {
		t.Error(err)
	}
	if got := c.requests()[0].Header.Get("Content-Encoding"); got != "gzip" {
		t.Errorf("sent with the encoding %q", got)
	}
	if diff := cmp.Diff([]string{"GET /api/me"}, c.names()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestABatchIsSentAgainWhereTheCollectorAsksForIt(t *testing.T) {
	t.Parallel()
	answers := []int{503, 429, 200}
	c := startCollector(t, func(http.ResponseWriter) int {
		next := answers[0]
		answers = answers[1:]
		return next
	})
	settings, _ := readTraceSettings(traced(c, "OTEL_EXPORTER_OTLP_TIMEOUT", "60000"))
	client := newOTLPClient(settings)
	defer func() { _ = client.Stop(t.Context()) }()
	if err := client.UploadTraces(t.Context(), nil); err != nil || len(c.requests()) != 3 {
		t.Errorf("%d tries, and %v", len(c.requests()), err)
	}
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
		log, exporter := &syncBuffer{}, &failing{}
		out := &tracesOut{SpanExporter: exporter, log: newLogger(log, loadSettings(t, nil).Settings.Log).Logger}
		said := func(errs ...error) int {
			before := lines(log.String())
			for _, err := range errs {
				exporter.err = err
				if err := out.ExportSpans(t.Context(), nil); err != nil {
					t.Errorf("the SDK would print %v", err)
				}
			}
			return lines(log.String()) - before
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

func lines(text string) (count int) {
	for _, sign := range text {
		if sign == '\n' {
			count++
		}
	}
	return count
}
