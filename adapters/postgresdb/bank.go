package postgresdb

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

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
	err = s.atOneMoment(ctx, func(batch *pgx.Batch) {
		concepts = nil
		batch.Queue(s.text(countConcepts), id, everywhere).QueryRow(func(row pgx.Row) error { return row.Scan(&total) })
		batch.Queue(s.text(listConcepts), id, everywhere, page.Limit, page.Offset).Query(func(rows pgx.Rows) error {
			return scanEach(rows, func(row pgx.Row) error {
				var (
					one           bank.Concept
					prerequisites string
				)
				err := row.Scan(&one.ID, &one.Name, &one.Weight, &one.InstitutionID, &prerequisites)
				one.Prerequisites = strings.Fields(prerequisites)
				concepts = append(concepts, one)
				return err
			})
		})
	})
	return concepts, total, err
}

// Items lists the items of a scope.
func (s *Store) Items(ctx context.Context, scope bank.Scope, filter bank.ItemFilter) (items []bank.Item, total int, err error) {
	id, everywhere := scope.Institution()
	err = s.atOneMoment(ctx, func(batch *pgx.Batch) {
		items = nil
		batch.Queue(s.text(countItems), id, everywhere, filter.ConceptID).QueryRow(func(row pgx.Row) error { return row.Scan(&total) })
		batch.Queue(s.text(listItems), id, everywhere, filter.ConceptID, filter.Limit, filter.Offset).Query(func(rows pgx.Rows) error {
			return scanEach(rows, func(row pgx.Row) error {
				one, err := scanItem(row)
				items = append(items, one)
				return err
			})
		})
	})
	return items, total, err
}

func scanItem(row pgx.Row) (one bank.Item, err error) {
	var options string
	err = row.Scan(&one.ID, &one.ConceptID, &one.Key, &one.Stem, &options, &one.Explanation, &one.Retired, &one.InstitutionID)
	if err == nil {
		one.Options, err = readOptions(options)
	}
	return one, err
}

// Put writes rows of the bank.
func (s *Store) Put(ctx context.Context, rows bank.Rows) error {
	return s.transact(ctx, func(t *transaction) error {
		for _, one := range rows.Concepts {
			t.queue(putConcept, one.ID, one.Name, one.Weight, one.InstitutionID)
		}
		for _, one := range rows.Prerequisites {
			t.queue(putPrerequisite, one.ConceptID, one.PrerequisiteID)
		}
		for _, one := range rows.Items {
			options, err := writeOptions(one.Options)
			if err != nil {
				return err
			}
			t.queue(putItem, one.ID, one.ConceptID, one.Key, one.Stem, options, one.Explanation, one.Retired, one.InstitutionID)
		}
		return t.commit()
	})
}
