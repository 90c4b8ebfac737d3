package core_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/core"
)

func TestParseCorrelationID(t *testing.T) {
	tests := map[string]struct {
		text string
		want bool
	}{
		"a UUID is taken":                       {"0192f1a4-7b8c-7def-8123-456789abcdef", true},
		"every allowed byte is taken":           {"AZaz09._-", true},
		"one byte is enough":                    {"-", true},
		"128 bytes are taken":                   {strings.Repeat("a", 128), true},
		"129 bytes are refused":                 {strings.Repeat("a", 129), false},
		"nothing is refused":                    {"", false},
		"a space is refused":                    {"a b", false},
		"a newline at the end is refused":       {"abc\n", false},
		"a header break is refused":             {"abc\r\nSet-Cookie: a=b", false},
		"a NUL is refused":                      {"abc\x00", false},
		"a quote is refused":                    {`abc"`, false},
		"a slash is refused":                    {"a/b", false},
		"a letter outside ASCII is refused":     {"idé", false},
		"a full-width digit is refused":         {"\uff11", false},
		"a byte that is no UTF-8 is refused":    {"abc\xff", false},
		"the byte after Z is refused":           {"a[", false},
		"the byte before a is refused":          {"a`", false},
		"the byte after 9 is refused":           {"a:", false},
		"the byte between dot and 0 is refused": {"a/0", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			want := core.CorrelationID("")
			if test.want {
				want = core.CorrelationID(test.text)
			}
			if got, ok := core.ParseCorrelationID(test.text); ok != test.want || got != want {
				t.Errorf("ParseCorrelationID(%q) = %q, %t; want %q, %t", test.text, got, ok, want, test.want)
			}
		})
	}
}

// FuzzParseCorrelationID holds the parser to the contract's regular expression.
func FuzzParseCorrelationID(f *testing.F) {
	contract := regexp.MustCompile(`^[A-Za-z0-9._-]{1,128}$`)
	for _, seed := range []string{"", "a", "AZaz09._-", "a\n", "a\r\nb", "é", "\xff", strings.Repeat("z", 128), strings.Repeat("z", 129)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := core.ParseCorrelationID(text)
		if want := contract.MatchString(text); ok != want {
			t.Fatalf("ParseCorrelationID(%q) says %t, the contract %t", text, ok, want)
		}
		if ok && string(got) != text || !ok && got != "" {
			t.Fatalf("ParseCorrelationID(%q) = %q, %t", text, got, ok)
		}
	})
}

func TestContextCarriesTheCorrelationID(t *testing.T) {
	if got := core.CorrelationIDFrom(t.Context()); got != "" {
		t.Errorf("a bare context has the id %q", got)
	}
	ctx := core.WithCorrelationID(t.Context(), "first")
	inner := core.WithCorrelationID(ctx, "second")
	if got := core.CorrelationIDFrom(ctx); got != "first" {
		t.Errorf("the outer context has the id %q", got)
	}
	if got := core.CorrelationIDFrom(inner); got != "second" {
		t.Errorf("the inner context has the id %q", got)
	}
}
