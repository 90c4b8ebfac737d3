package httpapi

import (
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

// mostAccessAttrs is how many attributes the line of a request has at most.
const mostAccessAttrs = 19

// longestLoggedPath keeps one caller's path from filling the log, in bytes.
const longestLoggedPath = 512

// observeRequests says what became of each request, after its reply was made.
func (s *Server) observeRequests(c *fiber.Ctx) error {
	err := c.Next()
	s.finish(c, exchangeOf(c))
	return err
}

// logAccess writes the line: 5xx at ERROR, 4xx at WARN, probes and preflights at DEBUG whatever they answer. It holds no query, no
// header and no body. The record goes straight to the handler: a line has no source position to look up.
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
		attrs = append(attrs,
			slog.String("user_id", x.caller.Subject),
			slog.String("role", string(x.caller.Role)),
			slog.String("institution_id", x.caller.InstitutionID),
		)
	}
	if x.failure != nil {
		attrs = append(attrs, failureAttrs(x, seen)...)
	}
	if seen.isCut {
		attrs = append(attrs, slog.Bool("cut", true))
	}
	record := slog.NewRecord(x.began.Add(took), level, "request", 0)
	record.AddAttrs(attrs...)
	// A log that can't be written has nobody left to tell.
	_ = s.log.Handle(seen.ctx, record)
}

// bytesOut is what the body takes on the wire: a HEAD request gets none.
func bytesOut(c *fiber.Ctx) int {
	if c.Method() == http.MethodHead {
		return 0
	}
	return len(c.Response().Body())
}

// failureAttrs says what failed; only of what the service itself did wrong does it say why, and where.
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

// isOurFault reports whether the service itself went wrong. A reply that is cut and has a failure had begun as a success.
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

// routeLabel is the pattern that matched, so that log lines of one route can be counted together.
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

// clientIP is the address in the log.
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
