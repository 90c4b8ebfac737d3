package datafile

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// begin skips a byte order mark, refuses data that is plainly not text, and reports whether JSON lines follow.
func begin(r *bufio.Reader) (isJSON bool, err error) {
	start, err := r.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	switch {
	case len(start) == 0:
		return false, broken("the file is empty")
	case bytes.HasPrefix(start, []byte{0xff, 0xfe}), bytes.HasPrefix(start, []byte{0xfe, 0xff}):
		return false, broken("is UTF-16: save the file as UTF-8")
	case bytes.HasPrefix(start, []byte("PK\x03\x04")):
		return false, broken("is a zip archive or a workbook: save the table as CSV")
	case bytes.HasPrefix(start, []byte{0xef, 0xbb, 0xbf}):
		_, _ = r.Discard(3)
		start = start[3:]
		if len(start) == 0 {
			if start, err = r.Peek(1); err != nil {
				return false, broken("the file is empty")
			}
		}
	}
	if known, _ := r.Peek(r.Buffered()); jsonArray.Match(known) { // never waits for more
		return false, broken("is a JSON array: write each object on a line of its own")
	}
	return start[0] == '{', nil
}

// jsonArray matches the start of an array of objects; a name in a header may begin with a bracket.
var jsonArray = regexp.MustCompile(`^\[\s*\{`)

// header reads the first row as names, without the spaces around them.
func (c *csvRows) header() ([]string, error) {
	err := c.next()
	switch {
	case errors.Is(err, io.EOF):
		return nil, broken("the file is empty")
	case err != nil:
		return nil, err
	}
	names := make([]string, len(c.fields))
	for i, field := range c.fields {
		if bytes.IndexByte(field, '\r') >= 0 {
			return nil, broken("lines end in a bare carriage return: save the file with LF or CRLF")
		}
		names[i] = strings.TrimSpace(string(field))
	}
	return names, oneColumn(names)
}

// oneColumn finds the usual reasons for a header of a single column.
func oneColumn(names []string) error {
	if len(names) > 1 {
		return nil
	}
	for _, separator := range []struct{ text, name string }{{";", "semicolons"}, {"\t", "tabs"}, {"|", "bars"}} {
		if strings.Contains(names[0], separator.text) {
			return broken("columns are separated by %s: save the file with commas", separator.name)
		}
	}
	return nil
}

// unreadable returns an error that names the file, and says what is wrong with a damaged one.
func unreadable(file *File, err error) error {
	_, isCorrupt := errors.AsType[flate.CorruptInputError](err)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%s: its gzip data is cut short: %w", file.Name(), err)
	case isCorrupt, errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader):
		return fmt.Errorf("%s: its gzip data is damaged: %w", file.Name(), err)
	}
	return fmt.Errorf("%s: %w", file.Name(), err)
}

func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
