package datafile

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sort"

	"github.com/journey-os/journey-api/core/irt"
)

// ReadResponses reads scored responses, in either of two layouts that the header tells apart:
//
//   - long, a row a response: person_id, item_id, score; other columns are ignored. JSON lines are always long.
//   - wide, a row a person: person_id, or the nameless column that R and pandas write, then a column for each item. An
//     empty cell is missing; so are NA and NaN.
//
// A score is 0 or 1, or 0.0 or 1.0 as tables with missing cells are often written. Two scores of a person for an item
// are a fault, with both lines.
func ReadResponses(file *File) (*irt.Data, error) {
	table, header, err := startTable(file)
	if err != nil {
		return nil, err
	}
	if table.json != nil || slices.Contains(header, "item_id") || slices.Contains(header, "score") {
		return readLong(table, header)
	}
	return readWide(table, header)
}

// errNoResponses is for a valid file without responses.
var errNoResponses = errors.New("there is no response in it")

func readLong(table *Table, header []string) (*irt.Data, error) {
	const person, item, score = 0, 1, 2
	names := []string{"person_id", "item_id", "score"}
	if err := table.arrange(header, Layout{Required: names}); err != nil {
		return nil, err
	}
	var (
		builder irt.Builder
		lines   lineIndex
		last    []byte // the person of the row before: files are often sorted by person
		handle  int
	)
	for table.Next() {
		correct, missing, known := parseScore(table.Field(score))
		switch {
		case !table.id(names[person], table.Field(person)), !table.id(names[item], table.Field(item)):
			continue
		case missing:
			table.Fault("score is %.40q: it is 0 or 1, and a missing response has no row", table.Field(score))
			continue
		case !known:
			table.Fault("score is %.40q: it is 0 or 1", table.Field(score))
			continue
		}
		if !bytes.Equal(last, table.Field(person)) {
			last = append(last[:0], table.Field(person)...)
			handle = builder.Person(string(last))
		}
		builder.Answer(handle, builder.Item(string(table.Field(item))), correct)
		lines.add(table.Line())
	}
	return finish(table, &builder, &lines)
}

// finish returns the data that were read, or an error if there are none.
func finish(table *Table, builder *irt.Builder, lines *lineIndex) (*irt.Data, error) {
	if err := table.Err(); err != nil {
		return nil, err
	}
	data, err := builder.Data()
	duplicate, isDuplicate := errors.AsType[*irt.DuplicateError](err)
	switch {
	case isDuplicate:
		table.FaultAt(lines.of(duplicate.Second), "person %.40q has a score for item %.40q on line %d already",
			duplicate.Person, duplicate.Item, lines.of(duplicate.First))
		return nil, table.Err()
	case err == nil && data.Responses() == 0:
		err = errNoResponses
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", table.file.Name(), err)
	}
	return data, nil
}

// readWide takes the columns after the first as items.
func readWide(table *Table, header []string) (*irt.Data, error) {
	var builder irt.Builder
	items, err := wideItems(table, header, &builder)
	if err != nil {
		return nil, err
	}
	seen := map[string]int{} // the line of each person
	for table.Next() {
		fields := table.csv.fields
		if !table.id("person_id", fields[0]) {
			continue
		}
		id := string(fields[0])
		if before, twice := seen[id]; twice {
			table.Fault("person %.40q has a row on line %d already", id, before)
			continue
		}
		seen[id] = table.Line()
		addRow(table, &builder, builder.Person(id), items)
	}
	return finish(table, &builder, &lineIndex{})
}

// wideItems returns the handle of each item column, the first column's being unused.
func wideItems(table *Table, header []string, builder *irt.Builder) ([]int, error) {
	if header[0] != "person_id" && header[0] != "" || len(header) < 2 {
		table.Fault("the header is neither person_id,item_id,score nor person_id and a column for each item: it has %s", listed(header))
		return nil, table.Err()
	}
	columns := map[string]int{}
	items := make([]int, len(header))
	for at, id := range header {
		before, twice := columns[id]
		switch {
		case at == 0:
			continue
		case id == "":
			table.Fault("column %d has no name", at+1)
		case twice:
			table.Fault("columns %d and %d are both named %.40q", before+1, at+1, id)
		}
		columns[id] = at
		items[at] = builder.Item(id)
	}
	return items, table.Err()
}

// addRow adds the responses of one person, up to the first faulty one.
func addRow(table *Table, builder *irt.Builder, person int, items []int) {
	for at, field := range table.csv.fields[1:] {
		correct, missing, known := parseScore(field)
		switch {
		case missing:
		case !known:
			table.Fault("the score in column %d is %.40q: it is 0, 1 or empty", at+2, field)
			return
		default:
			builder.Answer(person, items[at+1], correct)
		}
	}
}

// parseScore reads a score; known is false if it is not one.
func parseScore(field []byte) (correct, missing, known bool) {
	switch string(field) {
	case "1", "1.0":
		return true, false, true
	case "0", "0.0":
		return false, false, true
	case "", "NA", "NaN":
		return false, true, true
	}
	return false, false, false
}

// lineIndex returns the line of each response, counted from 0. It stores only the places at which lines do not follow
// one another, which are few.
type lineIndex struct {
	count, last int
	jumps       []jump
}

type jump struct{ response, line int }

func (l *lineIndex) add(line int) {
	if l.count == 0 || line != l.last+1 {
		l.jumps = append(l.jumps, jump{l.count, line})
	}
	l.last = line
	l.count++
}

func (l *lineIndex) of(response int) int {
	after := sort.Search(len(l.jumps), func(k int) bool { return l.jumps[k].response > response })
	at := l.jumps[after-1]
	return at.line + response - at.response
}
