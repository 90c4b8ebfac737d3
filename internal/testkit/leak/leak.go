// Package leak looks for planted secrets in a program's output: whole or in part, plain or encoded.
package leak

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// part is the shortest piece of a secret, or of one of its encoded forms, that counts as found, in bytes: shorter ones
// are in many texts by chance.
const part = 12

// Search finds secrets. Plant them all, then search.
type Search struct {
	// parts has every piece of every form of every secret, in lower case, and says whose it is.
	parts map[string]string
}

// New returns a Search without secrets.
func New() *Search { return &Search{parts: map[string]string{}} }

// Plant adds a secret and returns it. It panics for one that is shorter than a part, which would never be found.
func (s *Search) Plant(name, secret string) string {
	if len(secret) < part {
		panic(fmt.Sprintf("leak: %s is shorter than %d bytes", name, part))
	}
	for form, text := range formsOf(secret) {
		text = strings.ToLower(text)
		for i := 0; i+part <= len(text); i++ {
			if _, known := s.parts[text[i:i+part]]; !known {
				s.parts[text[i:i+part]] = name + ", " + form
			}
		}
	}
	return secret
}

// In returns the secrets in text, each with its form and the part that was found first.
func (s *Search) In(text string) []string {
	found := map[string]string{}
	for _, view := range viewsOf(text) {
		view = strings.ToLower(view)
		for i := 0; i+part <= len(view); i++ {
			if whose, ok := s.parts[view[i:i+part]]; ok && found[whose] == "" {
				found[whose] = fmt.Sprintf("%s: %q in %q", whose, view[i:i+part], view[max(0, i-60):min(len(view), i+60)])
			}
		}
	}
	return slices.Sorted(maps.Values(found))
}

// formsOf are a secret and what it looks like encoded. Base64 looks different at each of three places in a longer text;
// its ends depend on the neighbours, and are left out.
func formsOf(secret string) map[string]string {
	quoted := strconv.Quote(secret)
	forms := map[string]string{
		"as it is": secret, "in hex": hex.EncodeToString([]byte(secret)), "in bytes": bytesOf(secret, " "), "in listed bytes": bytesOf(secret, ", "),
		"in a query": url.QueryEscape(secret), "in a path": url.PathEscape(secret), "quoted": quoted[1 : len(quoted)-1], "in HTML": html.EscapeString(secret),
		"backwards": backwards(secret),
	}
	for shift := range 3 {
		padded := strings.Repeat("\x00", shift) + secret
		forms[fmt.Sprintf("in base64, shifted by %d", shift)] = inner(base64.StdEncoding.EncodeToString([]byte(padded)))
		forms[fmt.Sprintf("in base64url, shifted by %d", shift)] = inner(base64.URLEncoding.EncodeToString([]byte(padded)))
	}
	return forms
}

// inner leaves out the letters that hold bits of what stands before and behind.
func inner(encoded string) string {
	return strings.TrimRight(encoded, "=")[2 : len(strings.TrimRight(encoded, "="))-1]
}

// bytesOf is how fmt shows a []byte.
func bytesOf(text, separator string) string {
	numbers := make([]string, 0, len(text))
	for _, b := range []byte(text) {
		numbers = append(numbers, strconv.Itoa(int(b)))
	}
	return strings.Join(numbers, separator)
}

func backwards(text string) string {
	reversed := []byte(text)
	slices.Reverse(reversed)
	return string(reversed)
}

var (
	unicodeEscape = regexp.MustCompile(`\\u00([0-9a-fA-F]{2})`)
	byteEscape    = regexp.MustCompile(`(?:%|\\x)([0-9a-fA-F]{2})`)
)

// viewsOf are text as it is and with its escapes undone, whatever it was that chose what to escape.
func viewsOf(text string) []string {
	undone := byteEscape.ReplaceAllStringFunc(unicodeEscape.ReplaceAllStringFunc(text, byteBehind), byteBehind)
	undone = strings.NewReplacer(`\"`, `"`, `\/`, `/`, `\\`, `\`).Replace(undone)
	return slices.Compact([]string{text, undone, html.UnescapeString(undone)})
}

// byteBehind is the byte that the last two digits of an escape name.
func byteBehind(escape string) string {
	value, err := strconv.ParseUint(escape[len(escape)-2:], 16, 8)
	if err != nil {
		return escape
	}
	return string([]byte{byte(value)})
}
