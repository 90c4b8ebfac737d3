package strictjson

import (
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Write writes one value without a newline behind it, maps in the order of their names. Invalid UTF-8 is replaced by
// U+FFFD: data from a store must not turn a reply into a failure. Its error is that of w, or of a value that JSON can't
// hold, such as NaN.
func Write(w io.Writer, value any) error {
	return json.MarshalWrite(w, value, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
}

// Marshal returns what Write writes, but refuses invalid UTF-8.
func Marshal(value any) ([]byte, error) {
	return json.Marshal(value, json.Deterministic(true))
}
