package httpapi

import (
	"time"

	"github.com/gofiber/fiber/v2"
)

// Observation is what one request came to, in words that a caller can't multiply: whoever counts may use each as a label.
type Observation struct {
	// Method is one that the service knows, or OTHER, or "" where the request could not be read.
	Method string
	// Route is the pattern that matched, or "preflight", or "unmatched".
	Route  string
	Status int
	// Duration is the time from the first byte understood to the reply made; what the socket took is not in it.
	Duration time.Duration
	// Authentication is what came of the token: "ok", the reason of its refusal or, where that has none, its code:
	// RATE_LIMITED where its address had failed too often. "" is that none was looked at.
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
	// Draining says that the service is stopping.
	Draining bool
}

// Stats may be called at any time.
func (s *Server) Stats() Stats {
	return Stats{
		InFlight: int(s.inFlight.Load()), MaxInFlight: s.config.MaxInFlight,
		Connections: s.open.count(), MaxConnections: s.open.most,
		BodyBytes: s.bodies.inUse(), MaxBodyBytes: s.bodies.most,
		Draining: s.draining.Load(),
	}
}

// finish tells whoever counts, and the log, what became of the request. It comes after the reply was made.
func (s *Server) finish(c *fiber.Ctx, x *exchange) {
	took := time.Since(x.began)
	if x.route == nil && !x.unreadable {
		s.startSpan(c, x) // on a matched route it was there before the handler
	}
	if s.observe != nil {
		seen := Observation{Route: routeLabel(x), Status: c.Response().StatusCode(), Duration: took, Authentication: x.authentication}
		if !x.unreadable {
			seen.Method = knownMethod(c)
		}
		s.observe(seen)
	}
	s.logAccess(c, x, took)
	x.endSpan(c.Response().StatusCode(), took)
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
