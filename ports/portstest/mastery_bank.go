package portstest

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/mastery"
)

func bankOfInstitutions(t *testing.T, c *masteryFixture) {
	tests := map[string]struct {
		scope                 bank.Scope
		concepts, items       string
		ofRenal, prerequisite string
	}{
		"a stranger's institution": {bank.Within("inst-1"), "cardiac renal", "c1 k1 r1 r2 r3", "k1 r1 r2 r3", "cardiac"},
		"the owner's":              {bank.Within("inst-2"), "cardiac renal secret", "c1 k1 r1 r2 r3 r9 s1", "k1 r1 r2 r3 r9", "cardiac secret"},
		"everywhere":               {bank.Everywhere(), "cardiac renal secret", "c1 k1 r1 r2 r3 r9 s1", "k1 r1 r2 r3 r9", "cardiac secret"},
		"nobody's":                 {bank.Scope{}, "cardiac renal", "c1 k1 r1 r2 r3", "k1 r1 r2 r3", "cardiac"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			concepts, total, err := c.store.Concepts(t.Context(), test.scope, bank.Page{Limit: 100})
			if got := conceptIDs(concepts); err != nil || got != test.concepts || total != len(concepts) {
				t.Errorf("concepts %q of %d, %v", got, total, err)
			}
			for _, concept := range concepts {
				if got := strings.Join(concept.Prerequisites, " "); concept.ID == "renal" && got != test.prerequisite {
					t.Errorf("renal builds on %q, want %q", got, test.prerequisite)
				}
			}
			for _, filter := range []struct{ concept, want string }{{"", test.items}, {"renal", test.ofRenal}, {"none", ""}} {
				items, total, err := c.store.Items(t.Context(), test.scope, bank.ItemFilter{ConceptID: filter.concept, Page: bank.Page{Limit: 100}})
				if got := itemIDs(items); err != nil || got != filter.want || total != len(items) {
					t.Errorf("items of %q: %q of %d, %v", filter.concept, got, total, err)
				}
			}
		})
	}
	items, total, err := c.store.Items(t.Context(), bank.Within("inst-1"), bank.ItemFilter{Page: bank.Page{Limit: 2, Offset: 1}})
	if got := itemIDs(items); err != nil || got != "k1 r1" || total != 5 {
		t.Errorf("a page of items: %q of %d, %v", got, total, err)
	}
	for field, get := range map[string]mastery.Answer{"item_id": {ConceptID: "renal", ItemID: "r9"}, "": {ConceptID: "secret", ItemID: "s1"}} {
		answer := c.answer("ida", 1, get.ItemID, true)
		answer.ConceptID = get.ConceptID
		_, err := c.record(t, student("ida"), answer)
		known := core.AsError(err)
		if field == "" && known.Code != core.CodeNotFound || field != "" && (len(known.Violations) != 1 || known.Violations[0].Field != field) {
			t.Errorf("an answer to %s of another institution: %v", get.ItemID, err)
		}
	}
}

func conceptIDs(concepts []bank.Concept) string {
	var ids []string
	for _, one := range concepts {
		ids = append(ids, one.ID)
	}
	return strings.Join(ids, " ")
}

func itemIDs(items []bank.Item) string {
	var ids []string
	for _, one := range items {
		ids = append(ids, one.ID)
	}
	return strings.Join(ids, " ")
}

func bankRowsReplace(t *testing.T, c *masteryFixture) {
	item := bank.Item{ID: "k1", ConceptID: "cardiac", Key: "A", Stem: "Neu: 5 µmol", Explanation: "weil", Retired: true, InstitutionID: "inst-1",
		Options: []bank.Option{{Key: "A", Text: "\"ja\""}}}
	concept := bank.Concept{ID: "renal", Name: "Niere", Weight: .5, InstitutionID: "inst-1"}
	rows := bank.Rows{Concepts: []bank.Concept{concept}, Items: []bank.Item{item}, Prerequisites: []bank.Prerequisite{{PrerequisiteID: "cardiac", ConceptID: "renal"}}}
	for range 2 {
		must(t, c.store.Put(t.Context(), rows))
	}
	items, _, err := c.store.Items(t.Context(), bank.Within("inst-1"), bank.ItemFilter{ConceptID: "cardiac", Page: bank.Page{Limit: 100}})
	must(t, err)
	if itemIDs(items) != "c1 k1" || fmt.Sprintf("%+v", items[1]) != fmt.Sprintf("%+v", item) {
		t.Errorf("got %+v, want %+v", items, item)
	}
	concepts, _, err := c.store.Concepts(t.Context(), bank.Within("inst-1"), bank.Page{Limit: 100})
	must(t, err)
	concept.Prerequisites = []string{"cardiac"}
	if got := concepts[len(concepts)-1]; fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", concept) {
		t.Errorf("got %+v, want %+v", got, concept)
	}
}

func openBank(t *testing.T, c *masteryFixture) {
	answer := c.answer("jan", 1, "new-item", true)
	answer.ConceptID = "new-concept"
	if _, err := c.record(t, student("jan"), answer); core.AsError(err).Code != core.CodeNotFound {
		t.Errorf("a closed bank: %v", err)
	}
	open := c.serviceOf(true)
	for minute := range 2 {
		answer.At = c.minute(minute)
		if _, err := open.Record(t.Context(), core.NewRecordAccess(core.RecordAnswer, student("jan")), answer); err != nil {
			t.Fatal(err)
		}
	}
	items, _, err := c.store.Items(t.Context(), bank.Scope{}, bank.ItemFilter{ConceptID: "new-concept", Page: bank.Page{Limit: 10}})
	if err != nil || itemIDs(items) != "new-item" {
		t.Errorf("the bank has %+v, %v", items, err)
	}
	concepts, _, err := c.store.Concepts(t.Context(), bank.Scope{}, bank.Page{Limit: 10})
	if err != nil || !strings.Contains(conceptIDs(concepts), "new-concept") {
		t.Errorf("the bank has %+v, %v", concepts, err)
	}
}

// openBankAtOnce lets students answer the same new item at once, each under a concept of their own: the first one's
// becomes its concept, and the others are refused.
func openBankAtOnce(t *testing.T, c *masteryFixture) {
	const people, rounds = 16, 3
	open := c.serviceOf(true)
	for round := range rounds {
		var (
			group sync.WaitGroup
			taken atomic.Int32
		)
		for p := range people {
			group.Go(func() {
				who := fmt.Sprintf("new-%d-%d", round, p)
				answer := c.answer(who, 1, fmt.Sprintf("item-%d", round), true)
				answer.ConceptID = who
				_, err := open.Record(t.Context(), core.NewRecordAccess(core.RecordAnswer, student(who)), answer)
				switch {
				case err == nil:
					taken.Add(1)
				case core.CodeOf(err) != core.CodeValidation:
					t.Error(err)
				}
			})
		}
		group.Wait()
		if got := taken.Load(); got != 1 {
			t.Errorf("the item was taken in under %d concepts", got)
		}
	}
}
