package supabasedb

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/journey-os/journey-api/core"
)

// tracerName is the instrumentation scope of the spans.
const tracerName = "github.com/journey-os/journey-api/adapters/supabasedb"

// tracerOf returns a no-op tracer if there are no traces.
func tracerOf(traces trace.TracerProvider) trace.Tracer {
	if traces == nil {
		traces = noop.NewTracerProvider()
	}
	return traces.Tracer(tracerName)
}

// startSpan starts the span of one request, and returns the function that ends it. It has the URL's path, which names a
// table or a function, but not the query, whose filters are personal data.
func (c *call) startSpan(ctx context.Context, request *http.Request) (context.Context, func(error)) {
	path := request.URL.Path
	ctx, span := c.tracer.Start(ctx, request.Method+" "+path, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		semconv.HTTPRequestMethodKey.String(request.Method), semconv.URLTemplate(path), semconv.ServerAddress(request.URL.Hostname())))
	return ctx, func(err error) { endSpan(span, err) }
}

// endSpan records only the code of an error: its text is for the log. A conflict, or another answer of the server, is
// no error of the span.
func endSpan(span trace.Span, err error) {
	if err != nil {
		code := core.CodeOf(err)
		span.SetAttributes(semconv.ErrorTypeKey.String(string(code)))
		if code == core.CodeUnavailable || code == core.CodeInternal {
			span.SetStatus(codes.Error, "")
		}
	}
	span.End()
}

// noteStatus sets the reply's status on the span of ctx.
func noteStatus(ctx context.Context, status int) {
	if span := trace.SpanFromContext(ctx); span.IsRecording() {
		span.SetAttributes(semconv.HTTPResponseStatusCode(status))
	}
}

// addTraceHeaders adds the headers of ctx's trace (W3C Trace Context), the caller's if the service traces nothing itself.
func addTraceHeaders(ctx context.Context, header http.Header) {
	propagation.TraceContext{}.Inject(ctx, propagation.HeaderCarrier(header))
}
