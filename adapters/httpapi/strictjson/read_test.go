package strictjson_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/httpapi/strictjson"
)

// answer has a member of each kind that a body has.
type answer struct {
	Score  int                         `json:"score"`
	Share  float64                     `json:"share"`
	Note   string                      `json:"note"`
	Late   bool                        `json:"late"`
	Level  *int                        `json:"level"`
	Tags   []string                    `json:"tags"`
	Counts map[string]int              `json:"counts"`
	Any    any                         `json:"any"`
	Choice strictjson.Nullable[string] `json:"choice"`
	Within struct {
		Name string `json:"a/b~c"`
	} `json:"within"`
}

func TestAFaultSaysWhatIsWrongAndWhere(t *testing.T) {
	const misfit, twice = "has a value that does not fit its type", "has a name twice in one object"
	tests := map[string]struct {
		text string
		want strictjson.Fault
	}{
		"nothing":                       {``, strictjson.Fault{Message: "is not valid JSON, at byte 0"}},
		"half an object":                {`{"score":1`, strictjson.Fault{Message: "is not valid JSON, at byte 10"}},
		"a second value":                {`{"score":1}{"score":2}`, strictjson.Fault{Message: "is not valid JSON, at byte 11"}},
		"a comma at the end":            {`{"score":1,}`, strictjson.Fault{Message: "is not valid JSON, at byte 10"}},
		"a comment":                     {`{/**/}`, strictjson.Fault{Message: "is not valid JSON, at byte 1"}},
		"a byte order mark":             {"\ufeff{}", strictjson.Fault{Message: "is not valid JSON, at byte 0"}},
		"a text that is no UTF-8":       {"{\"note\":\"\xff\"}", strictjson.Fault{Message: "is not valid JSON, at byte 9"}},
		"half a surrogate pair":         {`{"note":"\ud800"}`, strictjson.Fault{Message: "is not valid JSON, at byte 9"}},
		"a number with a zero in front": {`{"score":01}`, strictjson.Fault{Message: "is not valid JSON, at byte 10"}},
		"not a number":                  {`{"share":NaN}`, strictjson.Fault{Message: "is not valid JSON, at byte 9"}},
		"deep nesting":                  {`{"any":` + strings.Repeat("[", 100_000), strictjson.Fault{Message: "is not valid JSON, at byte 10006"}},
		"a name twice":                  {`{"score":1,"score":2}`, strictjson.Fault{Message: twice}},
		"a name twice, once escaped":    {`{"score":1,"scor\u0065":2}`, strictjson.Fault{Message: twice}},
		"an unknown name twice":         {`{"x":1,"x":2}`, strictjson.Fault{Message: twice}},
		"a name twice, deep inside":     {`{"any":[{"x":1,"x":2}]}`, strictjson.Fault{Message: twice}},
		"a list for an object":          {`[]`, strictjson.Fault{Message: misfit}},
		"a text for a number":           {`{"score":"1"}`, strictjson.Fault{Pointer: "/score", Message: misfit}},
		"a number for a text":           {`{"note":1}`, strictjson.Fault{Pointer: "/note", Message: misfit}},
		"an element of another type":    {`{"tags":["a",1]}`, strictjson.Fault{Pointer: "/tags/1", Message: misfit}},
		"a member of a map":             {`{"counts":{"a/b":"x"}}`, strictjson.Fault{Pointer: "/counts/a~1b", Message: misfit}},
		"a name with signs of pointers": {`{"within":{"a/b~c":1}}`, strictjson.Fault{Pointer: "/within/a~1b~0c", Message: misfit}},
		"a fraction for a whole number": {`{"score":43.5}`, strictjson.Fault{Pointer: "/score", Message: misfit}},
		"a number beyond float64":       {`{"share":1e400}`, strictjson.Fault{Pointer: "/share", Message: misfit}},
		"null for a number":             {`{"score":null}`, strictjson.Fault{Pointer: "/score", Message: misfit}},
		"null for a text":               {`{"note":null}`, strictjson.Fault{Pointer: "/note", Message: misfit}},
		"null for a boolean":            {`{"late":null}`, strictjson.Fault{Pointer: "/late", Message: misfit}},
		"null for an object":            {`{"within":null}`, strictjson.Fault{Pointer: "/within", Message: misfit}},
		"null for an element":           {`{"tags":[null]}`, strictjson.Fault{Pointer: "/tags/0", Message: misfit}},
		"null for what may be missing":  {`{"level":null}`, strictjson.Fault{Pointer: "/level", Message: misfit}},
		"null for the whole":            {`null`, strictjson.Fault{Message: misfit}},
		"another type than null or one": {`{"choice":1}`, strictjson.Fault{Pointer: "/choice", Message: misfit}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := strictjson.Read([]byte(test.text), new(answer))
			fault, ok := errors.AsType[*strictjson.Fault](err)
			if !ok {
				t.Fatalf("got %v, want a fault", err)
			}
			if diff := cmp.Diff(test.want, *fault); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatFitsIsRead(t *testing.T) {
	level, choice := 3, "b"
	tests := map[string]struct {
		text string
		want answer
	}{
		"nothing":                {`{}`, answer{}},
		"every member":           {` {"score":1,"share":0.5,"note":"é","late":true,"level":3,"tags":["a"],"counts":{"x":2}} `, answer{Score: 1, Share: .5, Note: "é", Late: true, Level: &level, Tags: []string{"a"}, Counts: map[string]int{"x": 2}}},
		"null for a list":        {`{"tags":null}`, answer{}},
		"null for a map":         {`{"counts":null}`, answer{}},
		"null for any value":     {`{"any":null}`, answer{}},
		"null that means it":     {`{"choice":null}`, answer{Choice: strictjson.Nullable[string]{Given: true}}},
		"a value in place of it": {`{"choice":"b"}`, answer{Choice: strictjson.OrNull(&choice)}},
		"a name in another case": {`{"Score":1}`, answer{}},
		"an unknown name":        {`{"x":1}`, answer{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got answer
			if err := strictjson.Read([]byte(test.text), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAWholeNumberIsOneHoweverItIsWritten(t *testing.T) {
	const refused = -1
	for text, want := range map[string]int{
		"43": 43, "43.0": 43, "4.3e1": 43, "430E-1": 43, "-0.0": 0, "1e2": 100, "0e9": 0, "9007199254740992.0": 1 << 53,
		"43.5": refused, "1e400": refused, "1.0e300": refused, "9007199254740994.0": refused, `"43.0"`: refused, "43.0.0": refused,
	} {
		got := answer{}
		err := strictjson.Read([]byte(`{"note":"1.0","score":`+text+`}`), &got)
		if want == refused && err == nil || want != refused && (err != nil || got.Score != want || got.Note != "1.0") {
			t.Errorf("%s became %+v, %v, want %d", text, got, err, want)
		}
	}
}
