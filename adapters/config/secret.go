package config

import (
	"fmt"
	"log/slog"
)

// mask is printed in place of every secret. It is the same for all, so that no length, prefix or hash shows.
const mask = "***"

// Secret is a value that prints as *** through fmt, encoding/json and log/slog. Only Reveal returns it. The zero value
// is a secret that is not set.
type Secret struct {
	// A pointer, because fmt can't call the methods of an unexported field: it prints the address, not the value.
	value *string
}

// NewSecret wraps value; "" gives the zero Secret.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{value: &value}
}

// Reveal returns the value itself, "" if none is set.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsSet reports whether there is a value.
func (s Secret) IsSet() bool { return s.value != nil }

// Equal compares the values.
func (s Secret) Equal(other Secret) bool { return s.Reveal() == other.Reveal() }

// String returns ***.
func (Secret) String() string { return mask }

// GoString returns ***.
func (Secret) GoString() string { return mask }

// Format writes *** for every verb and flag.
func (Secret) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(mask)) }

// MarshalText returns ***.
func (Secret) MarshalText() ([]byte, error) { return []byte(mask), nil }

// MarshalJSON returns "***".
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + mask + `"`), nil }

// LogValue returns ***.
func (Secret) LogValue() slog.Value { return slog.StringValue(mask) }
