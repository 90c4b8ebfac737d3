package masking_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/ports/masking"
)

func TestWhatAnErrorSaysOfASecretIsMasked(t *testing.T) {
	const key, password = "eyJhbGciOiJIUzI1NiJ9.service.signature", "hunter2"
	tests := []struct{ name, says, want string }{
		{"a text without secrets stays", "dial tcp 127.0.0.1:1: connection refused", "dial tcp 127.0.0.1:1: connection refused"},
		{"a whole secret", "no such key: " + key + "!", "no such key: ***!"},
		{"twice", key + " " + key, "*** ***"},
		{"its first letters", "no such key: " + key[:8] + "…", "no such key: ***…"},
		{"its last letters", "…" + key[len(key)-9:], "…***"},
		{"fewer letters than count", "no such key: " + key[:7] + "…", "no such key: " + key[:7] + "…"},
		{"a short secret", "the password hunter2 is wrong", "the password *** is wrong"},
		{"a part of a short secret", "hunter", "hunter"},
		{"quoted", fmt.Sprintf("malformed HTTP response %q", key), `malformed HTTP response "***"`},
		{"nothing", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := errors.New(tt.says)
			got := masking.Error(fmt.Errorf("%w%w", err, nothing{io.EOF}), key, password, "")
			if got.Error() != tt.want || !errors.Is(got, err) || !errors.Is(got, io.EOF) {
				t.Errorf("says %q, want %q", got, tt.want)
			}
		})
	}
	if got := masking.Error(nil, key); got != nil {
		t.Errorf("nil became %v", got)
	}
	if same := errors.New("no secret"); !errors.Is(masking.Error(same, key), same) || masking.Error(same, key).Error() != "no secret" {
		t.Error("an error without secrets was changed")
	}
}

// nothing is an error without words.
type nothing struct{ error }

func (nothing) Error() string   { return "" }
func (n nothing) Unwrap() error { return n.error }

// FuzzMasked: no run of a secret's bytes that is long enough to count is left, and nothing else is lost.
func FuzzMasked(f *testing.F) {
	f.Add("before ", " after", "s3cr3t-of-the-fuzzer")
	f.Add("s3cr3t-o", "f-the-fuzzer", "s3cr3t-of-the-fuzzer")
	f.Add("", "", "short")
	f.Add("aaaaaaaaaaaaaaaa", "aaaa", "aaaaaaaaaaaaaaa")
	f.Fuzz(func(t *testing.T, before, after, secret string) {
		if len(before)+len(secret)+len(after) > 1<<10 || strings.Contains(secret, "*") {
			t.Skip("the check below takes the square of it, and knows a mask by its asterisks")
		}
		shown := masking.Text(before+secret+after, secret)
		for i := 0; len(secret) > 0 && i+8 <= len(secret); i++ {
			if part := secret[i : i+8]; strings.Contains(strings.ReplaceAll(shown, "***", "\x00"), part) && !strings.Contains(part, "\x00") {
				t.Fatalf("%q still says %q of %q", shown, part, secret)
			}
		}
		if secret == "" && shown != before+after {
			t.Fatalf("without a secret %q became %q", before+after, shown)
		}
	})
}
