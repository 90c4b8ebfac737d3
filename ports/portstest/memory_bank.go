package portstest

import (
	"cmp"
	"context"
	"slices"

	"github.com/journey-os/journey-api/core/bank"
)

// Concepts lists the concepts of a scope.
func (m *Memory) Concepts(ctx context.Context, scope bank.Scope, page bank.Page) ([]bank.Concept, int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var concepts []bank.Concept
	for _, one := range m.concepts {
		if !scope.Sees(one.InstitutionID) {
			continue
		}
		one.Prerequisites = nil
		for edge := range m.prerequisites {
			if needed, ok := m.concepts[edge.PrerequisiteID]; ok && edge.ConceptID == one.ID && scope.Sees(needed.InstitutionID) {
				one.Prerequisites = append(one.Prerequisites, edge.PrerequisiteID)
			}
		}
		slices.Sort(one.Prerequisites)
		concepts = append(concepts, one)
	}
	slices.SortFunc(concepts, func(a, b bank.Concept) int { return cmp.Compare(a.ID, b.ID) })
	return part(concepts, page), len(concepts), ctx.Err()
}

// Items lists the items of a scope.
func (m *Memory) Items(ctx context.Context, scope bank.Scope, filter bank.ItemFilter) ([]bank.Item, int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var items []bank.Item
	for _, one := range m.items {
		if scope.Sees(one.InstitutionID) && (filter.ConceptID == "" || one.ConceptID == filter.ConceptID) {
			items = append(items, one)
		}
	}
	slices.SortFunc(items, func(a, b bank.Item) int { return cmp.Compare(a.ID, b.ID) })
	return part(items, filter.Page), len(items), ctx.Err()
}

// Put writes rows of the bank.
func (m *Memory) Put(ctx context.Context, rows bank.Rows) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, one := range rows.Concepts {
		m.concepts[one.ID] = one
	}
	for _, one := range rows.Prerequisites {
		m.prerequisites[one] = true
	}
	for _, one := range rows.Items {
		m.items[one.ID] = one
	}
	return nil
}

func part[T any](all []T, page bank.Page) []T {
	from := min(page.Offset, len(all))
	return slices.Clone(all[from:min(from+page.Limit, len(all))])
}
