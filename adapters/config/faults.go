package config

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// Fault is one error in the settings.
type Fault struct {
	// Name is the setting as the user wrote it, or a line of .env.
	Name string
	// Problem never holds a secret, nor a URL.
	Problem string
	// Example is a valid value.
	Example string
}

// Faults are all errors in the settings: the error of Load.
type Faults []Fault

// Error returns all faults on one line, for a log; Table is for people.
func (f Faults) Error() string {
	parts := make([]string, len(f))
	for i, fault := range f {
		parts[i] = fault.Name + " " + fault.Problem
	}
	return "the settings are not valid: " + strings.Join(parts, "; ")
}

// Table aligns name, problem and example under a heading, one fault a line.
func (f Faults) Table() string {
	rows := [][]string{{"NAME", "PROBLEM", "EXAMPLE"}}
	for _, fault := range f {
		rows = append(rows, []string{fault.Name, fault.Problem, fault.Example})
	}
	return table(rows)
}

// Warning is a doubtful setting that the service accepts.
type Warning struct {
	Name    string
	Message string
}

// String is the name with the message.
func (w Warning) String() string { return w.Name + " " + w.Message }

func table(rows [][]string) string {
	var text strings.Builder
	writer := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		_, _ = fmt.Fprintln(writer, strings.Join(row, "\t"))
	}
	_ = writer.Flush()
	return text.String()
}
