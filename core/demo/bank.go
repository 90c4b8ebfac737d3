package demo

import (
	"fmt"
	"slices"
	"strings"
)

// ItemsPerConcept is the number of items that the bank has for each concept.
const ItemsPerConcept = 12

// FirstConceptID is the concept whose items the examples use.
const FirstConceptID = "anion-gap"

// Bank is a bank of concepts and items, in an order in which no concept comes before its prerequisites.
type Bank struct {
	Concepts      []Concept
	Prerequisites []Prerequisite
	Items         []Item
}

// Concept is something to learn. Its weight is 1, or more for what practice should prefer.
type Concept struct {
	ID     string
	Name   string
	Weight float64
}

// Prerequisite reports that ConceptID builds on PrerequisiteID.
type Prerequisite struct {
	PrerequisiteID string
	ConceptID      string
}

// Item is a question with five options, one of them right.
type Item struct {
	ID        string
	ConceptID string
	Stem      string
	Options   []Option
	// Key is the key of the right option.
	Key         string
	Explanation string
}

// Option is one answer of an item. Mistake names the error that leads to it, "" for the right answer.
type Option struct {
	Key     string
	Text    string
	Mistake string
}

// NewBank computes the demo bank. Two calls return the same bank.
func NewBank() Bank {
	var bank Bank
	for _, f := range formulas() {
		bank.Concepts = append(bank.Concepts, Concept{ID: f.id, Name: f.name, Weight: max(f.weight, 1)})
		for _, need := range f.needs {
			bank.Prerequisites = append(bank.Prerequisites, Prerequisite{PrerequisiteID: need, ConceptID: f.id})
		}
		for i := range ItemsPerConcept {
			bank.Items = append(bank.Items, f.item(i))
		}
	}
	return bank
}

// formulas lists every concept of the bank, prerequisites first.
func formulas() []formula {
	return slices.Concat(dosing(), kinetics(), renal(), acidBase(), circulation(), respiration(), diagnosis(), trials())
}

// item computes the i-th item of the concept.
func (f formula) item(i int) Item {
	values := make([]float64, len(f.inputs))
	for k, in := range f.inputs {
		values[k] = in.value(i, k)
	}
	right := f.answer(values)
	item := Item{
		ID:          fmt.Sprintf("%s-%02d", f.id, i+1),
		ConceptID:   f.id,
		Stem:        f.fill(f.stems[i%len(f.stems)], values, right),
		Explanation: f.fill(f.because, values, right),
	}
	for at, candidate := range f.candidates(values, right) {
		option := Option{Key: string(rune('A' + at)), Text: f.show(candidate.value), Mistake: candidate.mistake}
		if option.Mistake == "" {
			item.Key = option.Key
		}
		item.Options = append(item.Options, option)
	}
	return item
}

// fill replaces {name} by an input's value and {answer} by the right answer, both with their units.
func (f formula) fill(text string, values []float64, right float64) string {
	pairs := []string{"{answer}", f.show(right)}
	for k, in := range f.inputs {
		pairs = append(pairs, "{"+in.name+"}", in.show(values[k]))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}
