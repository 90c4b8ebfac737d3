// Package strictjson reads the JSON of requests, which strangers write, and writes the JSON of replies.
//
// Read refuses what two readers could take for two things: a text that is not exactly one JSON value (RFC 8259), data
// after it, invalid UTF-8, a name twice in one object, and null for a value that can't be null. Names match by their
// exact case. A member that the type does not have is ignored: to refuse it is the schema's part.
package strictjson

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Fault is the error of Read: what is wrong with a JSON text, and where. It quotes nothing of the text but names of
// members, for a value may be a secret.
type Fault struct {
	// Pointer is the JSON pointer (RFC 6901) of the value that is wrong; "" is the whole text.
	Pointer string
	// Message completes a sentence about that value, such as "has a name twice in one object".
	Message string
}

func (f *Fault) Error() string { return f.Message }

// Read decodes data, which must be one JSON value, into what the pointer value points to. Its error is a *Fault; value
// may then be decoded in part.
//
// A whole number may be written with a fraction or an exponent, as in 43.0 and 4.3e1, up to 2^53. A number that does
// not fit its type is refused. Null fits an interface, a map, a slice and a Nullable, and nothing else: a pointer is a
// member that may be missing, not null.
func Read(data []byte, value any) error {
	err := json.Unmarshal(data, value, refusingNull)
	if _, misfit := errors.AsType[*json.SemanticError](err); misfit {
		if plain, fault := withPlainIntegers(data); fault == nil && json.Unmarshal(plain, value, refusingNull) == nil {
			return nil
		}
	}
	if err == nil {
		return nil
	}
	return faultOf(err)
}

// refusingNull refuses null for a string, a number or another value that can't be null: a check by a JSON Schema may let
// it pass for an optional property, and the decoder decodes it as "".
var refusingNull = json.WithUnmarshalers(json.UnmarshalFromFunc(func(from *jsontext.Decoder, into any) error {
	_, takesNull := into.(interface{ takesNull() })
	if from.PeekKind() != jsontext.KindNull || takesNull || isNullable(reflect.TypeOf(into).Elem().Kind()) {
		return errors.ErrUnsupported // the decoder goes on by itself
	}
	return errNull
}))

var errNull = errors.New("null")

func isNullable(kind reflect.Kind) bool {
	return slices.Contains([]reflect.Kind{reflect.Interface, reflect.Map, reflect.Slice}, kind)
}

func faultOf(err error) *Fault {
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return &Fault{Message: "has a name twice in one object"}
	}
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return &Fault{Message: fmt.Sprintf("is not valid JSON, at byte %d", syntax.ByteOffset)}
	}
	fault := &Fault{Message: "has a value that does not fit its type"}
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		fault.Pointer = string(semantic.JSONPointer)
	}
	return fault
}
