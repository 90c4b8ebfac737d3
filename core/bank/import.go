package bank

import (
	"context"
	"fmt"
	"math"

	"github.com/journey-os/journey-api/core"
)

// everything is a page larger than any bank.
var everything = Page{Limit: math.MaxInt32}

// importStep is how many rows one transaction of an import has. Answers are recorded between two transactions.
const importStep = 500

// Import puts the rows of a file into the bank. Each row is checked first, against the bank and the rows before it. The
// rows are applied only if nothing is wrong, in steps. A file that was applied in part can be applied again: rows
// update those with the same ids, and the same file twice changes nothing. It is for one goroutine.
type Import struct {
	writer   Writer
	concepts map[string]Concept
	seen     map[string]bool
}

// NewImport reads the concepts of the bank and returns an empty import.
func NewImport(ctx context.Context, catalogue Catalogue, writer Writer) (*Import, error) {
	i := &Import{writer: writer, concepts: map[string]Concept{}, seen: map[string]bool{}}
	concepts, _, err := catalogue.Concepts(ctx, Everywhere(), everything)
	if err != nil {
		return nil, err
	}
	for _, one := range concepts {
		i.concepts[one.ID] = one
	}
	return i, nil
}

// Concept returns the concept that a row changes, or a new one. What the row does not name stays as it is.
func (i *Import) Concept(id string) Concept {
	if one, known := i.concepts[id]; known {
		return one
	}
	return Concept{ID: id, Weight: 1}
}

// ReadItems reads the items of the bank, which only an import of items needs. The function returns the item that a row
// changes, or a new one. What the row does not name stays as it is.
func ReadItems(ctx context.Context, catalogue Catalogue) (item func(id string) Item, err error) {
	items, _, err := catalogue.Items(ctx, Everywhere(), ItemFilter{Page: everything})
	if err != nil {
		return nil, err
	}
	byID := map[string]Item{}
	for _, one := range items {
		byID[one.ID] = one
	}
	return func(id string) Item {
		if one, known := byID[id]; known {
			return one
		}
		return Item{ID: id}
	}, nil
}

// CheckConcept returns what is wrong with a concept, "" if nothing is.
func (i *Import) CheckConcept(one Concept) string {
	switch {
	case !core.IsID(one.ID):
		return faultyID("concept_id", one.ID)
	case one.InstitutionID != "" && !core.IsID(one.InstitutionID):
		return faultyID("institution_id", one.InstitutionID)
	case !(one.Weight > 0) || math.IsInf(one.Weight, 1):
		return "weight has to be a number above 0"
	}
	return i.twice("concept_id", one.ID)
}

// CheckPrerequisite returns what is wrong with a prerequisite, "" if nothing is.
func (i *Import) CheckPrerequisite(one Prerequisite) string {
	for _, id := range []struct{ column, text string }{{"prerequisite_id", one.PrerequisiteID}, {"concept_id", one.ConceptID}} {
		if _, known := i.concepts[id.text]; !known {
			return fmt.Sprintf("%s is %.40q, which the bank does not have", id.column, id.text)
		}
	}
	if one.PrerequisiteID == one.ConceptID {
		return "a concept can't build on itself"
	}
	return ""
}

// CheckItem returns what is wrong with an item, "" if nothing is.
func (i *Import) CheckItem(one Item) string {
	concept, isKnown := i.concepts[one.ConceptID]
	switch {
	case !core.IsID(one.ID):
		return faultyID("item_id", one.ID)
	case one.InstitutionID != "" && !core.IsID(one.InstitutionID):
		return faultyID("institution_id", one.InstitutionID)
	case !isKnown:
		return fmt.Sprintf("concept_id is %.40q, which the bank does not have", one.ConceptID)
	case concept.InstitutionID != "" && concept.InstitutionID != one.InstitutionID:
		return fmt.Sprintf("concept %s belongs to institution %s, and this item does not", one.ConceptID, concept.InstitutionID)
	case one.Key != "" && !one.HasOption(one.Key):
		return "key is none of the options"
	}
	keys := map[string]bool{}
	for _, option := range one.Options {
		if option.Key == "" || keys[option.Key] {
			return "options have an empty key, or one that comes twice"
		}
		keys[option.Key] = true
	}
	return i.twice("item_id", one.ID)
}

// twice refuses an id that an earlier row of the file has.
func (i *Import) twice(column, id string) string {
	if i.seen[id] {
		return fmt.Sprintf("%s %s comes twice", column, id)
	}
	i.seen[id] = true
	return ""
}

func faultyID(column, id string) string {
	return fmt.Sprintf("%s is %.40q: an id is %s", column, id, core.IDForm)
}

// Apply writes the rows in steps, and calls done after each with how many of them are on disk.
func (i *Import) Apply(ctx context.Context, rows Rows, done func(rows int)) error {
	written := 0
	for len(rows.Concepts)+len(rows.Prerequisites)+len(rows.Items) > 0 {
		var step Rows
		step.Concepts, rows.Concepts = cut(rows.Concepts)
		step.Prerequisites, rows.Prerequisites = cut(rows.Prerequisites)
		step.Items, rows.Items = cut(rows.Items)
		if err := i.writer.Put(ctx, step); err != nil {
			return err
		}
		written += len(step.Concepts) + len(step.Prerequisites) + len(step.Items)
		done(written)
	}
	return nil
}

func cut[T any](rows []T) (step, rest []T) {
	n := min(len(rows), importStep)
	return rows[:n], rows[n:]
}
