package httpapi

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// clientAddress is the address that the request came from, looked up once.
func (s *Server) clientAddress(c *fiber.Ctx, x *exchange) netip.Addr {
	if !x.client.IsValid() {
		x.client = s.originOf(c, x)
	}
	return x.client
}

// originOf is the peer's address, or, behind trusted proxies, the rightmost one of X-Forwarded-For that is no trusted
// proxy. Entries further left were written by the client itself, as is every other header that names a client. It is
// not valid if the connection has none.
func (s *Server) originOf(c *fiber.Ctx, x *exchange) netip.Addr {
	address := peerOf(c)
	if x.unreadable || !s.isTrustedProxy(address) {
		return address
	}
	hops := forwardedFor(c)
	for _, hop := range slices.Backward(hops) {
		next, ok := parseHop(strings.TrimSpace(hop))
		if !ok {
			break
		}
		address = next
		if !s.isTrustedProxy(address) {
			break
		}
	}
	return address
}

// peerOf is who the connection is with; not valid if it has no address.
func peerOf(c *fiber.Ctx) netip.Addr {
	peer, _ := netip.AddrFromSlice(c.Context().RemoteIP())
	return peer.Unmap()
}

// parseHop reads an address, or one with a port, as some proxies write it. It refuses a zone, which is arbitrary text
// and meaningful only on one machine.
func parseHop(hop string) (netip.Addr, bool) {
	address, err := netip.ParseAddr(hop)
	if err != nil {
		withPort, fault := netip.ParseAddrPort(hop)
		if fault != nil {
			return netip.Addr{}, false
		}
		address = withPort.Addr()
	}
	return address.Unmap(), address.Zone() == ""
}

func forwardedFor(c *fiber.Ctx) []string {
	var hops []string
	for _, value := range c.Request().Header.PeekAll(fiber.HeaderXForwardedFor) {
		hops = append(hops, strings.Split(string(value), ",")...)
	}
	return hops
}

func (s *Server) isTrustedProxy(address netip.Addr) bool {
	return slices.ContainsFunc(s.config.TrustedProxies, func(proxies netip.Prefix) bool {
		return proxies.Contains(address)
	})
}
