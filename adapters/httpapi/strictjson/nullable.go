package strictjson

import (
	"bytes"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Nullable is a member of an object that may be null, which is something else than a missing one. For a missing one to be
// left out of what is written, its field is omitzero.
type Nullable[T any] struct {
	// Given reports whether the member is present.
	Given bool
	// Value is nil for null, and for a missing member.
	Value *T
}

// OrNull returns value, or null for nil.
func OrNull[T any](value *T) Nullable[T] { return Nullable[T]{Given: true, Value: value} }

// UnmarshalJSON reads null or a T, as strictly as Read.
func (n *Nullable[T]) UnmarshalJSON(data []byte) error {
	n.Given = true
	if string(data) == "null" {
		return nil
	}
	n.Value = new(T)
	return json.Unmarshal(data, n.Value, refusingNull)
}

// MarshalJSONTo writes the value, or null.
func (n Nullable[T]) MarshalJSONTo(to *jsontext.Encoder) error {
	return json.MarshalEncode(to, n.Value)
}

// MarshalJSON does the same for encoding/json, which commands use.
func (n Nullable[T]) MarshalJSON() ([]byte, error) {
	var encoded bytes.Buffer
	err := Write(&encoded, n.Value)
	return encoded.Bytes(), err
}

// takesNull makes refusingNull leave null to UnmarshalJSON.
func (*Nullable[T]) takesNull() {}
