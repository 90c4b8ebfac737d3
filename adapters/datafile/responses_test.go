package datafile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/datafile"
	"github.com/journey-os/journey-api/core/irt"
)

func responses(t testing.TB, content string) (*irt.Data, error) {
	t.Helper()
	file, err := datafile.Open(t.Context(), datafile.Stdin, strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	return datafile.ReadResponses(file)
}

// cells are the responses of three people to three items; a dot is a missing one.
func built(t *testing.T, cells map[string]string) *irt.Data {
	t.Helper()
	var builder irt.Builder
	for person, scores := range cells {
		for at, item := range []string{"I1", "I2", "I3"} {
			if scores[at] != '.' {
				builder.Add(person, item, scores[at] == '1')
			} else {
				builder.Item(item)
			}
		}
	}
	data, err := builder.Data()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestResponsesOfEitherLayoutAreTheSameData(t *testing.T) {
	want := built(t, map[string]string{"p1": "10.", "p2": "011", "p,3": "1.0"})
	tests := []struct{ name, content string }{
		{"long", "person_id,item_id,score\np1,I1,1\np1,I2,0\np2,I1,0\np2,I2,1\np2,I3,1\n\"p,3\",I1,1\n\"p,3\",I3,0\n"},
		{"long in another order, with more columns", "latency,score,person_id,item_id\n5,0,\"p,3\",I3\n9,1,p2,I3\n1,0,p1,I2\n,1,p2,I2\n7,1,p1,I1\n2,0,p2,I1\n2,1.0,\"p,3\",I1\n"},
		{"JSON lines", `{"person_id":"p1","item_id":"I1","score":1}
{"person_id":"p1","item_id":"I2","score":"0"}
{"person_id":"p2","item_id":"I1","score":0}
{"person_id":"p2","item_id":"I2","score":1}
{"person_id":"p2","item_id":"I3","score":1}
{"person_id":"p,3","item_id":"I1","score":1}
{"person_id":"p,3","item_id":"I3","score":0}`},
		{"wide", "person_id,I1,I2,I3\np1,1,0,\np2,0,1,1\n\"p,3\",1,,0\n"},
		{"wide as R writes it", "\"\",\"I3\",\"I1\",\"I2\"\n\"p1\",NA,1,0\n\"p2\",1,0,1\n\"p,3\",0,1,NA\n"},
		{"wide as pandas writes it", ",I1,I2,I3\r\np1,1.0,0.0,\r\np2,0.0,1.0,1.0\r\n\"p,3\",1.0,NaN,0.0\r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := responses(t, tt.content)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(irt.Data{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestResponsesAreRefusedWithTheirLines(t *testing.T) {
	tests := []struct {
		name, content string
		want          []string
	}{
		{"a score that is neither", "person_id,item_id,score\np,a,2\np,b,1\np,c,TRUE\np,d,\np,e,NA\np,f,01\n", []string{
			`line 2: score is "2": it is 0 or 1`, `line 4: score is "TRUE": it is 0 or 1`, `line 5: score is "": it is 0 or 1, and a missing response has no row`,
			`line 6: score is "NA": it is 0 or 1, and a missing response has no row`, `line 7: score is "01": it is 0 or 1`,
		}},
		{"empty ids", "person_id,item_id,score\n,a,1\np,,1\n", []string{"line 2: person_id is empty", "line 3: item_id is empty"}},
		{"ids that look the same", "person_id,item_id,score\np,a,1\np ,a,1\np,\ta,1\n\"\u00a0p\",a,1\n", []string{
			`line 3: person_id is "p ": white space stands at an end`, `line 4: item_id is "\ta": white space stands at an end`,
			`line 5: person_id is "\u00a0p": white space stands at an end`,
		}},
		{"people that look the same in rows", "person_id,a\np,1\np ,0\n", []string{`line 3: person_id is "p ": white space stands at an end`}},
		{"a JSON array", `[{"person_id":"p","item_id":"a","score":1}]`, []string{"line 1: is a JSON array: write each object on a line of its own"}},
		{"a JSON array in lines", "[\n  {\"person_id\":\"p\"}\n]", []string{"line 1: is a JSON array: write each object on a line of its own"}},
		{"a missing column", "person_id,item,score\np,a,1\n", []string{`line 1: column item_id is missing: the header has "person_id", "item", "score"`}},
		{"two scores", "person_id,item_id,score\np,a,1\n\nq,a,1\n\"x\ny\",a,0\nr,a,0\np,b,0\n\n\nq,a,0\n", []string{`line 11: person "q" has a score for item "a" on line 4 already`}},
		{"two equal scores", "person_id,item_id,score\np,a,1\np,a,1\n", []string{`line 3: person "p" has a score for item "a" on line 2 already`}},
		{"two rows of a person", "person_id,a,b\np,1,\nq,1,1\np,,0\n", []string{"line 4: person \"p\" has a row on line 2 already"}},
		{"two columns of an item", "person_id,a,b,a\np,1,0,1\n", []string{`line 1: columns 2 and 4 are both named "a"`}},
		{"a column without a name", "person_id,a,\np,1,\n", []string{"line 1: column 3 has no name"}},
		{"a wide score that is neither", "person_id,a,b\np,1,x\n,1,0\nq,3,4\n", []string{
			`line 2: the score in column 3 is "x": it is 0, 1 or empty`, "line 3: person_id is empty", `line 4: the score in column 2 is "3": it is 0, 1 or empty`,
		}},
		{"a row too short", "person_id,a,b\np,1\n", []string{"line 2: has 2 fields, and the header has 3"}},
		{"another table", "student,concept,correct\n", []string{
			`line 1: the header is neither person_id,item_id,score nor person_id and a column for each item: it has "student", "concept", "correct"`,
		}},
		{"no item", "person_id\np\n", []string{
			`line 1: the header is neither person_id,item_id,score nor person_id and a column for each item: it has "person_id"`,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data, err := responses(t, tt.content)
			if diff := cmp.Diff(tt.want, lines(err)); diff != "" || data != nil {
				t.Errorf("%v, %v (-want +got):\n%s", data, err, diff)
			}
		})
	}
}

func TestAFileWithoutAResponseIsSaid(t *testing.T) {
	for _, content := range []string{"person_id,item_id,score\n", "person_id,a,b\n", "person_id,a\np,\n"} {
		if _, err := responses(t, content); err == nil || !strings.Contains(err.Error(), "no response") {
			t.Errorf("%q: %v", content, err)
		}
	}
}

// BenchmarkReadResponses reads 4 million lines, the size of a platform: 100,000 people, 2,000 items, 40 responses each.
func BenchmarkReadResponses(b *testing.B) {
	path := filepath.Join(b.TempDir(), "responses.csv")
	content := []byte("person_id,item_id,score\n")
	for person := range 100_000 {
		for k := range 40 {
			content = fmt.Appendf(content, "P%06d,I%04d,%d\n", person, (person*7+k*37)%2000, (person+k)%2)
		}
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		file, err := datafile.Open(b.Context(), path, nil)
		if err != nil {
			b.Fatal(err)
		}
		if data, err := datafile.ReadResponses(file); err != nil || data.Responses() != 4_000_000 {
			b.Fatal(err)
		}
		_ = file.Close()
	}
}
