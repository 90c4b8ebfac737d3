package datafile_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/datafile"
)

var layout = datafile.Layout{Required: []string{"id", "name"}, Optional: []string{"note"}}

// rows reads content as a table of layout and returns a line for each row: its number and fields.
func rows(t *testing.T, content string, layout datafile.Layout) ([]string, error) {
	t.Helper()
	file, err := datafile.Open(t.Context(), datafile.Stdin, strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	table, err := datafile.NewTable(file, layout)
	if err != nil {
		return nil, err
	}
	var got []string
	for table.Next() {
		got = append(got, fmt.Sprintf("%d:%s|%s|%s", table.Line(), table.Field(0), table.Field(1), table.Field(2)))
	}
	return got, table.Err()
}

func TestATableIsReadAsItIsMeant(t *testing.T) {
	tests := []struct {
		name, content string
		want          []string
	}{
		{"plain", "id,name\na,b\nc,d\n", []string{"2:a|b|", "3:c|d|"}},
		{"columns in another order, with one that nobody asked for", "note,x,name,id\n1,2,3,4\n", []string{"2:4|3|1"}},
		{"a byte order mark", "\ufeffid,name\na,b\n", []string{"2:a|b|"}},
		{"CRLF", "id,name\r\na,b\r\n", []string{"2:a|b|"}},
		{"no line end at the end", "id,name\na,b", []string{"2:a|b|"}},
		{"blank lines", "\nid,name\n\na,b\n\r\nc,d\n\n", []string{"4:a|b|", "6:c|d|"}},
		{"spaces around the names", "id, name\na, b\n", []string{"2:a| b|"}},
		{"quotes", "\"id\",\"name\"\n\"a,1\",\"say \"\"b\"\"\"\n\"\",c\n", []string{`2:a,1|say "b"|`, "3:|c|"}},
		{"a line end inside quotes", "id,name\na,\"b\r\nc\"\nd,e\n", []string{"2:a|b\nc|", "4:d|e|"}},
		{"empty fields", "id,name,note\n,,\n", []string{"2:||"}},
		{"a header alone", "id,name\n", nil},
		{"text of every script", "id,name\nñ,日本\n", []string{"2:ñ|日本|"}},
		{"JSON lines", "{\"id\":\"a\\u00e9\",\"name\":1.50,\"x\":2}\n\n{\"note\":[1, {\"k\":\"v\"}],\"name\":true,\"id\":null}\n", []string{"1:aé|1.50|", `3:|true|[1, {"k":"v"}]`}},
		{"JSON lines after a byte order mark", "\ufeff{\"id\":\"a\",\"name\":\"b\"}", []string{"1:a|b|"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := rows(t, tt.content, layout)
			if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestATableIsRefusedWithItsLines(t *testing.T) {
	only := datafile.Layout{Required: layout.Required, Optional: layout.Optional, Only: true}
	wide := strings.Repeat("x,", 20_000) + "x"
	tests := []struct {
		name, content string
		layout        datafile.Layout
		want          []string
	}{
		{"empty", "", layout, []string{"line 1: the file is empty"}},
		{"a byte order mark alone", "\ufeff", layout, []string{"line 1: the file is empty"}},
		{"blank", "\n\n", layout, []string{"line 2: the file is empty"}},
		{"a missing column", "id,nam\na,b\n", layout, []string{`line 1: column name is missing: the header has "id", "nam"`}},
		{"two missing columns", "x\n", layout, []string{`line 1: column id is missing: the header has "x"`, `line 1: column name is missing: the header has "x"`}},
		{"a column twice", "id,name,id\n", layout, []string{"line 1: column id comes twice"}},
		{"a column that isn't known", "id,name,title\n", only, []string{`line 1: column "title" isn't known: it can be id, name, note`}},
		{"semicolons", "id;name\n", layout, []string{"line 1: columns are separated by semicolons: save the file with commas"}},
		{"tabs", "id\tname\n", layout, []string{"line 1: columns are separated by tabs: save the file with commas"}},
		{"bare carriage returns", "id,name\ra,b\r", layout, []string{"line 1: lines end in a bare carriage return: save the file with LF or CRLF"}},
		{"rows of the wrong length", "id,name\na\nb,c\nd,e,f\n", layout, []string{"line 2: has 1 field, and the header has 2", "line 4: has 3 fields, and the header has 2"}},
		{"not UTF-8", "id,name\na,\xff\n", layout, []string{"line 2: isn't UTF-8: save the file as UTF-8"}},
		{"not UTF-8 in the header", "id,n\xe9\n", layout, []string{"line 1: isn't UTF-8: save the file as UTF-8"}},
		{"not UTF-8 inside quotes", "id,name\n\"a\n\xff\"\n", layout, []string{"line 2: isn't UTF-8: save the file as UTF-8, inside a quoted field"}},
		{"NUL", "id,name\na,\x00\n", layout, []string{"line 2: has a NUL byte: this isn't text"}},
		{"UTF-16", "\xff\xfei\x00d\x00", layout, []string{"line 1: is UTF-16: save the file as UTF-8"}},
		{"a workbook", "PK\x03\x04....", layout, []string{"line 1: is a zip archive or a workbook: save the table as CSV"}},
		{"a quote in the middle", "id,name\na,b\"c\n", layout, []string{"line 2: a quote stands inside a field that isn't quoted: quote the field and double the quote"}},
		{"text after a quote", "id,name\na,\"b\"c\nd,e\n", layout, []string{"line 2: a quoted field is followed by text: double the quotes inside it"}},
		{"a quote never closed", "id,name\na,\"b\nc,d\n", layout, []string{"line 2: a quote is opened and never closed"}},
		{"too wide a header", wide + "\n", layout, []string{"line 1: has more than 20000 columns"}},
		{"too wide a row", "id,name\n" + wide + "\n", layout, []string{"line 2: has more than 20000 columns"}},
		{"too wide a row with quotes", "id,name\n\"\"," + wide + "\n", layout, []string{"line 2: has more than 20000 columns"}},
		{"a line without end", "id,name\n" + strings.Repeat("x", 17<<20), layout, []string{"line 2: is longer than 16 MiB"}},
		{"a quote that swallows the file", "id,name\n\"" + strings.Repeat(strings.Repeat("x", 1023)+"\n", 17<<10), layout, []string{"line 2: a quoted field goes on for more than 16 MiB: is its quote closed?"}},
		{"JSON that isn't", "{\"id\":1}\n{\"id\":}\n[1]\n{\"id\"", layout, []string{"line 2: isn't valid JSON", "line 3: isn't a JSON object", "line 4: ends in the middle of its JSON"}},
		{"JSON with a name twice", `{"id":1,"id":2}`, layout, []string{"line 1: has a name twice"}},
		{"two JSON objects on a line", `{"id":1}{"id":2}`, layout, []string{"line 1: has more than one JSON object"}},
		{"a JSON name that isn't known", `{"id":1,"title":2}`, only, []string{`line 1: has the unknown name "title"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := rows(t, tt.content, tt.layout)
			if diff := cmp.Diff(tt.want, lines(err)); diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// lines are the faults of err, as they are shown.
func lines(err error) []string {
	var faults *datafile.Faults
	if !errors.As(err, &faults) {
		return nil
	}
	var shown []string
	for _, fault := range faults.List {
		shown = append(shown, fault.String())
	}
	return shown
}

func TestTheFirstTwentyFaultsAreTold(t *testing.T) {
	_, err := rows(t, "id,name\n"+strings.Repeat("x\n", 30), layout)
	got := lines(err)
	if len(got) != 20 || !strings.HasPrefix(got[0], "line 2:") || !strings.HasPrefix(got[19], "line 21:") ||
		!strings.Contains(err.Error(), "the first 20 faults") {
		t.Errorf("told %v", err)
	}
}

func TestFaultsOfTheCallerStandAmongThoseOfTheFile(t *testing.T) {
	file, err := datafile.Open(t.Context(), datafile.Stdin, strings.NewReader("id,name\na,b\nc\nd,e\n"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	table, err := datafile.NewTable(file, layout)
	if err != nil {
		t.Fatal(err)
	}
	for table.Next() {
		table.Fault("%s is no name", table.Field(1))
	}
	want := []string{"line 2: b is no name", "line 3: has 1 field, and the header has 2", "line 4: e is no name"}
	if diff := cmp.Diff(want, lines(table.Err())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func packed(t *testing.T, content string) []byte {
	t.Helper()
	var buffer bytes.Buffer
	writer := gzip.NewWriter(&buffer)
	if _, err := writer.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

func TestGzipIsToldByItsContent(t *testing.T) {
	content := "id,name\n" + strings.Repeat("a,b\n", 100_000)
	whole := packed(t, content)
	got, err := rows(t, string(whole), layout)
	if err != nil || len(got) != 100_000 {
		t.Errorf("read %d rows, %v", len(got), err)
	}
	if _, err := rows(t, string(whole[:len(whole)-9]), layout); err == nil || !strings.Contains(err.Error(), "cut short") {
		t.Errorf("cut short: %v", err)
	}
	whole[len(whole)-6] ^= 1
	if _, err := rows(t, string(whole), layout); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("damaged: %v", err)
	}
}

func TestAPathIsOpenedWithItsSize(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data.csv.gz")
	content := packed(t, "id,name\na,b\n")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := datafile.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	table, err := datafile.NewTable(file, layout)
	if err != nil || !table.Next() || table.Next() || table.Err() != nil {
		t.Fatalf("not read: %v", err)
	}
	if read, size := file.Progress(); read != size || size != int64(len(content)) || file.Name() != path {
		t.Errorf("read %d of %d bytes of %s", read, size, file.Name())
	}
}

func TestWhatIsNoFileIsNotOpened(t *testing.T) {
	for _, path := range []string{t.TempDir(), filepath.Join(t.TempDir(), "absent.csv")} {
		if file, err := datafile.Open(t.Context(), path, nil); err == nil {
			t.Errorf("%s was opened", file.Name())
		}
	}
}
