package irt_test

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/core/irt"
)

// readTable reads a CSV of testdata as one map a row.
func readTable(t testing.TB, name string) []map[string]string {
	t.Helper()
	file, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for k, name := range lines[0] {
			row[name] = line[k]
		}
		rows = append(rows, row)
	}
	return rows
}

func readJSON(t testing.TB, name string, into any) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

// number reads a cell; an empty one is a number that does not exist.
func number(t testing.TB, cell string) irt.Optional {
	t.Helper()
	if cell == "" {
		return irt.Optional{}
	}
	value, err := strconv.ParseFloat(cell, 64)
	if err != nil {
		t.Fatal(err)
	}
	return irt.Some(value)
}

// readResponses reads a matrix of testdata: a line a person, a character an item, '.' if there is no answer.
func readResponses(t testing.TB, name string) *irt.Data {
	t.Helper()
	file, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var b irt.Builder
	lines := bufio.NewScanner(unzipped)
	for person := 1; lines.Scan(); person++ {
		addLine(&b, person, lines.Text())
	}
	if lines.Err() != nil {
		t.Fatal(lines.Err())
	}
	return build(t, &b)
}

// readPatterns reads the answer patterns of an LSAT section, in order of pattern.
func readPatterns(t testing.TB, name string) *irt.Data {
	t.Helper()
	var b irt.Builder
	person := 1
	for _, row := range readTable(t, name) {
		for range int(number(t, row["count"]).Value) {
			addLine(&b, person, row["pattern"])
			person++
		}
	}
	return build(t, &b)
}

func addLine(b *irt.Builder, person int, line string) {
	for j, mark := range line {
		if mark != '.' {
			b.Add(fmt.Sprintf("P%05d", person), fmt.Sprintf("I%03d", j+1), mark == '1')
		}
	}
}

func build(t testing.TB, b *irt.Builder) *irt.Data {
	t.Helper()
	data, err := b.Data()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// reference is one fit of the reference implementation.
type reference struct {
	LogLikelihood float64   `json:"loglik"`
	Persons       int       `json:"persons"`
	Theta         []float64 `json:"eap_first_20"`
	SD            []float64 `json:"eap_sd_first_20"`
	items         []map[string]string
}

func readReference(t testing.TB, name string) reference {
	t.Helper()
	var all map[string]reference
	readJSON(t, "reference.json", &all)
	ref, known := all[name]
	if !known {
		t.Fatalf("no reference %s", name)
	}
	ref.items = readTable(t, strings.Replace(name, "__", "_", 1)+".csv")
	return ref
}
