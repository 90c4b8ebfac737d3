package httpapi

import (
	"bytes"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/journey-os/journey-api/adapters/httpapi/sockets"
)

// limit bounds how many requests are served at once and how long each may take. Probes are always answered, so that a
// busy service does not look dead.
func (s *Server) limit(c *fiber.Ctx) error {
	x := exchangeOf(c)
	if x.route.probe {
		return c.Next()
	}
	x.inFlight = &s.inFlight
	if s.inFlight.Add(1) > int64(s.config.MaxInFlight) || sockets.Of(c.Context().Conn()).IsOverLimit() {
		return errOverloaded
	}
	header := &c.Request().Header
	// A compressed body would be unpacked without a limit.
	if encoding := header.ContentEncoding(); len(encoding) > 0 && !bytes.EqualFold(encoding, []byte("identity")) {
		return errMediaType
	}
	// Media types are compared without case (RFC 9110, section 8.3.1).
	if kind := header.ContentType(); len(kind) > 0 {
		header.SetContentTypeBytes(bytes.ToLower(kind))
	}
	x.deadline = x.began.Add(s.timeoutOf(x.route))
	return c.Next()
}

// timeoutOf returns how long a route's handler may take.
func (s *Server) timeoutOf(route *Route) time.Duration {
	if route.Timeout > 0 {
		return route.Timeout
	}
	return s.config.RequestTimeout
}
