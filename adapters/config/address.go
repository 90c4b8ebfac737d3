package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Faults of a URL never quote it: it may contain a password.

var supabaseURL = kind[string]{
	"http:// or https://, without user, query and fragment",
	func(value string) (string, error) {
		project, err := serviceURL(value, "http", "https")
		if err != nil {
			return "", err
		}
		_, rest, _ := strings.Cut(project, "://")
		if path := servicePath.FindString(rest); path != "" {
			return "", fmt.Errorf("is the address of one of the project's services: end it before %s", path)
		}
		return project, nil
	},
}

// servicePath matches the paths of a project's services, whose addresses stand beside the project's in its dashboard.
var servicePath = regexp.MustCompile(`/(rest|auth|storage|functions|realtime|graphql)/v1(/|$)`)

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

// tokenIssuer takes any text, but no URL of a host that can't exist.
var tokenIssuer = kind[string]{"", func(value string) (string, error) {
	address, err := url.Parse(value)
	switch {
	case err == nil && address.Host != "" && !isHost(address.Hostname()):
		return "", errNoHost
	case err != nil && slices.Contains([]string{"http", "https"}, schemeOf(value)):
		return "", errNoURL
	}
	return text.parse(value)
}}

var errNoURL = errors.New("is not a URL")

func serviceURL(value string, schemes ...string) (string, error) {
	address, err := url.Parse(value)
	switch {
	case err != nil:
		return "", errNoURL
	case !slices.Contains(schemes, address.Scheme):
		return "", fmt.Errorf("does not begin with %s://", strings.Join(schemes, "://, "))
	case address.Hostname() == "":
		return "", errors.New("has no host")
	case !isHost(address.Hostname()):
		return "", errNoHost
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

// isPort accepts "" too: the scheme's default port.
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
	if !isHost(value) {
		return "", fmt.Errorf("%s is neither an address nor a host name", quote(value))
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
