package core_test

import (
	"strings"
	"testing"

	"github.com/journey-os/journey-api/core"
)

func TestWhatIsAnIDOfThePlatform(t *testing.T) {
	tests := map[string]struct {
		text string
		want bool
	}{
		"a UUID":                     {"0198c5a4-6f2e-7c3b-9d1a-000000000001", true},
		"each kind of character":     {"aZ09._:~-", true},
		"128 bytes":                  {strings.Repeat("a", 128), true},
		"129 bytes":                  {strings.Repeat("a", 129), false},
		"nothing":                    {"", false},
		"a space":                    {"a b", false},
		"a slash":                    {"a/b", false},
		"a letter beyond ASCII":      {"é", false},
		"a zero byte":                {"a\x00", false},
		"a character that SQL likes": {"a'", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := core.IsID(test.text); got != test.want {
				t.Errorf("IsID(%q) = %t", test.text, got)
			}
		})
	}
}
