package httpapi

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
)

const (
	// corsMethods are the methods of requests that pages of another origin may send.
	corsMethods = "GET, POST, PUT, PATCH, DELETE, OPTIONS"
	// corsMaxAge is how long a browser may keep a preflight's answer, in seconds.
	corsMaxAge = "600"
)

// corsHeaders are the request headers that pages may send: our own, and those that libraries of pages add by
// themselves: supabase-js (apikey, x-client-info), and tracing (W3C's, and Sentry's sentry-trace and baggage). In the
// Fetch standard * does not cover Authorization, so they are listed.
var corsHeaders = []string{
	"Authorization", "Content-Type", "X-Correlation-ID", "Idempotency-Key", "If-None-Match", "Prefer",
	"apikey", "x-client-info", headerTraceParent, headerTraceState, "baggage", "sentry-trace",
}

// corsExposed are the reply headers that pages may read, beside those that the Fetch standard lets through.
var corsExposed = []string{
	"X-Correlation-ID", "Retry-After", "WWW-Authenticate", "Location", headerRateLimit, headerRateLimitPolicy, "Content-Disposition",
}

// corsPolicy is which pages may call (the Fetch standard's CORS protocol).
type corsPolicy struct {
	// any origin may call.
	any      bool
	listed   []string
	patterns []originPattern
	// headers are corsHeaders, those of the settings and those of the routes; allowed is the same list as a header has
	// it.
	headers []string
	allowed string
	// exposed are corsExposed and those of the routes, as a header has them.
	exposed string
}

// originPattern is an origin whose first label may be any: scheme://*.host[:port], split at the *.
type originPattern struct{ before, after string }

func newCORSPolicy(config Config) corsPolicy {
	policy := corsPolicy{headers: slices.Concat(corsHeaders, config.CORSHeaders)}
	for _, origin := range config.CORSOrigins {
		before, after, isPattern := strings.Cut(origin, "*")
		switch {
		case origin == "*":
			policy.any = true
		case isPattern:
			policy.patterns = append(policy.patterns, originPattern{before, after})
		default:
			policy.listed = append(policy.listed, origin)
		}
	}
	return policy
}

// admit lets pages send the headers that routes take, and read those that they set.
func (p *corsPolicy) admit(routes []*Route) {
	exposed := slices.Clone(corsExposed)
	for _, route := range routes {
		for _, header := range route.headers {
			p.headers = withHeader(p.headers, header.name)
		}
		for _, name := range slices.Sorted(maps.Keys(route.Headers)) {
			exposed = withHeader(exposed, name)
		}
	}
	p.allowed, p.exposed = strings.Join(p.headers, ", "), strings.Join(exposed, ", ")
}

// withHeader returns names with name, which is added unless it is there.
func withHeader(names []string, name string) []string {
	if hasHeader(names, name) {
		return names
	}
	return append(names, name)
}

// hasHeader reports whether a header is among names, in any case.
func hasHeader(names []string, name string) bool {
	return slices.ContainsFunc(names, func(known string) bool { return strings.EqualFold(known, name) })
}

// allows reports whether pages of origin may call. Hosts are compared in lower case.
func (p *corsPolicy) allows(origin string) bool {
	origin = strings.ToLower(origin)
	return p.any || slices.Contains(p.listed, origin) ||
		slices.ContainsFunc(p.patterns, func(pattern originPattern) bool { return pattern.matches(origin) })
}

// matches reports whether origin has exactly one label in place of the pattern's *.
func (p originPattern) matches(origin string) bool {
	rest, hasBefore := strings.CutPrefix(origin, p.before)
	label, hasAfter := strings.CutSuffix(rest, p.after)
	return hasBefore && hasAfter && label != "" && !strings.ContainsFunc(label, isOutsideLabel)
}

func isOutsideLabel(r rune) bool {
	return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z')
}

// crossOrigin answers preflights, on every path and before routing, and lets pages of the listed origins read the
// replies. It runs before authentication, since a preflight carries no token.
func (s *Server) crossOrigin(c *fiber.Ctx) error {
	allowed := s.allowOrigin(c)
	if !isPreflight(c) {
		return c.Next()
	}
	exchangeOf(c).preflight = true
	if allowed {
		s.hintAtHeaders(c)
		c.Set(fiber.HeaderAccessControlAllowMethods, corsMethods)
		c.Set(fiber.HeaderAccessControlAllowHeaders, s.cors.allowed)
		c.Set(fiber.HeaderAccessControlMaxAge, corsMaxAge)
	}
	c.Status(http.StatusNoContent)
	return nil
}

// allowOrigin gives the reply its CORS headers, and reports whether the request comes from a page that may call.
func (s *Server) allowOrigin(c *fiber.Ctx) bool {
	s.varyByOrigin(c)
	origin := c.Get(fiber.HeaderOrigin)
	switch {
	case origin == "":
		return false
	case !s.cors.allows(origin):
		s.hintAtOrigin(c, origin)
		return false
	case s.cors.any:
		origin = "*"
	}
	c.Set(fiber.HeaderAccessControlAllowOrigin, origin)
	c.Set(fiber.HeaderAccessControlExposeHeaders, s.cors.exposed)
	return true
}

// varyByOrigin keeps caches from serving one origin's reply to another, unless every origin gets the same.
func (s *Server) varyByOrigin(c *fiber.Ctx) {
	if !s.cors.any {
		c.Set(fiber.HeaderVary, fiber.HeaderOrigin)
	}
}

func isPreflight(c *fiber.Ctx) bool {
	return c.Method() == fiber.MethodOptions &&
		c.Get(fiber.HeaderOrigin) != "" && c.Get(fiber.HeaderAccessControlRequestMethod) != ""
}
