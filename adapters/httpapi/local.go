package httpapi

import (
	"net/url"

	"github.com/gofiber/fiber/v2"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports/loopback"
)

// errNotLocal is for a request that did not come from this machine.
var errNotLocal = core.NewForbiddenError(core.ReasonNotThisMachine,
	"Only programs and pages on the machine that runs the service may ask for this, without a proxy: open it as localhost")

// forwardingHeaders are the headers by which a proxy on this machine shows that it forwards a request (RFC 7239, RFC
// 9110, section 7.6.3).
var forwardingHeaders = []string{
	"Forwarded", fiber.HeaderXForwardedFor, fiber.HeaderXForwardedHost, fiber.HeaderXForwardedProto, "X-Real-IP", fiber.HeaderVia,
}

// isFromThisMachine reports whether a request comes from a program on this machine, or from a page that such a program
// serves: its peer, its Host and its Origin, if it has one, are loopback. A page of another site in a browser on this
// machine is recognised by Origin, and after DNS rebinding by Host.
func isFromThisMachine(c *fiber.Ctx) bool {
	header := &c.Request().Header
	for _, name := range forwardingHeaders {
		if len(header.PeekAll(name)) > 0 {
			return false
		}
	}
	for _, origin := range header.PeekAll(fiber.HeaderOrigin) {
		parsed, err := url.Parse(string(origin))
		if err != nil || !loopback.IsHost(parsed.Host) {
			return false
		}
	}
	return peerOf(c).IsLoopback() && loopback.IsHost(string(header.Host()))
}
