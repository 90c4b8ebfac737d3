package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Faults of a URL never quote it: a password may stand in it.

var supabaseURL = kind[string]{
	"http:// or https://, without user, query and fragment",
	func(value string) (string, error) { return serviceURL(value, "http", "https") },
}

var neo4jURI = kind[string]{
	"bolt:// or neo4j://, each also with +s or +ssc, without user, path, query and fragment",
	func(value string) (string, error) {
		uri, err := serviceURL(value, "bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")
		if err != nil {
			return "", err
		}
		if _, rest, _ := strings.Cut(uri, "://"); strings.Contains(rest, "/") {
			return "", errors.New("has a path: the database is chosen by NEO4J_DATABASE")
		}
		return uri, nil
	},
}

func serviceURL(value string, schemes ...string) (string, error) {
	address, err := url.Parse(value)
	switch {
	case err != nil:
		return "", errors.New("is not a URL")
	case !slices.Contains(schemes, address.Scheme):
		return "", fmt.Errorf("does not begin with %s://", strings.Join(schemes, "://, "))
	case address.Hostname() == "":
		return "", errors.New("has no host")
	case address.User != nil:
		return "", errors.New("has a user or password in it")
	case strings.ContainsAny(value, "?#"):
		return "", errors.New("has a query or fragment")
	case !isPort(address.Port()) || strings.HasSuffix(address.Host, ":"):
		return "", errors.New("has a port that is not from 1 to 65535")
	}
	address.Host = strings.ToLower(address.Host)
	return strings.TrimRight(address.String(), "/"), nil
}

// isPort takes "" too: the scheme's own port.
func isPort(digits string) bool {
	if digits == "" {
		return true
	}
	port, err := strconv.Atoi(digits)
	return err == nil && port >= 1 && port <= 65535
}

var urlPath = kind[string]{"a path, with a query if need be", parsePath}

func parsePath(value string) (string, error) {
	path, err := url.Parse(value)
	switch {
	case err != nil || strings.Contains(value, " "):
		return "", fmt.Errorf("%s is not a path", quote(value))
	case !strings.HasPrefix(value, "/") || path.Host != "":
		return "", fmt.Errorf("%s does not begin with a single /", quote(value))
	case strings.Contains(value, "#"):
		return "", fmt.Errorf("%s has a fragment", quote(value))
	}
	return value, nil
}

var listenHost = kind[string]{"an address or a host name", parseListenHost}

func parseListenHost(value string) (string, error) {
	if _, err := netip.ParseAddr(value); err == nil {
		return value, nil
	}
	for i := range len(value) {
		if b := value[i]; b != '-' && b != '.' && (b < '0' || b > '9') && (b < 'a' || b > 'z') && (b < 'A' || b > 'Z') {
			return "", fmt.Errorf("%s is neither an address nor a host name", quote(value))
		}
	}
	return value, nil
}

var listenAddress = kind[string]{"host:port", parseListenAddress}

// parseListenAddress takes host:port, and :port for every interface.
func parseListenAddress(value string) (string, error) {
	host, port, err := net.SplitHostPort(value)
	if err != nil {
		return "", fmt.Errorf("%s is not host:port", quote(value))
	}
	if number, err := strconv.Atoi(port); err != nil || number < 0 || number > 65535 {
		return "", errors.New("has a port that is not from 0 to 65535")
	}
	if host != "" {
		if _, err := parseListenHost(host); err != nil {
			return "", err
		}
	}
	return value, nil
}

var loopbackAddress = kind[string]{"host:port", parseLoopbackAddress}

// parseLoopbackAddress takes a listenAddress that other machines can't reach.
func parseLoopbackAddress(value string) (string, error) {
	address, err := parseListenAddress(value)
	if err != nil {
		return "", err
	}
	if host, _, _ := net.SplitHostPort(address); !isLoopback(host) {
		return "", errors.New("is reachable from other machines: name 127.0.0.1, [::1] or localhost")
	}
	return address, nil
}

var origins = kind[[]string]{"origins without a path, separated by commas, or * alone for all", parseOrigins}

func parseOrigins(value string) ([]string, error) {
	var known []string
	for _, item := range list(strings.ToLower(value)) {
		origin, err := parseOrigin(item)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(known, origin) {
			known = append(known, origin)
		}
	}
	switch {
	case len(known) == 0:
		return nil, errors.New("names no origin")
	case len(known) > 1 && slices.Contains(known, "*"):
		return nil, errors.New("* stands alone or not at all")
	}
	return known, nil
}

// parseOrigin takes scheme://host[:port] and returns it as a browser writes it (RFC 6454, section 6.2): without a
// default port.
func parseOrigin(item string) (string, error) {
	if item == "*" {
		return item, nil
	}
	if item == "null" {
		return "", errors.New("null is what any sandboxed page sends: it can't be listed")
	}
	origin, err := url.Parse(item)
	switch {
	case err != nil || origin.Scheme == "" || origin.Hostname() == "":
		return "", errors.New("holds an item that is not scheme://host[:port]")
	case origin.User != nil:
		return "", errors.New("holds an origin with a user or password in it")
	case origin.Path != "" || strings.ContainsAny(item, "?#"):
		return "", errors.New("holds an origin with a path or a / at its end")
	case strings.ContainsFunc(origin.Host, func(r rune) bool { return r > '~' || r == '*' }):
		return "", errors.New("holds an origin with a * or a character outside ASCII in its host")
	case !isPort(origin.Port()) || strings.HasSuffix(origin.Host, ":"):
		return "", errors.New("holds an origin with a port that is not from 1 to 65535")
	}
	if defaultPort := map[string]string{"http": ":80", "https": ":443"}[origin.Scheme]; defaultPort != "" {
		origin.Host = strings.TrimSuffix(origin.Host, defaultPort)
	}
	return origin.Scheme + "://" + origin.Host, nil
}

// hostOf is the host of a URL that was checked before, without port and brackets, in lower case.
func hostOf(checked string) string {
	address, err := url.Parse(checked)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(strings.ToLower(address.Hostname()), ".")
}

func schemeOf(checked string) string {
	scheme, _, _ := strings.Cut(checked, "://")
	return scheme
}

func isLoopback(host string) bool {
	if address, err := netip.ParseAddr(host); err == nil {
		return address.Unmap().IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// isPublic says that packets to host may cross the internet. Not public are loopback, private and link-local addresses
// (RFC 1918, 4193, 3927, 6598), names of a single label, and the top-level names of private networks (RFC 6762, 8375,
// and those that clouds and clusters use).
func isPublic(host string) bool {
	if address, err := netip.ParseAddr(host); err == nil {
		address = address.Unmap().WithZone("")
		shared := netip.MustParsePrefix("100.64.0.0/10")
		return !address.IsLoopback() && !address.IsPrivate() && !address.IsLinkLocalUnicast() &&
			!address.IsUnspecified() && !shared.Contains(address)
	}
	if !strings.Contains(host, ".") {
		return false
	}
	for _, suffix := range []string{".localhost", ".local", ".internal", ".svc", ".lan", ".home.arpa"} {
		if strings.HasSuffix(host, suffix) {
			return false
		}
	}
	return true
}
