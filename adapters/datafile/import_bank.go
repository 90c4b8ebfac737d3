package datafile

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json"

	"github.com/journey-os/journey-api/core/bank"
)

// ReadConcepts reads concepts: concept_id, and optionally name, weight (1 if it is empty) and institution_id. before is
// what a row changes: a column that the row does not have stays as it is, and an empty one is emptied. The institution
// that is given is that of the rows that name none. check returns what is wrong with a row, "" if nothing is.
func ReadConcepts(file *File, institutionID string, before func(id string) bank.Concept, check func(bank.Concept) string) ([]bank.Concept, error) {
	const id, name, weight, institution = 0, 1, 2, 3
	layout := Layout{Required: []string{"concept_id"}, Optional: []string{"name", "weight", "institution_id"}, Only: true}
	return readRows(file, layout, check, func(field func(int) []byte) (one bank.Concept, fault string) {
		one = before(string(field(id)))
		change(&one.Name, field(name))
		changeInstitution(&one.InstitutionID, field(institution), institutionID)
		switch text := field(weight); {
		case text == nil:
		case len(text) == 0:
			one.Weight = 1
		default:
			var err error
			if one.Weight, err = strconv.ParseFloat(string(text), 64); err != nil {
				fault = fmt.Sprintf("weight is %.40q: it is a number above 0", text)
			}
		}
		return one, fault
	})
}

// change sets a text to that of a column, if the row has it.
func change(text *string, field []byte) {
	if field != nil {
		*text = string(field)
	}
}

// changeInstitution sets an institution to that of a column, or to the given one if the row names none.
func changeInstitution(institution *string, field []byte, given string) {
	change(institution, field)
	if len(field) == 0 && given != "" {
		*institution = given
	}
}

// ReadPrerequisites reads prerequisites: prerequisite_id and the concept_id that builds on it.
func ReadPrerequisites(file *File, check func(bank.Prerequisite) string) ([]bank.Prerequisite, error) {
	layout := Layout{Required: []string{"prerequisite_id", "concept_id"}, Only: true}
	return readRows(file, layout, check, func(field func(int) []byte) (one bank.Prerequisite, fault string) {
		return bank.Prerequisite{PrerequisiteID: string(field(0)), ConceptID: string(field(1))}, ""
	})
}

// ReadItems reads items: item_id, concept_id, and optionally key, stem, options, explanation, retired and institution_id.
// Options are a JSON array, [{"key": "A", "text": "12 mmol/L"}, …]. The parameters are those of ReadConcepts.
func ReadItems(file *File, institutionID string, before func(id string) bank.Item, check func(bank.Item) string) ([]bank.Item, error) {
	const id, concept, key, stem, options, explanation, retired, institution = 0, 1, 2, 3, 4, 5, 6, 7
	layout := Layout{
		Required: []string{"item_id", "concept_id"},
		Optional: []string{"key", "stem", "options", "explanation", "retired", "institution_id"}, Only: true,
	}
	return readRows(file, layout, check, func(field func(int) []byte) (one bank.Item, fault string) {
		one = before(string(field(id)))
		change(&one.ConceptID, field(concept))
		change(&one.Key, field(key))
		change(&one.Stem, field(stem))
		change(&one.Explanation, field(explanation))
		changeInstitution(&one.InstitutionID, field(institution), institutionID)
		if field(retired) != nil {
			var known bool
			if one.Retired, known = parseOutcome(field(retired)); !known && len(field(retired)) > 0 {
				return one, fmt.Sprintf("retired is %.40q: it is true or false", field(retired))
			}
		}
		if field(options) != nil {
			one.Options, fault = parseOptions(field(options))
		}
		return one, fault
	})
}

func parseOptions(field []byte) (options []bank.Option, fault string) {
	if len(bytes.TrimSpace(field)) == 0 {
		return nil, ""
	}
	var wire []struct {
		Key  string `json:"key"`
		Text string `json:"text"`
	}
	if err := json.Unmarshal(field, &wire, json.RejectUnknownMembers(true)); err != nil {
		return nil, `options are no JSON array such as [{"key": "A", "text": "12 mmol/L"}]`
	}
	for _, one := range wire {
		options = append(options, bank.Option(one))
	}
	return options, ""
}

// readRows reads a whole table, or nothing if there is a fault.
func readRows[T any](file *File, layout Layout, check func(T) string, parse func(field func(int) []byte) (T, string)) ([]T, error) {
	table, err := NewTable(file, layout)
	if err != nil {
		return nil, err
	}
	var rows []T
	for table.Next() {
		row, fault := parse(table.Field)
		if fault == "" {
			fault = check(row)
		}
		if fault != "" {
			table.Fault("%s", fault)
			continue
		}
		rows = append(rows, row)
	}
	if err := table.Err(); err != nil {
		return nil, err
	}
	return rows, nil
}
