package datafile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// maxRowBytes and maxColumns bound what one row takes, so that a file without line ends is a fault and not a full memory.
const (
	maxRowBytes = 16 << 20
	maxColumns  = 20_000
)

// syntaxFault is what is wrong with one row. The rows after it can be read unless it is fatal.
type syntaxFault struct {
	message string
	fatal   bool
}

func (f *syntaxFault) Error() string { return f.message }

func broken(format string, values ...any) *syntaxFault {
	return &syntaxFault{message: fmt.Sprintf(format, values...)}
}

func fatally(format string, values ...any) *syntaxFault {
	return &syntaxFault{message: fmt.Sprintf(format, values...), fatal: true}
}

var errTooWide = broken("has more than %d columns", maxColumns)

// csvRows reads the rows of a CSV: RFC 4180, with LF or CRLF; blank lines are skipped. A quote inside a field that
// isn't quoted is a fault. A line end inside a quoted field is read as LF.
type csvRows struct {
	lines  lineReader
	line   int      // the first line of the row
	fields [][]byte // of the row, until the next
	quoted []byte   // what the fields of a row with quotes point into
	ends   []int
}

func newCSVRows(r *bufio.Reader) *csvRows { return &csvRows{lines: lineReader{r: r}} }

// next reads one row. It returns io.EOF at the end, a *syntaxFault, or the file's error.
func (c *csvRows) next() error {
	c.fields = c.fields[:0]
	for {
		line, err := c.lines.next()
		c.line = c.lines.number
		switch {
		case err != nil:
			return err
		case len(line) == 0:
			continue
		case bytes.IndexByte(line, '"') >= 0:
			return c.splitQuoted(line)
		}
		return c.split(line)
	}
}

func (c *csvRows) split(line []byte) error {
	for len(c.fields) < maxColumns {
		comma := bytes.IndexByte(line, ',')
		if comma < 0 {
			c.fields = append(c.fields, line)
			return nil
		}
		c.fields = append(c.fields, line[:comma])
		line = line[comma+1:]
	}
	return errTooWide
}

// splitQuoted splits a row that has a quote somewhere, reading on while a quoted field is open.
func (c *csvRows) splitQuoted(line []byte) error {
	c.quoted, c.ends = c.quoted[:0], c.ends[:0]
	for more := true; more; {
		var err error
		if len(line) > 0 && line[0] == '"' {
			line, more, err = c.quotedField(line[1:])
		} else {
			line, more, err = c.plainField(line)
		}
		if err != nil {
			return err
		}
		if len(c.ends) == maxColumns {
			return errTooWide
		}
		c.ends = append(c.ends, len(c.quoted))
	}
	start := 0
	for _, end := range c.ends {
		c.fields = append(c.fields, c.quoted[start:end])
		start = end
	}
	return nil
}

// plainField takes the field at the start of line and returns what follows its comma; more is false at the row's end.
func (c *csvRows) plainField(line []byte) (rest []byte, more bool, err error) {
	field, rest, more := bytes.Cut(line, []byte{','})
	if bytes.IndexByte(field, '"') >= 0 {
		return nil, false, broken(`a quote stands inside a field that isn't quoted: quote the field and double the quote`)
	}
	c.quoted = append(c.quoted, field...)
	return rest, more, nil
}

// quotedField takes the field whose opening quote stands before line.
func (c *csvRows) quotedField(line []byte) (rest []byte, more bool, err error) {
	for {
		quote := bytes.IndexByte(line, '"')
		if quote < 0 {
			if line, err = c.continued(line); err != nil {
				return nil, false, err
			}
			continue
		}
		c.quoted = append(c.quoted, line[:quote]...)
		line = line[quote+1:]
		switch {
		case len(line) == 0:
			return nil, false, nil
		case line[0] == ',':
			return line[1:], true, nil
		case line[0] != '"':
			return nil, false, broken(`a quoted field is followed by text: double the quotes inside it`)
		}
		c.quoted = append(c.quoted, '"')
		line = line[1:]
	}
}

// continued takes the rest of a line that ends inside a quoted field and returns the next line.
func (c *csvRows) continued(line []byte) ([]byte, error) {
	c.quoted = append(append(c.quoted, line...), '\n')
	next, err := c.lines.next()
	fault, isSyntax := errors.AsType[*syntaxFault](err)
	switch {
	case isSyntax:
		return nil, fatally("%s, inside a quoted field", fault.message)
	case errors.Is(err, io.EOF):
		return nil, fatally("a quote is opened and never closed")
	case err == nil && len(c.quoted)+len(next) > maxRowBytes:
		return nil, fatally("a quoted field goes on for more than %d MiB: is its quote closed?", maxRowBytes>>20)
	}
	return next, err
}

// lineReader reads lines, checks that they are text, and counts them.
type lineReader struct {
	r      *bufio.Reader
	number int // of the line read last
	long   []byte
}

// next returns a line without its end, which is LF or CRLF; it is valid until the next call.
func (l *lineReader) next() ([]byte, error) {
	line, err := l.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		line, err = l.readLongLine(line)
	}
	if len(line) == 0 && err != nil {
		return nil, err
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	l.number++
	line = bytes.TrimSuffix(line, []byte{'\n'})
	line = bytes.TrimSuffix(line, []byte{'\r'})
	switch {
	case !utf8.Valid(line):
		return nil, broken("isn't UTF-8: save the file as UTF-8")
	case bytes.IndexByte(line, 0) >= 0:
		return nil, broken("has a NUL byte: this isn't text")
	}
	return line, nil
}

// readLongLine reads the rest of a line that is longer than the buffer.
func (l *lineReader) readLongLine(start []byte) ([]byte, error) {
	l.long = append(l.long[:0], start...)
	for {
		more, err := l.r.ReadSlice('\n')
		l.long = append(l.long, more...)
		switch {
		case len(l.long) > maxRowBytes:
			l.number++
			return nil, fatally("is longer than %d MiB", maxRowBytes>>20)
		case !errors.Is(err, bufio.ErrBufferFull):
			return l.long, err
		}
	}
}
