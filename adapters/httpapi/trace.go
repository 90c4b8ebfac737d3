package httpapi

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// tracerName is the instrumentation scope of the spans.
const tracerName = "github.com/journey-os/journey-api/adapters/httpapi"

// The headers of W3C Trace Context.
const (
	headerTraceParent = "traceparent"
	headerTraceState  = "tracestate"
)

// longestTraceState is how much of a caller's tracestate is passed on, in bytes: the recommendation's minimum (W3C
// Trace Context, section 3.3.1.5).
const longestTraceState = 512

// requestTrace is a request's place in a trace.
type requestTrace struct {
	// named is the context of the caller's traceparent; not valid if there was none. Only a trusted proxy can make it
	// sampled.
	named trace.SpanContext
	// trusted reports whether a trusted proxy sent it.
	trusted bool
	// span is the request's own span; nil if the service traces nothing, and for probes.
	span trace.Span
}

// JoinedOnTrust reports whether the request of ctx joined the trace of a trusted proxy, which decides whether its whole
// trace is recorded. The sampler asks it: from any other caller only the trace's ids are taken.
func JoinedOnTrust(ctx context.Context) bool {
	x, ok := ctx.Value(exchangeKey{}).(*exchange)
	return ok && x.trace != nil && x.trace.trusted
}

// joinTrace takes the ids that a caller sent, even if the service traces nothing itself, since the services that it
// calls may. A malformed traceparent counts as none, as do two.
func (s *Server) joinTrace(c *fiber.Ctx, x *exchange) {
	header := &c.Request().Header
	if len(header.Peek(headerTraceParent)) == 0 {
		return
	}
	sent := propagation.MapCarrier{headerTraceState: traceState(header)}
	if parents := header.PeekAll(headerTraceParent); len(parents) == 1 {
		sent[headerTraceParent] = string(parents[0])
	}
	named := trace.SpanContextFromContext(propagation.TraceContext{}.Extract(context.Background(), sent))
	if !named.IsValid() {
		return
	}
	trusted := s.isTrustedProxy(peerOf(c))
	if !trusted {
		named = named.WithTraceFlags(named.TraceFlags().WithSampled(false))
	}
	x.trace = &requestTrace{named: named, trusted: trusted}
	c.SetUserContext(trace.ContextWithRemoteSpanContext(c.UserContext(), named))
}

// traceState returns the caller's tracestate, shortened by whole entries from its end.
func traceState(header *fasthttp.RequestHeader) string {
	state := bytes.Join(header.PeekAll(headerTraceState), []byte(","))
	if len(state) > longestTraceState {
		state = state[:max(0, bytes.LastIndexByte(state[:longestTraceState+1], ','))]
	}
	return string(state)
}

// startSpan starts the request's span. Its name and attributes are values that a caller can't choose: no path, no
// query, no header, no id of a person.
func (s *Server) startSpan(c *fiber.Ctx, x *exchange) {
	if s.tracer == nil {
		return
	}
	name, method := knownMethod(c), semconv.HTTPRequestMethodOther
	if name == methodOther {
		name = "HTTP"
	} else {
		method = semconv.HTTPRequestMethodKey.String(name)
	}
	attributes := []attribute.KeyValue{method, semconv.URLScheme("http")}
	if x.route != nil {
		name += " " + x.route.Path
		attributes = append(attributes, semconv.HTTPRoute(x.route.Path))
	}
	if x.trace == nil {
		x.trace = &requestTrace{}
	}
	ctx, span := s.tracer.Start(c.UserContext(), name, trace.WithSpanKind(trace.SpanKindServer), //nolint:spancheck // endSpan ends it
		trace.WithTimestamp(x.began), trace.WithAttributes(attributes...))
	x.trace.span = span
	c.SetUserContext(ctx)
}

// endSpan records the outcome of the request. Only a fault of the service is an error of its span.
func (x *exchange) endSpan(status int, took time.Duration) {
	if x.trace == nil || x.trace.span == nil {
		return
	}
	span := x.trace.span
	if span.IsRecording() {
		span.SetAttributes(semconv.HTTPResponseStatusCode(status))
		if x.failure != nil {
			span.SetAttributes(attribute.String("error_code", string(x.failure.Code)))
			if x.failure.Reason != "" {
				span.SetAttributes(attribute.String("reason", string(x.failure.Reason)))
			}
		}
		if status >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, "")
		}
	}
	span.End(trace.WithTimestamp(x.began.Add(took)))
}

// traceAttrs adds the ids of the trace and of the request's own span to a log line.
func (x *exchange) traceAttrs(attrs []slog.Attr) []slog.Attr {
	switch {
	case x.trace == nil:
		return attrs
	case x.trace.span == nil:
		return append(attrs, slog.String("trace_id", x.trace.named.TraceID().String()))
	}
	own := x.trace.span.SpanContext()
	return append(attrs, slog.String("trace_id", own.TraceID().String()), slog.String("span_id", own.SpanID().String()))
}
