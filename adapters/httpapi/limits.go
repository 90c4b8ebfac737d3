package httpapi

import (
	"github.com/gofiber/fiber/v2"
)

// limit bounds how many requests are served at once and how long each may take. Probes are always answered, or a busy
// service would be taken for a dead one.
func (s *Server) limit(c *fiber.Ctx) error {
	if exchangeOf(c).route.probe {
		return c.Next()
	}
	defer s.inFlight.Add(-1)
	if s.inFlight.Add(1) > int64(s.config.MaxInFlight) {
		return errOverloaded
	}
	// A compressed body would be unpacked without a limit.
	if len(c.Request().Header.ContentEncoding()) > 0 {
		return errMediaType
	}
	cancel := withDeadline(c, s.config.RequestTimeout)
	defer cancel()
	return c.Next()
}
