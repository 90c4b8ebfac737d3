package datafile

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// jsonRows reads JSON lines: an object a line. A text is its value; a number, true and false are as they are written;
// null is empty; an array or an object is its JSON. Names are compared exactly, and a name that comes twice is a fault.
type jsonRows struct {
	lines   lineReader
	columns map[string]int
	only    bool     // other names are faults
	fields  [][]byte // by column, until the next row
}

func newJSONRows(r *bufio.Reader) *jsonRows { return &jsonRows{lines: lineReader{r: r}} }

// arrange numbers the wanted names.
func (j *jsonRows) arrange(names []string, only bool) {
	j.columns, j.only, j.fields = map[string]int{}, only, make([][]byte, len(names))
	for i, name := range names {
		j.columns[name] = i
	}
}

// next reads one row. It returns io.EOF at the end, a *syntaxFault, or the file's error.
func (j *jsonRows) next() error {
	for {
		line, err := j.lines.next()
		if err != nil {
			return err
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			return j.object(line)
		}
	}
}

func (j *jsonRows) object(line []byte) error {
	clear(j.fields)
	decoder := jsontext.NewDecoder(bytes.NewReader(line))
	if decoder.PeekKind() != '{' {
		return broken("isn't a JSON object")
	}
	if _, err := decoder.ReadToken(); err != nil {
		return notJSON(err)
	}
	for decoder.PeekKind() != '}' {
		if err := j.member(decoder); err != nil {
			return err
		}
	}
	if _, err := decoder.ReadToken(); err != nil {
		return notJSON(err)
	}
	if _, err := decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return broken("has more than one JSON object")
	}
	return nil
}

func (j *jsonRows) member(decoder *jsontext.Decoder) error {
	token, err := decoder.ReadToken()
	if err != nil {
		return notJSON(err)
	}
	name := token.String()
	value, err := decoder.ReadValue()
	if err != nil {
		return notJSON(err)
	}
	column, known := j.columns[name]
	switch {
	case !known && j.only:
		return broken("has the unknown name %.40q", name)
	case known:
		j.fields[column] = textOf(value)
	}
	return nil
}

func textOf(value jsontext.Value) []byte {
	switch value.Kind() {
	case 'n':
		return []byte{}
	case '"':
		text, err := jsontext.AppendUnquote([]byte{}, value)
		if err != nil {
			return nil // can't be: the decoder has read it
		}
		return text
	}
	return bytes.Clone(value)
}

// notJSON returns what is wrong, without the library's own offsets.
func notJSON(err error) *syntaxFault {
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return broken("has a name twice")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return broken("ends in the middle of its JSON")
	}
	return broken("isn't valid JSON")
}
