package sqlitedb

import (
	"context"
	"math"
	"strings"

	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/practice"
	"github.com/journey-os/journey-api/ports"
)

var (
	_ ports.Catalogue  = (*Store)(nil)
	_ ports.BankWriter = (*Store)(nil)
	_ ports.BankReader = (*Store)(nil)
)

// Concepts lists the concepts of a scope.
func (s *Store) Concepts(ctx context.Context, scope bank.Scope, page bank.Page) (concepts []bank.Concept, total int, err error) {
	id, everywhere := scope.Institution()
	err = s.inSnapshot(ctx, func(on *statements) error {
		if err := on.row(ctx, countConcepts, []any{id, everywhere}, &total); err != nil {
			return err
		}
		concepts, err = listOfConcepts(ctx, on, id, everywhere, page.Limit, page.Offset)
		return err
	})
	return concepts, total, mapError(err)
}

func listOfConcepts(ctx context.Context, on *statements, values ...any) (concepts []bank.Concept, err error) {
	err = on.each(ctx, listConcepts, values, func(from scanner) error {
		var (
			one           bank.Concept
			prerequisites string
		)
		err := from.Scan(&one.ID, &one.Name, &one.Weight, &one.InstitutionID, &prerequisites)
		one.Prerequisites = strings.Fields(prerequisites)
		concepts = append(concepts, one)
		return err
	})
	return concepts, err
}

// Items lists the items of a scope.
func (s *Store) Items(ctx context.Context, scope bank.Scope, filter bank.ItemFilter) (items []bank.Item, total int, err error) {
	id, everywhere := scope.Institution()
	err = s.inSnapshot(ctx, func(on *statements) error {
		if err := on.row(ctx, countItems, []any{id, everywhere, filter.ConceptID}, &total); err != nil {
			return err
		}
		items, err = listOfItems(ctx, on, id, everywhere, filter.ConceptID, filter.Limit, filter.Offset)
		return err
	})
	return items, total, mapError(err)
}

func listOfItems(ctx context.Context, on *statements, values ...any) (items []bank.Item, err error) {
	err = on.each(ctx, listItems, values, func(from scanner) error {
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
	return items, err
}

// BankVersion counts the changes of the bank.
func (s *Store) BankVersion(ctx context.Context) (version int64, err error) {
	err = s.read.row(ctx, findBankVersion, nil, &version)
	return version, mapError(err)
}

// Bank returns the whole bank.
func (s *Store) Bank(ctx context.Context) (all practice.Bank, err error) {
	all.Initial = map[string]float64{}
	err = s.inSnapshot(ctx, func(on *statements) error {
		if err := on.row(ctx, findBankVersion, nil, &all.Version); err != nil {
			return err
		}
		err := on.each(ctx, listInitial, nil, func(from scanner) error {
			var (
				concept string
				l0      float64
			)
			err := from.Scan(&concept, &l0)
			all.Initial[concept] = l0
			return err
		})
		if err != nil {
			return err
		}
		if all.Concepts, err = listOfConcepts(ctx, on, "", true, math.MaxInt32, 0); err != nil {
			return err
		}
		all.Items, err = listOfItems(ctx, on, "", true, "", math.MaxInt32, 0)
		return err
	})
	return all, mapError(err)
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
		return on.exec(ctx, raiseBankVersion)
	}))
}
