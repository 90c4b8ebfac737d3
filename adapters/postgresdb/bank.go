package postgresdb

import (
	"context"
	"math"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

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
	err = s.inSnapshot(ctx, func(batch *pgx.Batch) {
		batch.Queue(s.text(countConcepts), id, everywhere).QueryRow(func(row pgx.Row) error { return row.Scan(&total) })
		batch.Queue(s.text(listConcepts), id, everywhere, page.Limit, page.Offset).Query(func(rows pgx.Rows) (err error) {
			concepts, err = scanConcepts(rows)
			return err
		})
	})
	return concepts, total, err
}

// Items lists the items of a scope.
func (s *Store) Items(ctx context.Context, scope bank.Scope, filter bank.ItemFilter) (items []bank.Item, total int, err error) {
	id, everywhere := scope.Institution()
	err = s.inSnapshot(ctx, func(batch *pgx.Batch) {
		batch.Queue(s.text(countItems), id, everywhere, filter.ConceptID).QueryRow(func(row pgx.Row) error { return row.Scan(&total) })
		batch.Queue(s.text(listItems), id, everywhere, filter.ConceptID, filter.Limit, filter.Offset).Query(func(rows pgx.Rows) (err error) {
			items, err = scanItems(rows)
			return err
		})
	})
	return items, total, err
}

func scanConcepts(rows pgx.Rows) (concepts []bank.Concept, err error) {
	err = scanEach(rows, func(row pgx.Row) error {
		var (
			one           bank.Concept
			prerequisites string
		)
		err := row.Scan(&one.ID, &one.Name, &one.Weight, &one.InstitutionID, &prerequisites)
		one.Prerequisites = strings.Fields(prerequisites)
		concepts = append(concepts, one)
		return err
	})
	return concepts, err
}

func scanItems(rows pgx.Rows) (items []bank.Item, err error) {
	err = scanEach(rows, func(row pgx.Row) error {
		one, err := scanItem(row)
		items = append(items, one)
		return err
	})
	return items, err
}

func scanItem(row pgx.Row) (one bank.Item, err error) {
	var options string
	err = row.Scan(&one.ID, &one.ConceptID, &one.Key, &one.Stem, &options, &one.Explanation, &one.Retired, &one.InstitutionID)
	if err == nil {
		one.Options, err = readOptions(options)
	}
	return one, err
}

// BankVersion counts the changes of the bank.
func (s *Store) BankVersion(ctx context.Context) (version int64, err error) {
	err = s.read(ctx, func(pool *pgxpool.Pool) error { return pool.QueryRow(ctx, s.text(findBankVersion)).Scan(&version) })
	return version, err
}

// Bank returns the whole bank.
func (s *Store) Bank(ctx context.Context) (all practice.Bank, err error) {
	err = s.inSnapshot(ctx, func(batch *pgx.Batch) {
		all = practice.Bank{Initial: map[string]float64{}}
		batch.Queue(s.text(findBankVersion)).QueryRow(func(row pgx.Row) error { return row.Scan(&all.Version) })
		batch.Queue(s.text(listInitial)).Query(func(rows pgx.Rows) error {
			return scanEach(rows, func(row pgx.Row) error {
				var (
					concept string
					l0      float64
				)
				err := row.Scan(&concept, &l0)
				all.Initial[concept] = l0
				return err
			})
		})
		batch.Queue(s.text(listConcepts), "", true, math.MaxInt32, 0).Query(func(rows pgx.Rows) (err error) {
			all.Concepts, err = scanConcepts(rows)
			return err
		})
		batch.Queue(s.text(listItems), "", true, "", math.MaxInt32, 0).Query(func(rows pgx.Rows) (err error) {
			all.Items, err = scanItems(rows)
			return err
		})
	})
	return all, err
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
		t.queue(raiseBankVersion)
		return t.commit()
	})
}
