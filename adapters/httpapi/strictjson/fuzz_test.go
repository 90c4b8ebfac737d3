package strictjson_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"regexp"
	"testing"
	"unicode/utf8"

	"github.com/journey-os/journey-api/adapters/httpapi/strictjson"
)

// messages are all that a fault may say: nothing of the text that it is about.
var messages = regexp.MustCompile(`^(has a name twice in one object|is not valid JSON, at byte \d+|has a value that does not fit its type)$`)

// FuzzRead holds what Read accepts against the standard library, which is more lenient: it must read the same.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		``, `null`, `{"a":1,"a":2}`, `{"a":[1.0,-0.0,4.3e1,1e400,"\ud800"]}`, `{"a":{"b":null}} `, "\"\xff\"", `[[[]]]`, `{}{}`, `"\u0041"`, "\ufeff1",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var got, want any
		err := strictjson.Read(text, &got)
		if fault, ok := errors.AsType[*strictjson.Fault](err); err != nil && (!ok || !messages.MatchString(fault.Message)) {
			t.Fatalf("%q is refused with %v", text, err)
		}
		if err != nil {
			return
		}
		if fault := json.Unmarshal(text, &want); fault != nil || !utf8.Valid(text) || !reflect.DeepEqual(got, want) {
			t.Fatalf("%q became %v, want %v (%v)", text, got, want, fault)
		}
	})
}
