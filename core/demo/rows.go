package demo

import (
	"context"
	"fmt"
	"slices"

	"github.com/journey-os/journey-api/core/bank"
)

// Rows returns the demo bank as a store keeps it, shared by all institutions.
func (b Bank) Rows() bank.Rows {
	var rows bank.Rows
	for _, one := range b.Concepts {
		rows.Concepts = append(rows.Concepts, bank.Concept{ID: one.ID, Name: one.Name, Weight: one.Weight})
	}
	for _, one := range b.Prerequisites {
		rows.Prerequisites = append(rows.Prerequisites, bank.Prerequisite(one))
	}
	for _, one := range b.Items {
		options := make([]bank.Option, len(one.Options))
		for i, option := range one.Options {
			options[i] = bank.Option{Key: option.Key, Text: option.Text}
		}
		rows.Items = append(rows.Items, bank.Item{
			ID: one.ID, ConceptID: one.ConceptID, Key: one.Key, Stem: one.Stem, Options: options, Explanation: one.Explanation,
		})
	}
	return rows
}

// pageSize is how many rows of a bank are read at once.
const pageSize = 1000

// Missing returns the rows of the demo bank that the catalogue does not have. Existing rows stay as they are. Its error
// is the catalogue's, or names an item of the bank that has the id of a demo item and another concept.
func (b Bank) Missing(ctx context.Context, catalogue bank.Catalogue) (bank.Rows, error) {
	concepts, edges, err := conceptsIn(ctx, catalogue)
	if err != nil {
		return bank.Rows{}, err
	}
	conceptOf, err := itemsIn(ctx, catalogue)
	if err != nil {
		return bank.Rows{}, err
	}
	rows := b.Rows()
	for _, one := range rows.Items {
		if other, isThere := conceptOf[one.ID]; isThere && other != one.ConceptID {
			return bank.Rows{}, fmt.Errorf("the bank has an item %s of the concept %s, which is no item of the demo bank", one.ID, other)
		}
	}
	return bank.Rows{
		Concepts:      slices.DeleteFunc(rows.Concepts, func(one bank.Concept) bool { return concepts[one.ID] }),
		Prerequisites: slices.DeleteFunc(rows.Prerequisites, func(one bank.Prerequisite) bool { return edges[one] }),
		Items: slices.DeleteFunc(rows.Items, func(one bank.Item) bool {
			_, isThere := conceptOf[one.ID]
			return isThere
		}),
	}, nil
}

// conceptsIn lists the ids of all concepts, and their prerequisites.
func conceptsIn(ctx context.Context, catalogue bank.Catalogue) (ids map[string]bool, edges map[bank.Prerequisite]bool, err error) {
	ids, edges = map[string]bool{}, map[bank.Prerequisite]bool{}
	for page := (bank.Page{Limit: pageSize}); ; page.Offset += pageSize {
		concepts, total, err := catalogue.Concepts(ctx, bank.Everywhere(), page)
		if err != nil {
			return nil, nil, err
		}
		for _, one := range concepts {
			ids[one.ID] = true
			for _, prerequisite := range one.Prerequisites {
				edges[bank.Prerequisite{PrerequisiteID: prerequisite, ConceptID: one.ID}] = true
			}
		}
		if page.Offset+pageSize >= total {
			return ids, edges, nil
		}
	}
}

// itemsIn lists the concept of each item.
func itemsIn(ctx context.Context, catalogue bank.Catalogue) (map[string]string, error) {
	conceptOf := map[string]string{}
	for page := (bank.Page{Limit: pageSize}); ; page.Offset += pageSize {
		items, total, err := catalogue.Items(ctx, bank.Everywhere(), bank.ItemFilter{Page: page})
		if err != nil {
			return nil, err
		}
		for _, one := range items {
			conceptOf[one.ID] = one.ConceptID
		}
		if page.Offset+pageSize >= total {
			return conceptOf, nil
		}
	}
}
