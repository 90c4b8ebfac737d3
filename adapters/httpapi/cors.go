package httpapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// What a page of another origin may send and read.
const (
	corsMethods = "GET, POST, PUT, PATCH, DELETE, OPTIONS"
	corsHeaders = "Authorization, Content-Type, X-Correlation-ID, traceparent, tracestate"
	corsExposed = "X-Correlation-ID, Retry-After, WWW-Authenticate, " + headerRateLimit + ", " + headerRateLimitPolicy
	// corsMaxAge is how long a browser may keep a preflight's answer, in seconds.
	corsMaxAge = "600"
)

// crossOrigin answers preflights, on every path and before any route is looked at, and lets pages of the listed origins
// read the replies (the Fetch standard's CORS protocol). It stands outside authentication: a preflight carries no token.
func (s *Server) crossOrigin(c *fiber.Ctx) error {
	allowed := s.allowOrigin(c)
	if !isPreflight(c) {
		return c.Next()
	}
	if allowed {
		c.Set(fiber.HeaderAccessControlAllowMethods, corsMethods)
		c.Set(fiber.HeaderAccessControlAllowHeaders, corsHeaders)
		c.Set(fiber.HeaderAccessControlMaxAge, corsMaxAge)
	}
	c.Status(http.StatusNoContent)
	return nil
}

// allowOrigin gives the reply its CORS headers and says whether the origin is a listed one.
func (s *Server) allowOrigin(c *fiber.Ctx) bool {
	anyOrigin := s.varyByOrigin(c)
	origin := c.Get(fiber.HeaderOrigin)
	switch {
	case origin == "":
		return false
	case anyOrigin:
		c.Set(fiber.HeaderAccessControlAllowOrigin, "*")
	case slices.Contains(s.config.CORSOrigins, strings.ToLower(origin)):
		c.Set(fiber.HeaderAccessControlAllowOrigin, origin)
	default:
		return false
	}
	c.Set(fiber.HeaderAccessControlExposeHeaders, corsExposed)
	return true
}

// varyByOrigin keeps caches from handing one origin's reply to another, and says whether every origin gets the same.
func (s *Server) varyByOrigin(c *fiber.Ctx) (anyOrigin bool) {
	anyOrigin = slices.Contains(s.config.CORSOrigins, "*")
	if !anyOrigin {
		c.Set(fiber.HeaderVary, fiber.HeaderOrigin)
	}
	return anyOrigin
}

func isPreflight(c *fiber.Ctx) bool {
	return c.Method() == fiber.MethodOptions &&
		c.Get(fiber.HeaderOrigin) != "" && c.Get(fiber.HeaderAccessControlRequestMethod) != ""
}
