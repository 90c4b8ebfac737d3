package neo4jdb

import (
	"context"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/journey-os/journey-api/core"
)

// tracerName is the instrumentation scope of the spans.
const tracerName = "github.com/journey-os/journey-api/adapters/neo4jdb"

// traceKey names the W3C traceparent in a transaction's metadata, beside the correlation id.
const traceKey = "traceparent"

// tracerOf returns a no-op tracer if there are no traces.
func tracerOf(traces trace.TracerProvider) trace.Tracer {
	if traces == nil {
		traces = noop.NewTracerProvider()
	}
	return traces.Tracer(tracerName)
}

// startSpan starts the span of a Read or Write with all its retries, and returns the function that ends it. It has no
// query, since a query may contain values.
func (c *Client) startSpan(ctx context.Context, operation string) (context.Context, func(error)) {
	ctx, span := c.tracer.Start(ctx, "neo4j "+operation, trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(semconv.DBSystemNameNeo4j, semconv.DBOperationName(operation)))
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

// traceParent returns the traceparent of ctx's trace for the server; "" if there is none.
func traceParent(ctx context.Context) string {
	if !trace.SpanContextFromContext(ctx).IsValid() {
		return ""
	}
	told := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, told)
	return told[traceKey]
}
