package jwtauth

import (
	"math"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/journey-os/journey-api/core"
)

// member is one member of a JSON object. A wrong type is kept, not refused: whether and with which reason it counts is
// for the step that reads the member. Its value is the zero value unless its state is valid; null is a wrong type.
type member[T any] struct {
	value T
	state state
}

type state uint8

const (
	missing state = iota
	mistyped
	valid
)

func (m *member[T]) read(decoder *jsontext.Decoder, parse func(jsontext.Value) (T, bool)) error {
	raw, err := decoder.ReadValue()
	if err != nil {
		return err
	}
	m.state = mistyped
	if value, ok := parse(raw); ok {
		*m = member[T]{value: value, state: valid}
	}
	return nil
}

// The types of JSON that claims have. Each decodes itself and never fails on a type: only on what is no JSON.
type (
	text          struct{ member[string] }
	flag          struct{ member[bool] }
	numericDate   struct{ member[int64] }
	textList      struct{ member[[]string] }
	object[T any] struct{ member[T] }
)

func (t *text) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	return t.read(decoder, parseText)
}

func (f *flag) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	return f.read(decoder, parseFlag)
}

func (n *numericDate) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	return n.read(decoder, parseNumericDate)
}

func (l *textList) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	return l.read(decoder, parseTextList)
}

func (o *object[T]) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	if decoder.PeekKind() != jsontext.KindBeginObject {
		o.state = mistyped
		return decoder.SkipValue()
	}
	o.state = valid
	return json.UnmarshalDecode(decoder, &o.value)
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

// parseNumericDate reads seconds since 1970 (RFC 7519, section 2), 0 to core.LatestTime, and cuts a fraction. Any way
// to write a number will do: 1e9 is one, 1e400 is out of range.
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

// parseTextList reads one string as a list of one (RFC 7519, section 4.1.3). A list of anything else is none.
func parseTextList(raw jsontext.Value) ([]string, bool) {
	if one, ok := parseText(raw); ok {
		return []string{one}, true
	}
	var members []text
	if raw.Kind() != jsontext.KindBeginArray || json.Unmarshal(raw, &members) != nil {
		return nil, false
	}
	list := make([]string, len(members))
	for i, member := range members {
		if member.state != valid {
			return nil, false
		}
		list[i] = member.value
	}
	return list, true
}
