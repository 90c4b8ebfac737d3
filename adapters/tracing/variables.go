package tracing

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Warning is a fault of a variable with which tracing can go on. It never quotes a value, which may be a secret.
type Warning struct{ Name, Message string }

// variables are the variables with their warnings.
type variables struct {
	values    map[string]string
	isTrusted func(context.Context) bool
	warnings  []Warning
}

func (v *variables) warn(name, message string) {
	v.warnings = append(v.warnings, Warning{Name: name, Message: message})
}

func (v *variables) get(name string) string { return strings.TrimSpace(v.values[name]) }

// otlp returns an exporter's variable, and which of the two it was.
func (v *variables) otlp(name string) (value, from string) {
	if value := v.get(otlpTraces + name); value != "" {
		return value, otlpTraces + name
	}
	return v.get(otlp + name), otlp + name
}

func (v *variables) endpoint() string {
	value, from := v.otlp("ENDPOINT")
	parsed, err := url.Parse(value)
	if err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Hostname() == "" ||
		parsed.User != nil || parsed.RawQuery != "" || parsed.Fragment != "" {
		v.warn(from, "is no http(s)://host:port without user, query and fragment: nothing is traced")
		return ""
	}
	if from == otlp+"ENDPOINT" {
		parsed = parsed.JoinPath(tracesPath)
	}
	return parsed.String()
}

func (v *variables) headers() map[string]string {
	value, from := v.otlp("HEADERS")
	headers := map[string]string{}
	for name, text := range v.pairs(value, from) {
		if !isHeader(name, text) {
			v.warn(from, "has what can be no header, which is left out")
			continue
		}
		headers[name] = text
	}
	return headers
}

// pairs reads name=value,name=value with percent-encoded values, as in W3C Baggage.
func (v *variables) pairs(list, from string) map[string]string {
	pairs := map[string]string{}
	for item := range strings.SplitSeq(list, ",") {
		name, value, ok := strings.Cut(item, "=")
		decoded, err := url.PathUnescape(strings.TrimSpace(value))
		name = strings.TrimSpace(name)
		switch {
		case strings.TrimSpace(item) == "":
		case !ok || name == "" || err != nil:
			v.warn(from, "has an entry that is not name=value, which is left out")
		default:
			pairs[name] = decoded
		}
	}
	return pairs
}

// isHeader reports whether a header can be sent as it is (RFC 9110, sections 5.1 and 5.5).
func isHeader(name, value string) bool {
	const signs = "!#$%&'*+-.^_`|~"
	badName := strings.ContainsFunc(name, func(r rune) bool {
		return ('a' > r || r > 'z') && ('A' > r || r > 'Z') && ('0' > r || r > '9') && !strings.ContainsRune(signs, r)
	})
	badValue := strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
	return !badName && !badValue
}

func (v *variables) timeout() time.Duration {
	value, from := v.otlp("TIMEOUT")
	if value == "" {
		return defaultExportTimeout
	}
	milliseconds, err := strconv.ParseInt(value, 10, 32)
	if err != nil || milliseconds <= 0 {
		v.warn(from, "is no number of milliseconds: 10000 is taken")
		return defaultExportTimeout
	}
	return time.Duration(milliseconds) * time.Millisecond
}

func (v *variables) compress() bool {
	value, from := v.otlp("COMPRESSION")
	if value != "" && value != "gzip" && value != "none" {
		v.warn(from, "is neither gzip nor none: spans are sent as they are")
	}
	return value == "gzip"
}
