package adaptive

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/journey-os/journey-api/core/irt"
)

// Concept is a concept that items ask about.
type Concept struct {
	ID string
	// Name is for people. If it is empty, the ID is shown.
	Name string
	// Weight multiplies the concept's priority; above 0, and 1 unless the bank says otherwise.
	Weight float64
	// L0 is the mastery of a student without an answer.
	L0 float64
}

// Item is one question.
type Item struct {
	ID, Concept string
	// Params are those in force, or Uncalibrated.
	Params irt.Params
	// Calibrated reports whether Params were estimated from answers.
	Calibrated bool
}

// Uncalibrated returns the parameters of an item that has not been calibrated.
func Uncalibrated() irt.Params { return irt.Params{A: 1, B: 0, C: .25} }

// Bank holds the concepts and items that a student may be given: those of the student's institution and the shared
// ones, without what is retired. It never changes.
type Bank struct {
	concepts []Concept // sorted by id
	items    []Item    // sorted by concept, then id
	// The items of concept c are items[first[c]:first[c+1]].
	first     []int
	conceptAt map[string]int
	itemAt    map[string]int
	initial   []float64 // L0 by concept
}

// NewBank returns the bank of concepts and items, in any order. It keeps neither slice. The error names the first
// concept or item that can't be used: an id that comes twice, a weight or L0 out of range, parameters that are
// invalid, an item of a concept that the bank does not have.
func NewBank(concepts []Concept, items []Item) (*Bank, error) {
	b := &Bank{
		concepts:  slices.Clone(concepts),
		items:     slices.Clone(items),
		first:     make([]int, len(concepts)+1),
		conceptAt: make(map[string]int, len(concepts)),
		itemAt:    make(map[string]int, len(items)),
		initial:   make([]float64, len(concepts)),
	}
	slices.SortFunc(b.concepts, func(x, y Concept) int { return cmp.Compare(x.ID, y.ID) })
	slices.SortFunc(b.items, func(x, y Item) int { return cmp.Or(cmp.Compare(x.Concept, y.Concept), cmp.Compare(x.ID, y.ID)) })
	for at, concept := range b.concepts {
		if err := b.addConcept(at, concept); err != nil {
			return nil, fmt.Errorf("concept %q: %w", concept.ID, err)
		}
	}
	for at, item := range b.items {
		if err := b.addItem(at, item); err != nil {
			return nil, fmt.Errorf("item %q: %w", item.ID, err)
		}
	}
	for c := range b.concepts {
		b.first[c+1] += b.first[c]
	}
	return b, nil
}

func (b *Bank) addConcept(at int, concept Concept) error {
	switch _, twice := b.conceptAt[concept.ID]; {
	case twice:
		return errTwice
	case !(concept.Weight > 0) || math.IsInf(concept.Weight, 0):
		return fmt.Errorf("the weight is %v: it must be positive and finite", concept.Weight)
	case !isProbability(concept.L0):
		return fmt.Errorf("L0 is %v: it must be from 0 to 1", concept.L0)
	}
	b.conceptAt[concept.ID] = at
	b.initial[at] = concept.L0
	return nil
}

func (b *Bank) addItem(at int, item Item) error {
	if _, twice := b.itemAt[item.ID]; twice {
		return errTwice
	}
	concept, known := b.conceptAt[item.Concept]
	if !known {
		return fmt.Errorf("the bank has no concept %q", item.Concept)
	}
	if err := item.Params.Validate(); err != nil {
		return err
	}
	b.itemAt[item.ID] = at
	b.first[concept+1]++
	return nil
}

// Item returns the item with an id, and reports whether the bank has it.
func (b *Bank) Item(id string) (Item, bool) {
	at, known := b.itemAt[id]
	if !known {
		return Item{}, false
	}
	return b.items[at], true
}

// concept returns the index of a concept, and reports whether the bank has it. Callers mostly ask in order, so the
// concept after the last one is tried first.
func (b *Bank) concept(id string, last int) (int, bool) {
	if next := last + 1; next < len(b.concepts) && b.concepts[next].ID == id {
		return next, true
	}
	at, known := b.conceptAt[id]
	return at, known
}

func (b *Bank) itemsOf(concept int) []Item { return b.items[b.first[concept]:b.first[concept+1]] }

// conceptOf returns the index of the concept of the item with an index.
func (b *Bank) conceptOf(item int) int {
	concept, _ := slices.BinarySearch(b.first, item+1)
	return concept - 1
}

// name returns a concept's name for people.
func (b *Bank) name(concept int) string {
	return cmp.Or(b.concepts[concept].Name, b.concepts[concept].ID)
}

func isProbability(x float64) bool { return x >= 0 && x <= 1 }
