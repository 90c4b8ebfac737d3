package datafile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Layout names the columns of a table. They are numbered in this order, the required ones first.
type Layout struct {
	Required []string
	Optional []string
	// Only makes columns of other names a fault; otherwise they are ignored.
	Only bool
}

func (l Layout) names() []string { return slices.Concat(l.Required, l.Optional) }

// Table reads rows of named columns from CSV with a header or from JSON lines; a file that begins with "{" is JSON
// lines.
//
//	for table.Next() {
//		if len(table.Field(0)) == 0 {
//			table.Fault("student_id is empty")
//		}
//	}
//	if err := table.Err(); err != nil {
//		return err // nothing of the file may be used
//	}
type Table struct {
	file   *File
	csv    *csvRows  // nil for JSON lines
	json   *jsonRows // nil for CSV
	place  []int     // of each column among the fields of a CSV row; -1 if the file doesn't have it
	width  int
	faults Faults
	failed error
	ended  bool
}

// NewTable reads the header. Its error is a *Faults if the file isn't such a table.
func NewTable(file *File, layout Layout) (*Table, error) {
	table, header, err := startTable(file)
	if err != nil {
		return nil, err
	}
	if err := table.arrange(header, layout); err != nil {
		return nil, err
	}
	return table, nil
}

// startTable reads the header, which JSON lines don't have. Its caller assigns the columns.
func startTable(file *File) (table *Table, header []string, err error) {
	table = &Table{file: file, faults: Faults{Name: file.Name()}}
	reader := bufio.NewReaderSize(file, chunkBytes)
	isJSON, err := begin(reader)
	if err != nil {
		return nil, nil, table.refuse(1, err)
	}
	if isJSON {
		table.json = newJSONRows(reader)
		return table, nil, nil
	}
	table.csv = newCSVRows(reader)
	if header, err = table.csv.header(); err != nil {
		return nil, nil, table.refuse(table.csv.line, err)
	}
	table.width = len(header)
	return table, header, nil
}

// refuse makes err the only error of the file.
func (t *Table) refuse(line int, err error) error {
	if fault, isSyntax := errors.AsType[*syntaxFault](err); isSyntax {
		t.faults.add(max(line, 1), fault.message)
		return t.faults.error()
	}
	return unreadable(t.file, err)
}

// arrange finds the columns of the layout.
func (t *Table) arrange(header []string, layout Layout) error {
	names := layout.names()
	if t.json != nil {
		t.json.arrange(names, layout.Only)
		return nil
	}
	for i, name := range names {
		at := slices.Index(header, name)
		if at < 0 && i < len(layout.Required) {
			t.faults.add(t.csv.line, "column "+name+" is missing: the header has "+listed(header))
		}
		t.place = append(t.place, at)
	}
	for i, name := range header {
		known := slices.Contains(names, name)
		switch {
		case known && slices.Index(header, name) < i:
			t.faults.add(t.csv.line, "column "+name+" comes twice")
		case !known && layout.Only:
			t.faults.add(t.csv.line, fmt.Sprintf("column %.40q isn't known: it can be %s", name, strings.Join(names, ", ")))
		}
	}
	return t.faults.error()
}

// listed shows the names of a header, as many as a line holds.
func listed(header []string) string {
	const most = 8
	shown := make([]string, 0, most)
	for _, name := range header[:min(most, len(header))] {
		shown = append(shown, fmt.Sprintf("%.40q", name))
	}
	if len(header) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(shown, ", "), len(header)-most)
	}
	return strings.Join(shown, ", ")
}

// Next goes to the next row and reports whether there is one. It skips faulty rows, up to MaxFaults of them.
func (t *Table) Next() bool {
	for !t.ended {
		err := t.step()
		fault, isSyntax := errors.AsType[*syntaxFault](err)
		switch {
		case err == nil:
			return true
		case isSyntax:
			t.faults.add(t.Line(), fault.message)
			t.ended = t.ended || fault.fatal || t.faults.full()
		case errors.Is(err, io.EOF):
			t.ended = true
		default:
			t.failed, t.ended = err, true
		}
	}
	return false
}

func (t *Table) step() error {
	if t.json != nil {
		return t.json.next()
	}
	if err := t.csv.next(); err != nil {
		return err
	}
	if got := len(t.csv.fields); got != t.width {
		return broken("has %s, and the header has %d", plural(got, "field"), t.width)
	}
	return nil
}

// Line returns the line of the row, from 1.
func (t *Table) Line() int {
	if t.json != nil {
		return t.json.lines.number
	}
	return t.csv.line
}

// Has reports whether a CSV has the optional column. Of JSON lines it is always true.
func (t *Table) Has(column int) bool { return t.json != nil || t.place[column] >= 0 }

// Field returns the text of a column in this row, nil if the row or the file doesn't have it. It is valid until Next.
func (t *Table) Field(column int) []byte {
	if t.json != nil {
		return t.json.fields[column]
	}
	if at := t.place[column]; at >= 0 {
		return t.csv.fields[at]
	}
	return nil
}

// Fault records what is wrong with this row. After MaxFaults of them Next returns false.
func (t *Table) Fault(format string, values ...any) {
	t.FaultAt(t.Line(), format, values...)
}

// id reports whether the text of a column can be an id; if not it records a fault. Ids are any text, but white space
// at an end is refused: two people would look like one.
func (t *Table) id(name string, text []byte) bool {
	switch {
	case len(text) == 0:
		t.Fault("%s is empty", name)
	case len(bytes.TrimSpace(text)) < len(text):
		t.Fault("%s is %.40q: white space stands at an end", name, text)
	default:
		return true
	}
	return false
}

// FaultAt is Fault for another line; 0 is the whole file.
func (t *Table) FaultAt(line int, format string, values ...any) {
	t.faults.add(line, fmt.Sprintf(format, values...))
	t.ended = t.ended || t.faults.full()
}

// Err returns the file's read error, or its faults as a *Faults, or nil if all of it was read and is valid.
func (t *Table) Err() error {
	if t.failed != nil {
		return unreadable(t.file, t.failed)
	}
	return t.faults.error()
}
