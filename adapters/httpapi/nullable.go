package httpapi

import (
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Nullable is a property that may be null: of a reply, an object; of a body, an optional one (omitzero) in which null means
// something else than absence.
type Nullable[T any] struct {
	// Given reports whether the property is present.
	Given bool
	// Value is nil for null, and for a missing property.
	Value *T
}

// UnmarshalJSON reads null or a T, as strictly as the rest of the body.
func (n *Nullable[T]) UnmarshalJSON(data []byte) error {
	n.Given = true
	if string(data) == "null" {
		return nil
	}
	n.Value = new(T)
	return json.Unmarshal(data, n.Value, refusingNull)
}

// OrNull returns value, or null for nil, for a reply.
func OrNull[T any](value *T) Nullable[T] { return Nullable[T]{Given: true, Value: value} }

// MarshalJSONTo writes the value, or null.
func (n Nullable[T]) MarshalJSONTo(to *jsontext.Encoder) error {
	return json.MarshalEncode(to, n.Value)
}

// MarshalJSON does the same for encoding/json, which commands use.
func (n Nullable[T]) MarshalJSON() ([]byte, error) { return Encode(n.Value) }

// Schema is that of T, or null. It takes the rules of the property's tags.
func (Nullable[T]) Schema(schemas huma.Registry) *huma.Schema {
	schema := *huma.SchemaFromType(schemas, reflect.TypeFor[T]())
	schema.Nullable = true
	return &schema
}

// takesNull makes refusingNull leave null to UnmarshalJSON.
func (*Nullable[T]) takesNull() {}

// documentNulls adds null to the enums of properties that may be null: an enum lists every value, whatever the type adds.
func documentNulls(schemas map[string]*huma.Schema) {
	for _, schema := range schemas {
		for _, property := range schema.Properties {
			if property.Nullable && len(property.Enum) > 0 && !slices.Contains(property.Enum, nil) {
				property.Enum = append(property.Enum, nil)
			}
		}
	}
}
