// Package loopback knows the names of this machine that nobody else can take.
package loopback

import (
	"net"
	"net/netip"
	"strings"
)

// IsHost reports whether host, as in a Host header or a URL, with or without a port, is this machine whoever asks: a
// loopback address or localhost (RFC 6761, section 6.3). Any other name may lead anywhere tomorrow, which is how DNS
// rebinding works.
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
