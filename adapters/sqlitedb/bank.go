package sqlitedb

import (
	"context"
	"strings"

	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/ports"
)

var (
	_ ports.Catalogue  = (*Store)(nil)
	_ ports.BankWriter = (*Store)(nil)
)

// Concepts lists the concepts of a scope.
func (s *Store) Concepts(ctx context.Context, scope bank.Scope, page bank.Page) (concepts []bank.Concept, total int, err error) {
	id, everywhere := scope.Institution()
	err = s.atOneMoment(ctx, func(on *statements) error {
		if err := on.row(ctx, countConcepts, []any{id, everywhere}, &total); err != nil {
			return err
		}
		return on.each(ctx, listConcepts, []any{id, everywhere, page.Limit, page.Offset}, func(from scanner) error {
			var (
				one           bank.Concept
				prerequisites string
			)
			err := from.Scan(&one.ID, &one.Name, &one.Weight, &one.InstitutionID, &prerequisites)
			one.Prerequisites = strings.Fields(prerequisites)
			concepts = append(concepts, one)
			return err
		})
	})
	return concepts, total, mapError(err)
}

// Items lists the items of a scope.
func (s *Store) Items(ctx context.Context, scope bank.Scope, filter bank.ItemFilter) (items []bank.Item, total int, err error) {
	id, everywhere := scope.Institution()
	err = s.atOneMoment(ctx, func(on *statements) error {
		if err := on.row(ctx, countItems, []any{id, everywhere, filter.ConceptID}, &total); err != nil {
			return err
		}
		values := []any{id, everywhere, filter.ConceptID, filter.Limit, filter.Offset}
		return on.each(ctx, listItems, values, func(from scanner) error {
			var (
				one     bank.Item
				options string
			)
			err := from.Scan(&one.ID, &one.ConceptID, &one.Key, &one.Stem, &options, &one.Explanation, &one.Retired, &one.InstitutionID)
			if err != nil {
				return err
			}
			one.Options, err = readOptions(options)
			items = append(items, one)
			return err
		})
	})
	return items, total, mapError(err)
}

// Put writes rows of the bank.
func (s *Store) Put(ctx context.Context, rows bank.Rows) error {
	return mapError(s.writer.do(ctx, func(on *statements) error {
		ctx := context.Background()
		for _, one := range rows.Concepts {
			if err := on.exec(ctx, putConcept, one.ID, one.Name, one.Weight, one.InstitutionID); err != nil {
				return err
			}
		}
		for _, one := range rows.Prerequisites {
			if err := on.exec(ctx, putPrerequisite, one.ConceptID, one.PrerequisiteID); err != nil {
				return err
			}
		}
		for _, one := range rows.Items {
			options, err := writeOptions(one.Options)
			if err == nil {
				err = on.exec(ctx, putItem, one.ID, one.ConceptID, one.Key, one.Stem, options, one.Explanation, one.Retired, one.InstitutionID)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}))
}
