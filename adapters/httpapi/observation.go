package httpapi

import (
	"context"
	"net/http"
	"net/netip"
	"time"

	"github.com/gofiber/fiber/v2"
)

// Observation is what one request came to, in words that a caller can't multiply: whoever counts may use each as a label.
type Observation struct {
	// Method is one that the service knows, or OTHER, or "" if the request could not be read.
	Method string
	// Route is the pattern that matched, or "preflight", or "unmatched".
	Route  string
	Status int
	// Duration is the time from the first byte understood to the reply made; what the socket took is not in it.
	Duration time.Duration
	// Authentication is what came of the token: "ok", the reason of its refusal or, if that has none, its code:
	// RATE_LIMITED if its address had failed too often. "" if none was looked at.
	Authentication string
}

// authenticated is what Observation says of a token that was verified.
const authenticated = "ok"

// Stats is the server at one moment.
type Stats struct {
	// InFlight counts the requests that are being served, beside probes; MaxInFlight bounds it.
	InFlight, MaxInFlight int
	// Connections counts those that are open; MaxConnections bounds it.
	Connections, MaxConnections int
	// BodyBytes is what the bodies take that are on their way or being worked on, those of 4 KiB and less aside; MaxBodyBytes
	// bounds it.
	BodyBytes, MaxBodyBytes int
	// Draining reports whether the service is stopping.
	Draining bool
}

// Stats may be called at any time.
func (s *Server) Stats() Stats {
	return Stats{
		InFlight: int(s.inFlight.Load()), MaxInFlight: s.config.MaxInFlight,
		Connections: s.open.Count(), MaxConnections: s.open.Max(),
		BodyBytes: s.bodies.inUse(), MaxBodyBytes: s.bodies.most,
		Draining: s.draining.Load(),
	}
}

// outcome is what became of a request, apart from its exchange.
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

// finish tells whoever counts, and the log, what became of the request. It comes after the reply was made; if its body is
// a stream, it comes after that.
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

// outcomeOf names why a token was not taken.
func outcomeOf(err error) string {
	known := errorOf(err)
	if known.Reason != "" {
		return string(known.Reason)
	}
	return string(known.Code)
}
