package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/journey-os/journey-api/core"
)

// A request is reported after its reply is made: as an Observation for metrics, as a line of the log, as a further line
// if a known caller was refused, and as the status of its span.

const (
	// mostAccessAttrs is how many attributes the line of a request has at most.
	mostAccessAttrs = 19
	// longestLoggedPath bounds the path in the log, in bytes.
	longestLoggedPath = 512
)

// Observation is the outcome of one request. Its strings are of bounded sets, so that each can be a label of a metric.
type Observation struct {
	// Method is one that the service knows, or OTHER, or "" if the request could not be read.
	Method string
	// Route is the pattern that matched, or "preflight", or "unmatched".
	Route  string
	Status int
	// Duration is the time from the parsed head to the reply made, without the time on the socket.
	Duration time.Duration
	// Authentication is the outcome of the token's check: "ok", the reason of the refusal or, if it has none, its code:
	// RATE_LIMITED if the address had failed too often. "" if no token was checked.
	Authentication string
}

// authenticated is Observation.Authentication for a verified token.
const authenticated = "ok"

// outcome is the outcome of a request, beside its exchange.
type outcome struct {
	// ctx carries the request's span.
	ctx          context.Context
	method, path string
	// known is the method as one of a fixed set.
	known  string
	status int
	bytes  int
	client netip.Addr
	// isCut reports whether the reply ended before its body did, failed whether by the service's own doing.
	isCut, failed bool
}

// observeRequests reports each request after its reply was made.
func (s *Server) observeRequests(c *fiber.Ctx) error {
	err := c.Next()
	s.finish(c, exchangeOf(c))
	return err
}

// finish reports the outcome of the request to metrics, log and trace. It runs after the reply was made, and after the
// end of a streamed body.
func (s *Server) finish(c *fiber.Ctx, x *exchange) {
	if x.route == nil && !x.unreadable {
		s.startSpan(c, x) // on a matched route it was there before the handler
	}
	seen := outcome{
		ctx: c.UserContext(), method: c.Method(), known: knownMethod(c), path: c.Path(),
		status: c.Response().StatusCode(), client: s.clientAddress(c, x),
	}
	if x.stream == nil {
		seen.bytes = bytesOut(c)
		s.tell(x, seen)
		return
	}
	x.stream.closed = func(b *stream) {
		seen.bytes, seen.isCut, seen.failed = b.sent, !b.isWhole() && seen.method != http.MethodHead, x.failure != nil
		s.tell(x, seen)
		x.end()
	}
}

func (s *Server) tell(x *exchange, seen outcome) {
	took := time.Since(x.began)
	if s.observe != nil {
		observed := Observation{Route: routeLabel(x), Status: seen.status, Duration: took, Authentication: x.authentication}
		if !x.unreadable {
			observed.Method = seen.known
		}
		s.observe(observed)
	}
	s.logAccess(x, seen, took)
	x.endSpan(seen.status, took)
}

// knownMethod is the request's method as one of a fixed set; it aliases nothing of the request.
func knownMethod(c *fiber.Ctx) string {
	method := c.Method()
	for _, known := range fiber.DefaultMethods {
		if method == known {
			return known
		}
	}
	return methodOther
}

// outcomeOf returns why a token was refused.
func outcomeOf(err error) string {
	known := errorOf(err)
	if known.Reason != "" {
		return string(known.Reason)
	}
	return string(known.Code)
}

// logAccess writes the line: 5xx at ERROR, 4xx at WARN, probes and preflights at DEBUG whatever their status. It has no
// query, no header and no body. The record goes directly to the handler, since a line needs no source position.
func (s *Server) logAccess(x *exchange, seen outcome, took time.Duration) {
	level := levelOf(x, seen)
	if !s.log.Enabled(seen.ctx, level) {
		return
	}
	attrs := append(make([]slog.Attr, 0, mostAccessAttrs), slog.String("correlation_id", string(x.correlationID)))
	attrs = x.traceAttrs(attrs)
	if !x.unreadable {
		attrs = append(attrs,
			slog.String("method", seen.method),
			slog.String("route", routeLabel(x)),
			slog.String("path", shortened(seen.path)),
		)
	}
	attrs = append(attrs,
		slog.Int("status", seen.status),
		slog.Float64("duration_ms", milliseconds(took)),
		slog.Int("bytes_out", seen.bytes),
		slog.String("client_ip", clientIP(seen.client)),
	)
	if x.caller != nil {
		attrs = append(attrs, callerAttrs(x)...)
	}
	if x.failure != nil {
		attrs = append(attrs, failureAttrs(x, seen)...)
	}
	if seen.isCut {
		attrs = append(attrs, slog.Bool("cut", true))
	}
	record := slog.NewRecord(x.began.Add(took), level, "request", 0)
	record.AddAttrs(attrs...)
	// An error of the log can't be reported anywhere.
	_ = s.log.Handle(seen.ctx, record)
}

// callerAttrs returns the ids of the caller.
func callerAttrs(x *exchange) []slog.Attr {
	return []slog.Attr{
		slog.String("user_id", x.caller.Subject),
		slog.String("role", string(x.caller.Role)),
		slog.String("institution_id", x.caller.InstitutionID),
	}
}

// bytesOut returns the bytes of the body on the wire: a HEAD request gets none.
func bytesOut(c *fiber.Ctx) int {
	if c.Method() == http.MethodHead {
		return 0
	}
	return len(c.Response().Body())
}

// failureAttrs returns what failed. The cause and its place are included only for a fault of the service.
func failureAttrs(x *exchange, seen outcome) []slog.Attr {
	attrs := []slog.Attr{slog.String("error_code", string(x.failure.Code))}
	if x.failure.Reason != "" {
		attrs = append(attrs, slog.String("reason", string(x.failure.Reason)))
	}
	cause := errors.Unwrap(x.failure)
	if !seen.isOurFault() || cause == nil {
		return attrs
	}
	attrs = append(attrs, slog.String("error", cause.Error()))
	if panicked, ok := errors.AsType[*panicError](cause); ok {
		attrs = append(attrs, slog.String("stack", panicked.stack))
	}
	return attrs
}

// isOurFault reports whether the failure is a fault of the service. A reply that is cut and has a failure began as a
// success.
func (o outcome) isOurFault() bool {
	return o.status >= http.StatusInternalServerError || o.isCut && o.failed
}

func levelOf(x *exchange, seen outcome) slog.Level {
	switch {
	case x.preflight, x.route != nil && x.route.probe:
		return slog.LevelDebug
	case seen.isOurFault():
		return slog.LevelError
	case seen.status >= http.StatusBadRequest:
		return slog.LevelWarn
	default:
		return slog.LevelInfo
	}
}

// routeLabel returns the pattern that matched, so that log lines of one route can be counted together.
func routeLabel(x *exchange) string {
	switch {
	case x.preflight:
		return "preflight"
	case x.route == nil:
		return "unmatched"
	default:
		return x.route.Path
	}
}

// clientIP returns the address for the log.
func clientIP(address netip.Addr) string {
	if !address.IsValid() {
		return ""
	}
	return address.String()
}

func shortened(path string) string {
	if len(path) <= longestLoggedPath {
		return path
	}
	return strings.ToValidUTF8(path[:longestLoggedPath], "") + "…"
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// auditRefusal logs that a known caller was refused: who, what, why and whose. A record of another institution is
// refused with the 404 of one that does not exist; this line tells the two apart. It contains only ids.
func (s *Server) auditRefusal(c *fiber.Ctx, x *exchange) {
	reason := x.failure.Reason
	refusal, isRecord := errors.AsType[*core.RecordRefusal](x.failure)
	if isRecord {
		reason = refusal.Reason
	}
	ctx := c.UserContext()
	isRefusal := isRecord || x.failure.Code == core.CodeForbidden
	if !isRefusal || x.caller == nil || x.route == nil || !s.log.Enabled(ctx, slog.LevelWarn) {
		return
	}
	record := slog.NewRecord(time.Now(), slog.LevelWarn, "access refused", 0)
	record.AddAttrs(slog.String("correlation_id", string(x.correlationID)))
	record.AddAttrs(x.traceAttrs(nil)...)
	record.AddAttrs(callerAttrs(x)...)
	record.AddAttrs(
		slog.String("method", c.Method()),
		slog.String("route", x.route.Path),
		slog.String("reason", string(reason)),
	)
	institution := x.institution
	if isRecord {
		record.AddAttrs(slog.String("requested_student_id", idOrNothing(refusal.Record.StudentID)))
		institution = refusal.Record.InstitutionID
	}
	if reason == core.ReasonInstitutionMismatch {
		record.AddAttrs(slog.String("requested_institution_id", idOrNothing(institution)))
	}
	_ = s.log.Handle(ctx, record) // an error of the log can't be reported anywhere
}

// idOrNothing returns text if it is an id, and otherwise "", since the caller may have chosen it.
func idOrNothing(text string) string {
	if !core.IsID(text) {
		return ""
	}
	return text
}
