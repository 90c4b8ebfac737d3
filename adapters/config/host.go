package config

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// errNoHost is also for a host with a variable that is not expanded, or a name outside ASCII.
var errNoHost = errors.New("has a host that is neither a DNS name in ASCII nor an address; nothing in it is expanded")

// isHost reports whether host is an IP address, or can be a name of DNS (RFC 1035, section 2.3.4; RFC 1123, section
// 2.1). Underscores pass, since names of containers have them. A name whose last label is a number is refused: every
// client reads it as an IPv4 address.
func isHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	name := strings.TrimSuffix(host, ".")
	labels := strings.Split(name, ".")
	last := labels[len(labels)-1]
	return len(name) <= 253 && !slices.ContainsFunc(labels, isNoLabel) && strings.Trim(last, "0123456789") != ""
}

func isNoLabel(label string) bool {
	return label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
		strings.ContainsFunc(label, func(r rune) bool {
			return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
		})
}

// hostOf is the host of a URL that was checked before, without port and brackets, in lower case.
func hostOf(checked string) string {
	address, err := url.Parse(checked)
	if err != nil {
		return ""
	}
	return normalHost(address.Hostname())
}

// normalHost returns a host as the lists of domains have it: in lower case, without the dot of the root.
func normalHost(host string) string { return strings.TrimSuffix(strings.ToLower(host), ".") }

// NeedsEncryption reports whether credentials for a URL may only be sent over TLS: in production, to a public host.
func (s Settings) NeedsEncryption(address string) bool {
	_, isPlain := encryptedForm[schemeOf(address)]
	return isPlain && s.Environment == Production && isPublic(hostOf(address), s.PrivateDomains)
}

func schemeOf(address string) string {
	scheme, _, _ := strings.Cut(address, "://")
	return scheme
}

func isLoopback(host string) bool {
	if address, err := netip.ParseAddr(host); err == nil {
		return address.Unmap().IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// sharedAddresses are those of carrier-grade NAT and of overlay networks (RFC 6598).
var sharedAddresses = netip.MustParsePrefix("100.64.0.0/10")

// privateNames are domains of private networks that the list of public suffixes has: the home network's (RFC 8375), and
// Tailscale's, whose names lead to shared addresses.
var privateNames = []string{"home.arpa", "ts.net"}

// isPublic reports whether packets to host, a normalHost, may cross the internet. An address is private by its range
// (RFC 1918, 4193, 3927, 6598). A name is private if it has a single label, if its last label is no public suffix, so
// that nobody can register a name below it (kong.supabase, db.consul, cluster.local), or if it is one of private or below
// it.
func isPublic(host string, private []string) bool {
	if address, err := netip.ParseAddr(host); err == nil {
		address = address.Unmap().WithZone("")
		return !address.IsLoopback() && !address.IsPrivate() && !address.IsLinkLocalUnicast() &&
			!address.IsUnspecified() && !sharedAddresses.Contains(address)
	}
	return strings.Contains(host, ".") && isRegistered(host) &&
		!slices.ContainsFunc(slices.Concat(privateNames, private), func(domain string) bool { return isBelow(host, domain) })
}

// isRegistered reports whether the list of public suffixes (https://publicsuffix.org) has a rule for the name: one of
// ICANN's, or one of a company that gives out names below its own domain, which has a dot.
func isRegistered(name string) bool {
	suffix, isICANN := publicsuffix.PublicSuffix(name)
	return isICANN || strings.Contains(suffix, ".")
}

func isBelow(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain)
}

var domains = kind[[]string]{"domains, separated by commas", parseDomains}

func parseDomains(value string) ([]string, error) {
	var chosen []string
	for _, item := range list(strings.ToLower(value)) {
		domain := strings.TrimSuffix(item, ".")
		if _, err := netip.ParseAddr(domain); err == nil || !isHost(domain) {
			return nil, fmt.Errorf("%s is not a domain", quote(item))
		}
		if suffix, _ := publicsuffix.PublicSuffix(domain); suffix == domain && isRegistered(domain) {
			return nil, fmt.Errorf("%s is a public suffix: anyone may have a host below it", quote(item))
		}
		chosen = append(chosen, domain)
	}
	return chosen, nil
}
