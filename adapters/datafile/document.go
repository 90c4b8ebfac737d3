package datafile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// readDocument reads a file that is one JSON value. Its names are exact and none comes twice; other names are ignored.
// A fault is reported with its line and its place, a JSON pointer.
func readDocument(file *File, into any) error {
	text, err := io.ReadAll(file)
	if err != nil {
		return unreadable(file, err)
	}
	text = bytes.TrimPrefix(text, []byte{0xef, 0xbb, 0xbf})
	err = json.Unmarshal(text, into)
	if err == nil {
		return nil
	}
	faults := &Faults{Name: file.Name()}
	if wrong, ok := errors.AsType[*json.SemanticError](err); ok {
		faults.add(lineAt(text, wrong.ByteOffset), at(wrong.JSONPointer, "it must be "+kindOf(wrong.GoType)))
		return faults
	}
	if broken, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		faults.add(lineAt(text, broken.ByteOffset), at(broken.JSONPointer, "it is no JSON: "+broken.Err.Error()))
		return faults
	}
	faults.add(0, err.Error())
	return faults
}

func at(place jsontext.Pointer, message string) string {
	if place == "" {
		return message
	}
	return fmt.Sprintf("%s: %s", place, message)
}

func lineAt(text []byte, offset int64) int {
	return 1 + bytes.Count(text[:min(int(offset), len(text))], []byte{'\n'})
}

// kindOf returns the JSON type that fits into a Go type, in words.
func kindOf(wanted reflect.Type) string {
	for wanted != nil && wanted.Kind() == reflect.Pointer {
		wanted = wanted.Elem()
	}
	if wanted == nil {
		return "something else"
	}
	switch wanted.Kind() {
	case reflect.String:
		return "text"
	case reflect.Float64:
		return "a number"
	case reflect.Int:
		return "a whole number"
	case reflect.Slice:
		return "a list"
	default:
		return "an object"
	}
}
