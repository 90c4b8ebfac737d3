package datafile_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/datafile"
	"github.com/journey-os/journey-api/core/bank"
)

// bankFile opens content as a file of rows for the bank.
func bankFile(t *testing.T, content string) *datafile.File {
	t.Helper()
	file, err := datafile.Open(t.Context(), datafile.Stdin, strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return file
}

func TestAnItemKeepsWhatTheFileDoesNotName(t *testing.T) {
	options := []bank.Option{{Key: "A", Text: "x"}, {Key: "B", Text: "y"}}
	before := bank.Item{ID: "r1", ConceptID: "renal", Key: "B", Stem: "Which?", Options: options, Explanation: "So.", Retired: true, InstitutionID: "inst-1"}
	changed := func(change func(*bank.Item)) bank.Item {
		after := before
		change(&after)
		return after
	}
	for name, test := range map[string]struct {
		content, institution string
		want                 bank.Item
	}{
		"retired alone":           {"item_id,concept_id,retired\nr1,renal,false\n", "", changed(func(i *bank.Item) { i.Retired = false })},
		"retired alone, in JSON":  {`{"item_id":"r1","concept_id":"renal","retired":false}`, "", changed(func(i *bank.Item) { i.Retired = false })},
		"an empty key":            {"item_id,concept_id,key\nr1,renal,\n", "", changed(func(i *bank.Item) { i.Key = "" })},
		"an empty key in quotes":  {"item_id,concept_id,key\n\"r1\",renal,\"\"\n", "", changed(func(i *bank.Item) { i.Key = "" })},
		"a key that is null":      {`{"item_id":"r1","concept_id":"renal","key":null}`, "", changed(func(i *bank.Item) { i.Key = "" })},
		"an empty text":           {`{"item_id":"r1","concept_id":"renal","explanation":""}`, "", changed(func(i *bank.Item) { i.Explanation = "" })},
		"a concept and a stem":    {"item_id,concept_id,stem\nr1,cardiac,Who?\n", "", changed(func(i *bank.Item) { i.ConceptID, i.Stem = "cardiac", "Who?" })},
		"no options":              {"item_id,concept_id,options\nr1,renal,\n", "", changed(func(i *bank.Item) { i.Options = nil })},
		"another institution":     {"item_id,concept_id\nr1,renal\n", "inst-2", changed(func(i *bank.Item) { i.InstitutionID = "inst-2" })},
		"an empty institution":    {"item_id,concept_id,institution_id\nr1,renal,\n", "", changed(func(i *bank.Item) { i.InstitutionID = "" })},
		"an institution in a row": {"item_id,concept_id,institution_id\nr1,renal,inst-3\n", "inst-2", changed(func(i *bank.Item) { i.InstitutionID = "inst-3" })},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := datafile.ReadItems(bankFile(t, test.content), test.institution,
				func(string) bank.Item { return before }, func(bank.Item) string { return "" })
			if diff := cmp.Diff([]bank.Item{test.want}, got); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestAConceptKeepsWhatTheFileDoesNotName(t *testing.T) {
	before := bank.Concept{ID: "renal", Name: "Clearance", Weight: 2.5}
	for content, want := range map[string]bank.Concept{
		"concept_id\nrenal\n":                  before,
		"concept_id,weight\nrenal,3\n":         {ID: "renal", Name: "Clearance", Weight: 3},
		"concept_id,weight\nrenal,\n":          {ID: "renal", Name: "Clearance", Weight: 1},
		"concept_id,name\nrenal,\n":            {ID: "renal", Weight: 2.5},
		`{"concept_id":"renal","name":"Flow"}`: {ID: "renal", Name: "Flow", Weight: 2.5},
	} {
		got, err := datafile.ReadConcepts(bankFile(t, content), "",
			func(string) bank.Concept { return before }, func(bank.Concept) string { return "" })
		if diff := cmp.Diff([]bank.Concept{want}, got); diff != "" || err != nil {
			t.Errorf("%q: %v (-want +got):\n%s", content, err, diff)
		}
	}
}
