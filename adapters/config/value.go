package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	// shortest is the least positive duration: less is a mistake.
	shortest = time.Millisecond
	week     = 7 * 24 * time.Hour
)

// quote returns a value that is no secret, shortened, and without control characters for a terminal.
func quote(value string) string {
	const longest = 40
	if runes := []rune(value); len(runes) > longest {
		value = string(runes[:longest]) + "..."
	}
	return strconv.QuoteToASCII(value)
}

func wholeNumber(least, most int) kind[int] {
	takes := fmt.Sprintf("a whole number from %d to %d", least, most)
	return kind[int]{takes, func(value string) (int, error) {
		number, err := strconv.Atoi(value)
		if err != nil || number < least || number > most {
			return 0, fmt.Errorf("%s is not %s", quote(value), takes)
		}
		return number, nil
	}}
}

func duration(least, most time.Duration) kind[time.Duration] {
	takes := short(least) + " to " + short(most)
	return kind[time.Duration]{takes, func(value string) (time.Duration, error) {
		if _, err := strconv.ParseFloat(value, 64); err == nil {
			return 0, fmt.Errorf("%s has no unit (ms, s, m or h)", quote(value))
		}
		length, err := time.ParseDuration(value)
		if err != nil {
			return 0, fmt.Errorf("%s is not a duration", quote(value))
		}
		if length < least || length > most {
			return 0, fmt.Errorf("%s is not from %s", quote(value), takes)
		}
		return length, nil
	}}
}

// short is a length of time without the zeros at its end: 1h, not 1h0m0s.
func short(length time.Duration) string {
	text := length.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

var boolean = kind[bool]{"true or false", func(value string) (bool, error) {
	truth, err := strconv.ParseBool(strings.ToLower(value))
	if err != nil {
		return false, fmt.Errorf("%s is neither true nor false", quote(value))
	}
	return truth, nil
}}

func oneOf[T ~string](values ...T) kind[T] {
	return kind[T]{either(values), func(value string) (T, error) {
		if !slices.Contains(values, T(value)) {
			return "", fmt.Errorf("%s is not %s", quote(value), either(values))
		}
		return T(value), nil
	}}
}

func either[T ~string](values []T) string {
	words := make([]string, len(values))
	for i, value := range values {
		words[i] = string(value)
	}
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

var logLevel = kind[slog.Level]{"DEBUG, INFO, WARN (or WARNING) or ERROR, in any case", parseLogLevel}

func parseLogLevel(value string) (slog.Level, error) {
	switch strings.ToUpper(value) {
	case "DEBUG":
		return slog.LevelDebug, nil
	case "INFO":
		return slog.LevelInfo, nil
	case "WARN", "WARNING":
		return slog.LevelWarn, nil
	case "ERROR":
		return slog.LevelError, nil
	default:
		return 0, fmt.Errorf("%s is not DEBUG, INFO, WARN or ERROR", quote(value))
	}
}

// list splits at commas; empty items are dropped.
func list(value string) []string {
	var items []string
	for item := range strings.SplitSeq(value, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// knownDependencies are the names that /health has.
var knownDependencies = []string{"database", "neo4j", "supabase"}

// noDependency means an empty list, since an empty setting counts as unset.
const noDependency = "none"

// dependencies keeps each name once, sorted.
var dependencies = kind[[]string]{
	anyOf(knownDependencies) + "; " + noDependency + " for none of them",
	func(value string) ([]string, error) {
		chosen := list(strings.ToLower(value))
		if slices.Equal(chosen, []string{noDependency}) {
			return nil, nil
		}
		for _, item := range chosen {
			if item == noDependency {
				return nil, errors.New("has other names beside none")
			}
			if !slices.Contains(knownDependencies, item) {
				return nil, fmt.Errorf("%s is not %s", quote(item), either(knownDependencies))
			}
		}
		slices.Sort(chosen)
		return slices.Compact(chosen), nil
	},
}

func anyOf(known []string) string {
	return "any of " + strings.Join(known, ", ") + ", separated by commas"
}

// knownAlgorithms are spelt as in RFC 7518 and RFC 8037.
var knownAlgorithms = []string{"ES256", "RS256", "EdDSA", sharedSecretAlgorithm}

var algorithms = kind[[]string]{anyOf(knownAlgorithms), parseAlgorithms}

// parseAlgorithms keeps each name once.
func parseAlgorithms(value string) ([]string, error) {
	var chosen []string
	for _, name := range list(value) {
		if !slices.Contains(knownAlgorithms, name) {
			return nil, fmt.Errorf("%s is not %s", quote(name), either(knownAlgorithms))
		}
		if !slices.Contains(chosen, name) {
			chosen = append(chosen, name)
		}
	}
	if len(chosen) == 0 {
		return nil, errors.New("names no algorithm")
	}
	return chosen, nil
}

var headerNames = kind[[]string]{"names of headers, separated by commas", parseHeaderNames}

// parseHeaderNames takes tokens (RFC 9110, section 5.1). * is one, and stands for no header here.
func parseHeaderNames(value string) ([]string, error) {
	names := list(value)
	for _, name := range names {
		if name == "*" || strings.ContainsFunc(name, isNoTokenRune) {
			return nil, fmt.Errorf("%s is not the name of a header", quote(name))
		}
	}
	return names, nil
}

// isNoTokenRune reports whether r may not be in a token (RFC 9110, section 5.6.2).
func isNoTokenRune(r rune) bool {
	return r > '~' || r <= ' ' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
}

var prefixes = kind[[]netip.Prefix]{"addresses or CIDR ranges, separated by commas", parsePrefixes}

func parsePrefixes(value string) ([]netip.Prefix, error) {
	var ranges []netip.Prefix
	for _, item := range list(value) {
		prefix, err := parsePrefix(item)
		if err != nil {
			return nil, fmt.Errorf("%s is neither an address nor a CIDR range", quote(item))
		}
		if prefix.Bits() == 0 {
			return nil, fmt.Errorf("%s would believe every caller", quote(item))
		}
		ranges = append(ranges, prefix.Masked())
	}
	return ranges, nil
}

func parsePrefix(item string) (netip.Prefix, error) {
	if strings.Contains(item, "/") {
		prefix, err := netip.ParsePrefix(item)
		if err == nil && prefix.Addr().Is4In6() {
			err = errors.New("an IPv4 range in IPv6's writing would match no caller")
		}
		return prefix, err
	}
	address, err := netip.ParseAddr(item)
	if err != nil {
		return netip.Prefix{}, err
	}
	if address.Zone() != "" {
		return netip.Prefix{}, errors.New("a zone is this machine's alone")
	}
	address = address.Unmap()
	return netip.PrefixFrom(address, address.BitLen()), nil
}

var text = kind[string]{"", func(value string) (string, error) {
	if !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl) {
		return "", errors.New("has a control character or is not UTF-8")
	}
	return value, nil
}}
