// Package strictjson reads one JSON object from an untrusted source: exact names, no name twice at any depth, valid
// UTF-8. Of each member it records whether it was present and of its type.
package strictjson

import (
	"math"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/journey-os/journey-api/core"
)

// Member is one member of a JSON object. A wrong type is recorded, not refused: the code that reads the member decides
// what it means. Value is the zero value unless State is Valid; null is a wrong type.
type Member[T any] struct {
	Value T
	State State
}

// State is whether a member was present, and of its type.
type State uint8

// The states of a member.
const (
	Missing State = iota
	Mistyped
	Valid
)

func (m *Member[T]) read(decoder *jsontext.Decoder, parse func(jsontext.Value) (T, bool)) error {
	raw, err := decoder.ReadValue()
	if err != nil {
		return err
	}
	m.State = Mistyped
	if value, ok := parse(raw); ok {
		*m = Member[T]{Value: value, State: Valid}
	}
	return nil
}

// The types of members follow. Each decodes itself. It fails only on invalid JSON, never on a wrong type.

// Text is a string.
type Text struct{ Member[string] }

// Flag is a boolean.
type Flag struct{ Member[bool] }

// NumericDate is seconds since 1970, without a fraction (RFC 7519, section 2).
type NumericDate struct{ Member[int64] }

// TextList is a list of strings; one string is a list of one (RFC 7519, section 4.1.3).
type TextList struct{ Member[[]string] }

// Object is an object whose members T names.
type Object[T any] struct{ Member[T] }

// Time is the date; 1970 unless it is valid.
func (n NumericDate) Time() time.Time { return time.Unix(n.Value, 0).UTC() }

// Decode decodes data, which must be exactly one JSON object, and reports whether it is. It refuses null, which the
// decoder takes for an empty object.
func Decode(data []byte, into any) bool {
	return jsontext.Value(data).Kind() == jsontext.KindBeginObject && json.Unmarshal(data, into) == nil
}

// UnmarshalJSONFrom is how the decoder reads it.
func (t *Text) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	return t.read(decoder, parseText)
}

// UnmarshalJSONFrom is how the decoder reads it.
func (f *Flag) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	return f.read(decoder, parseFlag)
}

// UnmarshalJSONFrom is how the decoder reads it.
func (n *NumericDate) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	return n.read(decoder, parseNumericDate)
}

// UnmarshalJSONFrom is how the decoder reads it.
func (l *TextList) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	return l.read(decoder, parseTextList)
}

// UnmarshalJSONFrom is how the decoder reads it.
func (o *Object[T]) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	if decoder.PeekKind() != jsontext.KindBeginObject {
		o.State = Mistyped
		return decoder.SkipValue()
	}
	o.State = Valid
	return json.UnmarshalDecode(decoder, &o.Value)
}

func parseText(raw jsontext.Value) (string, bool) {
	if raw.Kind() != jsontext.KindString {
		return "", false
	}
	var buffer [64]byte // an id or an email fits, and stays off the heap
	unquoted, err := jsontext.AppendUnquote(buffer[:0], raw)
	return string(unquoted), err == nil
}

func parseFlag(raw jsontext.Value) (bool, bool) {
	kind := raw.Kind()
	return kind == jsontext.KindTrue, kind == jsontext.KindTrue || kind == jsontext.KindFalse
}

// parseNumericDate reads seconds since 1970 (RFC 7519, section 2), 0 to core.LatestTime, and drops a fraction. It
// accepts any notation of a number, such as 1e9; 1e400 is out of range.
func parseNumericDate(raw jsontext.Value) (int64, bool) {
	if raw.Kind() != jsontext.KindNumber {
		return 0, false
	}
	seconds, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || seconds < 0 || math.Trunc(seconds) > core.LatestTime {
		return 0, false
	}
	return int64(seconds), true
}

// parseTextList reads one string as a list of one (RFC 7519, section 4.1.3). A list of anything else is refused.
func parseTextList(raw jsontext.Value) ([]string, bool) {
	if one, ok := parseText(raw); ok {
		return []string{one}, true
	}
	var members []Text
	if raw.Kind() != jsontext.KindBeginArray || json.Unmarshal(raw, &members) != nil {
		return nil, false
	}
	list := make([]string, len(members))
	for i, member := range members {
		if member.State != Valid {
			return nil, false
		}
		list[i] = member.Value
	}
	return list, true
}
