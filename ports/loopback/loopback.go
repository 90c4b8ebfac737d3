// Package loopback recognises names that always lead to this machine.
package loopback

import (
	"net"
	"net/netip"
	"strings"
)

// IsHost reports whether host, as in a Host header or a URL, with or without a port, is always this machine: a loopback
// address or localhost (RFC 6761, section 6.3). The address of any other name may change, which DNS rebinding exploits.
func IsHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"))
	return err == nil && address.Unmap().IsLoopback()
}
