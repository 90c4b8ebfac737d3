package bank

import "context"

// Page bounds a list: at most Limit entries after the first Offset.
type Page struct {
	Limit  int
	Offset int
}

// ItemFilter selects items.
type ItemFilter struct {
	// ConceptID is empty for the items of every concept.
	ConceptID string
	Page
}

// Catalogue reads the bank. Its lists have what is shared and what belongs to the scope's institution, sorted by id.
// total counts all of them, not the page. The list of a concept without items, or of an unknown one, is empty. Errors
// are CodeUnavailable if the store cannot be reached, else internal. It may be called by many goroutines at once and
// ends with ctx.
type Catalogue interface {
	Concepts(ctx context.Context, scope Scope, page Page) (concepts []Concept, total int, err error)
	Items(ctx context.Context, scope Scope, filter ItemFilter) (items []Item, total int, err error)
}

// Rows are parts of the bank.
type Rows struct {
	Concepts      []Concept
	Prerequisites []Prerequisite
	Items         []Item
}

// Writer changes the bank. Put adds the rows, or replaces those with the same ids, in one transaction. It ignores a
// concept's Prerequisites field; Rows.Prerequisites counts. When nil is returned the rows are on disk. Errors are those
// of Catalogue. It may be called by many goroutines at once and ends with ctx.
type Writer interface {
	Put(ctx context.Context, rows Rows) error
}
