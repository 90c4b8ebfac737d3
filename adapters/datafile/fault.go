package datafile

import (
	"fmt"
	"strings"
)

// MaxFaults is how many faults of one file are reported.
const MaxFaults = 20

// Fault is one error in a file.
type Fault struct {
	// Line is the line, from 1; of a row that spans several lines the first. It is 0 for a fault of the whole file.
	Line    int
	Message string
}

func (f Fault) String() string {
	if f.Line == 0 {
		return f.Message
	}
	return fmt.Sprintf("line %d: %s", f.Line, f.Message)
}

// Faults is the error of a file that was refused: the first MaxFaults faults in the order of their lines.
type Faults struct {
	Name string
	List []Fault
}

func (f *Faults) Error() string {
	if len(f.List) == 1 {
		return f.Name + ": " + f.List[0].String()
	}
	count := fmt.Sprintf("%d faults", len(f.List))
	if f.full() {
		count = fmt.Sprintf("the first %d faults", MaxFaults)
	}
	var text strings.Builder
	text.WriteString(f.Name + ": " + count + ":")
	for _, fault := range f.List {
		text.WriteString("\n  " + fault.String())
	}
	return text.String()
}

func (f *Faults) add(line int, message string) {
	if !f.full() {
		f.List = append(f.List, Fault{Line: line, Message: message})
	}
}

func (f *Faults) full() bool { return len(f.List) >= MaxFaults }

// error returns f if it has faults, as an error.
func (f *Faults) error() error {
	if len(f.List) == 0 {
		return nil
	}
	return f
}
