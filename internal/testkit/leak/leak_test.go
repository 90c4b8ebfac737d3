package leak

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// planted has letters that every encoding must escape.
const planted = `Gx7/rT"2<mQ9>&k+W%4=vLp8\ZsB~n3'Yc|dH6jF`

func TestASecretIsFoundInEveryForm(t *testing.T) {
	inJSON, err := json.Marshal("before " + planted)
	if err != nil {
		t.Fatal(err)
	}
	inLines := strings.Join(strings.Split(planted, ""), "\n")
	for name, text := range map[string]string{
		"as it is":             planted,
		"in the midst of text": "a" + planted + "b",
		"in JSON":              string(inJSON),
		"in JSON, all escaped": escaped(planted, `\u00%02x`),
		"percent-encoded":      escaped(planted, "%%%02X"),
		"in a query":           "?password=" + url.QueryEscape(planted) + "&x=1",
		"in a path":            "/x/" + url.PathEscape(planted),
		"quoted":               fmt.Sprintf("%q", planted),
		"in hex":               hex.EncodeToString([]byte("x" + planted)),
		"in hex, capitals":     fmt.Sprintf("%X", planted),
		"as bytes":             fmt.Sprintf("%v", []byte(planted)),
		"as a Go value":        fmt.Sprintf("%#v", planted),
		"in capitals":          strings.ToUpper(planted),
		"its first letters":    planted[:part],
		"its last letters":     planted[len(planted)-part:],
		"some of its letters":  "…" + planted[9:9+part] + "…",
		"base64 in JSON":       `{"a":"` + base64.StdEncoding.EncodeToString([]byte(planted)) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			if found := search(t).In(text); len(found) == 0 {
				t.Errorf("not found in %s", text)
			}
		})
	}
	for shift := range 6 {
		for name, encoding := range map[string]*base64.Encoding{"std": base64.StdEncoding, "url": base64.RawURLEncoding} {
			text := encoding.EncodeToString([]byte(strings.Repeat("x", shift) + planted + "neighbour"))
			if found := search(t).In(text); len(found) == 0 {
				t.Errorf("not found in base64 (%s) behind %d letters: %s", name, shift, text)
			}
		}
	}
	// What nobody does by accident is not looked for.
	for name, text := range map[string]string{
		"base64 in base64": base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(planted)))),
		"letter by letter": inLines, "in base32": base32.StdEncoding.EncodeToString([]byte(planted)),
	} {
		if found := search(t).In(text); len(found) > 0 {
			t.Errorf("%s is found after all: %v", name, found)
		}
	}
}

func TestNothingIsFoundWhereNothingIs(t *testing.T) {
	for _, text := range []string{"", planted[:part-1], "a text that holds no secret, only words that are much longer than a part", strings.Repeat("A", 100)} {
		if found := search(t).In(text); len(found) > 0 {
			t.Errorf("%q: %v", text, found)
		}
	}
}

func TestWhatIsFoundIsNamed(t *testing.T) {
	found := search(t).In(`{"error":"` + planted + `"}`)
	if len(found) == 0 || !strings.HasPrefix(found[0], "the secret, ") {
		t.Errorf("found %v", found)
	}
}

func TestASecretTooShortToBeFoundIsRefused(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("it was taken")
		}
	}()
	New().Plant("the secret", planted[:part-1])
}

func search(t *testing.T) *Search {
	t.Helper()
	s := New()
	if got := s.Plant("the secret", planted); got != planted {
		t.Errorf("planted %q", got)
	}
	return s
}

func escaped(text, form string) string {
	var all strings.Builder
	for _, b := range []byte(text) {
		fmt.Fprintf(&all, form, b)
	}
	return all.String()
}
