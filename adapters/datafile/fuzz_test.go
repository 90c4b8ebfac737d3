package datafile_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/journey-os/journey-api/adapters/datafile"
)

// FuzzCSV compares the reader with encoding/csv: it refuses the same files at the same line, and reads the same fields
// at the same lines.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{
		"a,b\n1,2\n", "a,b\r\n\"1\",\"2\"\"\"\r\n", "a\n\n\"x\ny\"\n", "a,b\n\"x\"y,2\n3,4", "a\n\"", "a,b\n,\n", "a\nb\"c", "a\r", "\r\n\r", "a,\"\r\n\"\n1,2\r", "[,",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		if !utf8.Valid(content) || bytes.ContainsAny(content, "\x00{\ufeff") || bytes.HasPrefix(content, []byte("PK")) {
			return
		}
		witness := csv.NewReader(bytes.NewReader(content))
		header, err := witness.Read()
		if err != nil || !plainNames(header) {
			return
		}
		want, wantErr := witnessed(witness)
		got, gotErr := rowsOf(t, content, header)
		first, _, _ := strings.Cut(strings.Join(lines(gotErr), "\n"), "\n")
		switch {
		case (wantErr == nil) != (gotErr == nil):
			t.Fatalf("encoding/csv: %v; here: %v", wantErr, gotErr)
		case wantErr != nil && !strings.HasPrefix(first, lineOf(wantErr)):
			t.Fatalf("encoding/csv: %v; here: %v", wantErr, gotErr)
		case wantErr == nil && strings.Join(got, "\x01") != strings.Join(want, "\x01"):
			t.Fatalf("encoding/csv: %q; here: %q", want, got)
		}
	})
}

// plainNames reports whether the names of a header are told apart as they are.
func plainNames(header []string) bool {
	seen := map[string]bool{}
	for _, name := range header {
		if seen[name] || strings.TrimSpace(name) != name || strings.Contains(name, "\r") {
			return false
		}
		seen[name] = true
	}
	return len(header) > 1
}

func witnessed(witness *csv.Reader) ([]string, error) {
	var rows []string
	for {
		row, err := witness.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := witness.FieldPos(0)
		rows = append(rows, lineName(line)+strings.Join(row, "\x02"))
	}
}

func rowsOf(t *testing.T, content []byte, header []string) ([]string, error) {
	file, err := datafile.Open(t.Context(), datafile.Stdin, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	table, err := datafile.NewTable(file, datafile.Layout{Required: header})
	if err != nil {
		return nil, err
	}
	var rows []string
	for table.Next() {
		fields := make([]string, len(header))
		for i := range header {
			fields[i] = string(table.Field(i))
		}
		rows = append(rows, lineName(table.Line())+strings.Join(fields, "\x02"))
	}
	return rows, table.Err()
}

func lineOf(err error) string {
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		return "no line"
	}
	return lineName(parse.StartLine)
}

func lineName(line int) string { return datafile.Fault{Line: line}.String() }
