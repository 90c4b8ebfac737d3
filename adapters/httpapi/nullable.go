package httpapi

import (
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/journey-os/journey-api/adapters/httpapi/strictjson"
)

// Nullable is a property that may be null: of a reply, an object; of a body, an optional one (omitzero) in which null means
// something else than absence. Its Value is nil for null, and Given reports whether the property is present.
type Nullable[T any] struct{ strictjson.Nullable[T] }

// OrNull returns value, or null for nil, for a reply.
func OrNull[T any](value *T) Nullable[T] { return Nullable[T]{strictjson.OrNull(value)} }

// Schema is that of T, or null. It takes the rules of the property's tags.
func (Nullable[T]) Schema(schemas huma.Registry) *huma.Schema {
	schema := *huma.SchemaFromType(schemas, reflect.TypeFor[T]())
	schema.Nullable = true
	return &schema
}

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
