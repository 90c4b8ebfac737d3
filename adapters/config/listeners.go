package config

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// listener is an address that the service listens on, with the setting of its port.
type listener struct{ setting, host, port string }

// checkListeners refuses two listeners on one port: the second could not be opened.
func (l *loader) checkListeners() {
	var known []listener
	for _, next := range l.listeners() {
		for _, before := range known {
			if next.port == before.port && overlap(next.host, before.host) {
				l.fault(l.setting(next.setting), "has the port of "+before.setting+" ("+next.port+")")
				break
			}
		}
		known = append(known, next)
	}
}

// listeners are those whose port is known beforehand.
func (l *loader) listeners() []listener {
	var known []listener
	if api := l.loaded.Settings.HTTP; api.Port != 0 && l.areValid("API_PORT", "API_HOST") {
		known = append(known, listener{"API_PORT", api.Host, strconv.Itoa(api.Port)})
	}
	pages := l.loaded.Settings.Observability
	for _, page := range []struct{ setting, address string }{
		{"METRICS_ADDR", pages.MetricsAddress}, {"DEBUG_ADDR", pages.DebugAddress},
	} {
		host, port, err := net.SplitHostPort(page.address)
		if number, _ := strconv.Atoi(port); err == nil && number != 0 {
			known = append(known, listener{page.setting, host, strconv.Itoa(number)})
		}
	}
	return known
}

// overlap reports whether both hosts can't listen on one port. It resolves no name but localhost.
func overlap(a, b string) bool {
	if strings.EqualFold(a, b) {
		return true
	}
	first, firstKnown := listenedOn(a)
	second, secondKnown := listenedOn(b)
	switch {
	case firstKnown && secondKnown && first == second:
		return true
	case firstKnown && first.IsUnspecified():
		return first.Is6() || !secondKnown || second.Is4()
	case secondKnown && second.IsUnspecified():
		return second.Is6() || !firstKnown || first.Is4()
	default:
		return false
	}
}

// listenedOn returns the address of a host. The unspecified address of IPv6, which an empty host means too, includes
// IPv4.
func listenedOn(host string) (netip.Addr, bool) {
	switch {
	case host == "":
		return netip.IPv6Unspecified(), true
	case strings.EqualFold(host, "localhost"):
		return netip.AddrFrom4([4]byte{127, 0, 0, 1}), true
	}
	address, err := netip.ParseAddr(host)
	return address.Unmap(), err == nil
}
