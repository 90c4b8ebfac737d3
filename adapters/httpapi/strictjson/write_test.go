package strictjson_test

import (
	"bytes"
	"encoding/json"
	"math"
	"testing"

	"github.com/journey-os/journey-api/adapters/httpapi/strictjson"
)

func TestAReplyIsWrittenInOneWay(t *testing.T) {
	text := "b"
	tests := map[string]struct {
		value any
		want  string
	}{
		"a map in the order of its names": {map[string]int{"c": 3, "a": 1, "b": 2}, `{"a":1,"b":2,"c":3}`},
		"signs that HTML knows":           {"<&>", `"<&>"`},
		"a list that is nil":              {[]int(nil), `[]`},
		"a text that is no UTF-8":         {"a\xffb", "\"a\ufffdb\""},
		"null":                            {strictjson.OrNull[string](nil), `null`},
		"a value in place of null":        {strictjson.OrNull(&text), `"b"`},
		"a member that is missing": {struct {
			N strictjson.Nullable[int] `json:"n,omitzero"`
		}{}, `{}`},
		"a member that is null": {struct {
			N strictjson.Nullable[int] `json:"n,omitzero"`
		}{strictjson.OrNull[int](nil)}, `{"n":null}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got bytes.Buffer
			if err := strictjson.Write(&got, test.value); err != nil || got.String() != test.want {
				t.Errorf("got %s, %v, want %s", got.String(), err, test.want)
			}
		})
	}
}

func TestWhatJSONCannotHoldIsAnError(t *testing.T) {
	if err := strictjson.Write(&bytes.Buffer{}, math.NaN()); err == nil {
		t.Error("NaN was written")
	}
	if got, err := strictjson.Marshal("a\xffb"); err == nil {
		t.Errorf("a text that is no UTF-8 became %s", got)
	}
}

func TestANullableIsTheSameToTheStandardLibrary(t *testing.T) {
	text := "b"
	for want, value := range map[string]strictjson.Nullable[string]{`null`: strictjson.OrNull[string](nil), `"b"`: strictjson.OrNull(&text)} {
		encoded, err := json.Marshal(value)
		if err != nil || string(encoded) != want {
			t.Errorf("got %s, %v, want %s", encoded, err, want)
		}
		var back strictjson.Nullable[string]
		if err := json.Unmarshal(encoded, &back); err != nil || !back.Given || (back.Value == nil) != (value.Value == nil) {
			t.Errorf("%s became %+v, %v", encoded, back, err)
		}
	}
}
