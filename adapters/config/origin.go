package config

import (
	"errors"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// anyLabel at the beginning of an origin's host stands for exactly one label.
const anyLabel = "*."

var origins = kind[[]string]{
	"origins (scheme://host[:port]), separated by commas; the first label of a host may be *, as in https://*.preview.example.org; or * alone for all",
	parseOrigins,
}

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
	case !isPort(origin.Port()) || strings.HasSuffix(origin.Host, ":"):
		return "", errors.New("holds an origin with a port that is not from 1 to 65535")
	}
	host, err := originHost(origin.Hostname())
	if err != nil {
		return "", err
	}
	if defaultPort := map[string]string{"http": "80", "https": "443"}[origin.Scheme]; origin.Port() != "" && origin.Port() != defaultPort {
		host += ":" + origin.Port()
	}
	return origin.Scheme + "://" + host, nil
}

// originHost returns a host as a browser writes it.
func originHost(host string) (string, error) {
	name, isPattern := strings.CutPrefix(host, anyLabel)
	address, err := netip.ParseAddr(name)
	switch {
	case strings.Contains(name, "*"):
		return "", errors.New("holds an origin with a * that is not the whole first label of its host")
	case !isHost(name) || err == nil && (isPattern || address.Zone() != "" || address.Is4In6()):
		return "", errors.New("holds an origin whose host is neither a DNS name in ASCII nor an address; nothing in it is expanded")
	case isPattern && !isOwned(name):
		return "", errors.New("holds an origin whose * covers names that anyone may have: list at least one more label, of your own")
	case err == nil && address.Is6():
		return "[" + address.String() + "]", nil
	}
	return host, nil
}

// isOwned reports whether all names below domain belong to the owner of the domain: it is no public suffix.
func isOwned(domain string) bool {
	_, err := publicsuffix.EffectiveTLDPlusOne(domain)
	return err == nil || isLoopback(domain)
}
