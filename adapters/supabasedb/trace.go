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

// tracerName is what spans say made them.
const tracerName = "github.com/journey-os/journey-api/adapters/supabasedb"

// tracerOf is a tracer of nothing if there are no traces.
func tracerOf(traces trace.TracerProvider) trace.Tracer {
	if traces == nil {
		traces = noop.NewTracerProvider()
	}
	return traces.Tracer(tracerName)
}

// startSpan opens the span of one request, and returns what ends it. Of the URL it holds the path, which names a table or
// a function: the filters of the query are people's data.
func (c *call) startSpan(ctx context.Context, request *http.Request) (context.Context, func(error)) {
	path := request.URL.Path
	ctx, span := c.tracer.Start(ctx, request.Method+" "+path, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		semconv.HTTPRequestMethodKey.String(request.Method), semconv.URLTemplate(path), semconv.ServerAddress(request.URL.Hostname())))
	return ctx, func(err error) { endSpan(span, err) }
}

// endSpan says how it went by the code alone: the error's text is for the log. A conflict and the like are answers.
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

// noteStatus adds the reply's status to the span of ctx.
func noteStatus(ctx context.Context, status int) {
	if span := trace.SpanFromContext(ctx); span.IsRecording() {
		span.SetAttributes(semconv.HTTPResponseStatusCode(status))
	}
}

// tellTrace passes on ctx's trace, the caller's if we trace nothing ourselves (W3C Trace Context).
func tellTrace(ctx context.Context, header http.Header) {
	propagation.TraceContext{}.Inject(ctx, propagation.HeaderCarrier(header))
}
