// Package tracing sends the spans of requests to an OpenTelemetry collector, as the standard OTEL_ variables of the
// environment ask for. Traced adapters take its Provider as a trace.TracerProvider.
package tracing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/journey-os/journey-api/ports/netfault"
)

// Provider returns tracers and sends their spans.
type Provider struct {
	*sdktrace.TracerProvider
	client *otlpClient
}

// New returns nil if nothing is to be traced. Spans wait in a bounded queue and are sent in the background. Ending a
// span never blocks, and spans that do not fit are dropped.
func New(settings Settings, log *slog.Logger) (*Provider, error) {
	if settings.endpoint == "" {
		return nil, nil
	}
	// By default the SDK prints faults that it finds, with the value of the variable.
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) {
		log.Warn("traces", "problem", "OpenTelemetry's library reports a fault: look at the OTEL_ variables")
	}))
	client := newOTLPClient(settings)
	exporter, err := otlptrace.New(context.Background(), client)
	if err != nil {
		return nil, err
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(&spanExporter{SpanExporter: exporter, log: log}),
		sdktrace.WithSampler(settings.sampler),
		sdktrace.WithResource(settings.resource),
		sdktrace.WithoutPanicRecording(), // what a panic says may hold what must not leave the service
	)
	log.Info("requests are traced", "endpoint", originOf(settings.endpoint), "sampler", settings.samplerName)
	return &Provider{provider, client}, nil
}

// Close sends the waiting spans. Its error means that not all of them were delivered before ctx ended.
func (p *Provider) Close(ctx context.Context) error {
	p.client.hurry()
	err := p.Shutdown(ctx)
	_ = p.client.Stop(ctx) // whatever still hangs
	if err != nil {
		return errors.New("the last spans were not delivered in time")
	}
	return nil
}

// originOf returns a URL without its path, which contains the key of some collectors.
func originOf(endpoint string) string {
	parsed, err := url.Parse(endpoint)
	if err != nil {
		return ""
	}
	return parsed.Scheme + "://" + parsed.Host
}

// quietFor is how long a logged fault of the collector must be over before its end is logged, so that an intermittent
// fault does not fill the log.
const quietFor = time.Minute

// spanExporter sends spans. It logs when they stop arriving and when they arrive again, not each batch. It does not
// return errors to OpenTelemetry's SDK, which would print them.
type spanExporter struct {
	sdktrace.SpanExporter
	log *slog.Logger

	lock sync.Mutex
	// faultToldAt is zero while there is no fault.
	faultToldAt time.Time
}

// ExportSpans always returns nil.
func (t *spanExporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	t.tell(t.SpanExporter.ExportSpans(ctx, spans))
	return nil
}

func (t *spanExporter) tell(err error) {
	t.lock.Lock()
	defer t.lock.Unlock()
	switch {
	case errors.Is(err, context.Canceled): // the service is closing
	case err != nil && t.faultToldAt.IsZero():
		t.faultToldAt = time.Now()
		t.log.Warn("traces are not delivered", "fault", traceFault(err))
	case err == nil && !t.faultToldAt.IsZero() && time.Since(t.faultToldAt) >= quietFor:
		t.faultToldAt = time.Time{}
		t.log.Info("traces are delivered again")
	}
}

// traceFault returns a word for an error, whose text may quote the endpoint.
func traceFault(err error) string {
	if refusal, ok := errors.AsType[statusError](err); ok {
		return fmt.Sprintf("Status %d", refusal.status)
	}
	return string(netfault.Of(err))
}
