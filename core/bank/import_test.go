package bank_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/ports/portstest"
)

func newImport(t *testing.T, store *portstest.Memory) *bank.Import {
	t.Helper()
	file, err := bank.NewImport(t.Context(), store, store)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestARowChangesWhatTheBankHas(t *testing.T) {
	store := portstest.NewMemory()
	concept := bank.Concept{ID: "renal", Name: "Clearance", Weight: 2.5}
	item := bank.Item{ID: "r1", ConceptID: "renal", Key: "B", Stem: "Which?", Options: []bank.Option{{Key: "A"}, {Key: "B"}}}
	if err := store.Put(t.Context(), bank.Rows{Concepts: []bank.Concept{concept}, Items: []bank.Item{item}}); err != nil {
		t.Fatal(err)
	}
	file := newImport(t, store)
	itemOf, err := bank.ReadItems(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	got := []any{file.Concept("renal"), file.Concept("new"), itemOf("r1"), itemOf("new")}
	want := []any{concept, bank.Concept{ID: "new", Weight: 1}, item, bank.Item{ID: "new"}}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestARowOfTheBankThatDoesNotFitIsRefused(t *testing.T) {
	store := portstest.NewMemory()
	err := store.Put(t.Context(), bank.Rows{Concepts: []bank.Concept{{ID: "renal"}, {ID: "cardiac"}, {ID: "theirs", InstitutionID: "inst-2"}}})
	if err != nil {
		t.Fatal(err)
	}
	options := []bank.Option{{Key: "A"}, {Key: "B"}}
	concept := func(one bank.Concept) func(*bank.Import) string {
		return func(i *bank.Import) string { return i.CheckConcept(one) }
	}
	item := func(one bank.Item) func(*bank.Import) string {
		return func(i *bank.Import) string { return i.CheckItem(one) }
	}
	edge := func(from, to string) func(*bank.Import) string {
		return func(i *bank.Import) string {
			return i.CheckPrerequisite(bank.Prerequisite{PrerequisiteID: from, ConceptID: to})
		}
	}
	tests := map[string]struct {
		check func(*bank.Import) string
		want  string
	}{
		"a concept":                    {concept(bank.Concept{ID: "new", Weight: .5}), ""},
		"a concept that is there":      {concept(bank.Concept{ID: "renal", Weight: 1}), ""},
		"a concept without an id":      {concept(bank.Concept{Weight: 1}), "concept_id is"},
		"a weight of nothing":          {concept(bank.Concept{ID: "new"}), "weight"},
		"a weight that is no number":   {concept(bank.Concept{ID: "new", Weight: math.NaN()}), "weight"},
		"a weight without end":         {concept(bank.Concept{ID: "new", Weight: math.Inf(1)}), "weight"},
		"an institution that is no id": {concept(bank.Concept{ID: "new", Weight: 1, InstitutionID: "ü"}), "institution_id"},
		"a concept twice": {func(i *bank.Import) string {
			i.CheckConcept(bank.Concept{ID: "x", Weight: 1})
			return i.CheckConcept(bank.Concept{ID: "x", Weight: 1})
		}, "comes twice"},
		"an item":                              {item(bank.Item{ID: "i", ConceptID: "renal", Key: "B", Options: options}), ""},
		"an item without options":              {item(bank.Item{ID: "i", ConceptID: "renal", Key: "B"}), ""},
		"an item of an unknown concept":        {item(bank.Item{ID: "i", ConceptID: "none"}), "concept_id is"},
		"an item of their concept":             {item(bank.Item{ID: "i", ConceptID: "theirs"}), "belongs to institution inst-2"},
		"their item of their concept":          {item(bank.Item{ID: "i", ConceptID: "theirs", InstitutionID: "inst-2"}), ""},
		"a key that is no option":              {item(bank.Item{ID: "i", ConceptID: "renal", Key: "C", Options: options}), "key is none"},
		"an option twice":                      {item(bank.Item{ID: "i", ConceptID: "renal", Options: append(options, options...)}), "options"},
		"a prerequisite":                       {edge("renal", "cardiac"), ""},
		"a prerequisite of an unknown concept": {edge("renal", "none"), "concept_id is"},
		"an unknown prerequisite":              {edge("none", "renal"), "prerequisite_id is"},
		"a concept that builds on itself":      {edge("renal", "renal"), "itself"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := test.check(newImport(t, store)); !strings.Contains(got, test.want) || (got == "") != (test.want == "") {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestTheBankIsAppliedInSteps(t *testing.T) {
	store := portstest.NewMemory()
	var rows bank.Rows
	for i := range 1201 {
		rows.Concepts = append(rows.Concepts, bank.Concept{ID: "c" + strings.Repeat("x", i%90) + string(rune('a'+i/90)), Weight: 1})
	}
	var told []int
	if err := newImport(t, store).Apply(t.Context(), rows, func(n int) { told = append(told, n) }); err != nil {
		t.Fatal(err)
	}
	_, total, err := store.Concepts(t.Context(), bank.Scope{}, bank.Page{})
	if err != nil || total != 1201 || len(told) != 3 || told[2] != 1201 {
		t.Errorf("%d concepts, %v told, %v", total, told, err)
	}
}
