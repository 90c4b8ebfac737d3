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

// shortest is the least that "positive" means for a duration: less is a slip.
const shortest = time.Millisecond

// into joins a field and the parser of its value. A parser's error is the sentence of the fault; that of a secret or a
// URL quotes nothing.
func into[T any](field func(*Settings) *T, parse func(string) (T, error)) func(*Settings, string) error {
	return func(settings *Settings, value string) error {
		parsed, err := parse(value)
		if err != nil {
			return err
		}
		*field(settings) = parsed
		return nil
	}
}

// quote shows a value that is no secret: shortened, and nothing that a terminal would act on.
func quote(value string) string {
	const longest = 40
	if runes := []rune(value); len(runes) > longest {
		value = string(runes[:longest]) + "..."
	}
	return strconv.QuoteToASCII(value)
}

func wholeNumber(least, most int) func(string) (int, error) {
	return func(value string) (int, error) {
		number, err := strconv.Atoi(value)
		if err != nil || number < least || number > most {
			return 0, fmt.Errorf("%s is not a whole number from %d to %d", quote(value), least, most)
		}
		return number, nil
	}
}

func duration(least, most time.Duration) func(string) (time.Duration, error) {
	return func(value string) (time.Duration, error) {
		if _, err := strconv.ParseFloat(value, 64); err == nil {
			return 0, fmt.Errorf("%s has no unit (ms, s, m or h)", quote(value))
		}
		length, err := time.ParseDuration(value)
		if err != nil {
			return 0, fmt.Errorf("%s is not a duration", quote(value))
		}
		if length < least || length > most {
			return 0, fmt.Errorf("%s is not from %s to %s", quote(value), least, most)
		}
		return length, nil
	}
}

func boolean(value string) (bool, error) {
	truth, err := strconv.ParseBool(strings.ToLower(value))
	if err != nil {
		return false, fmt.Errorf("%s is neither true nor false", quote(value))
	}
	return truth, nil
}

func oneOf[T ~string](values ...T) func(string) (T, error) {
	return func(value string) (T, error) {
		if !slices.Contains(values, T(value)) {
			return "", fmt.Errorf("%s is not %s", quote(value), either(values))
		}
		return T(value), nil
	}
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

func logLevel(value string) (slog.Level, error) {
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

// list cuts at commas; empty items (a comma at the end, say) are no items.
func list(value string) []string {
	var items []string
	for item := range strings.SplitSeq(value, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

func subset(known ...string) func(string) ([]string, error) {
	return func(value string) ([]string, error) {
		var chosen []string
		for _, item := range list(strings.ToLower(value)) {
			if !slices.Contains(known, item) {
				return nil, fmt.Errorf("%s is not %s", quote(item), either(known))
			}
			chosen = append(chosen, item)
		}
		slices.Sort(chosen)
		return slices.Compact(chosen), nil
	}
}

// algorithms keeps the names as RFC 7518 and RFC 8037 spell them, each once.
func algorithms(value string) ([]string, error) {
	known := []string{"ES256", "RS256", "EdDSA", sharedSecretAlgorithm}
	var chosen []string
	for _, name := range list(value) {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("%s is not %s", quote(name), either(known))
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

func prefixes(value string) ([]netip.Prefix, error) {
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

func text(value string) (string, error) {
	if !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl) {
		return "", errors.New("has a control character or is not UTF-8")
	}
	return value, nil
}

func anySecret(value string) (Secret, error) { return NewSecret(value), nil }

// apiKey takes what can stand in an HTTP header.
func apiKey(value string) (Secret, error) {
	if strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return Secret{}, errors.New("has a space, a line break or a character outside ASCII")
	}
	return NewSecret(value), nil
}

// signingSecret wants the 256 bits that RFC 7518, section 3.2, asks of an HS256 key.
func signingSecret(value string) (Secret, error) {
	if len(value) < 32 {
		return Secret{}, errors.New("is too short: it takes at least 32 bytes")
	}
	return NewSecret(value), nil
}
