package practice

import (
	"context"
	"slices"

	"github.com/journey-os/journey-api/core/adaptive"
)

// Explained is a pick that was made again.
type Explained struct {
	// Given is the item as it was given.
	Given Given
	// Again is the pick made again of what was kept, and Explanation how it came about.
	Again       adaptive.Pick
	Explanation adaptive.Explanation
	// BankChanged reports whether the bank, or what is in force of its parameters, is another than it was: then Again may
	// differ from Given.
	BankChanged bool
}

// Explain makes the pick of a session's position again. It is for operators: it asks for nobody's permission. Errors:
// CodeSessionNotFound, also for a position that has no item yet; adaptive.ErrPoolExhausted if the bank changed so that
// nothing could be picked; those of Reader.
func (s *Service) Explain(ctx context.Context, sessionID string, position int) (Explained, error) {
	held, err := s.stores.Reader.Session(ctx, sessionID)
	if err != nil {
		return Explained{}, err
	}
	if held == nil {
		return Explained{}, ErrSessionNotFound
	}
	items, err := s.stores.Reader.SessionItems(ctx, held.Record, sessionID)
	if err != nil {
		return Explained{}, err
	}
	at := slices.IndexFunc(items, func(g Given) bool { return g.Position == position })
	if at < 0 {
		return Explained{}, ErrSessionNotFound
	}
	given := items[at]
	lately, err := s.stores.Reader.GivenBefore(ctx, held.Record, sessionID, position, given.Inputs.Settings.ItemWindow)
	if err != nil {
		return Explained{}, err
	}
	on, err := s.shelf.take(ctx)
	if err != nil {
		return Explained{}, err
	}
	from, err := on.of(held.Record.InstitutionID)
	if err != nil {
		return Explained{}, err
	}
	return from.again(held.Session, given, lately)
}

// again makes a pick again.
func (a *aisle) again(session Session, given Given, lately []Lately) (Explained, error) {
	explained := Explained{Given: given, BankChanged: given.Inputs.Print != a.print}
	graph := a.graph
	if given.Graph != GraphDatabase {
		graph = adaptive.NewGraph(a.bank, given.Inputs.Edges)
	}
	c := choice{from: a, session: &session, past: Past{Mastery: given.Inputs.Mastery, Lately: lately}}
	c.estimate.Ability = given.Ability
	request, err := c.request()
	if err != nil {
		return explained, err
	}
	request.Posterior = given.Inputs.Posterior
	request.Session, request.Position = session.ID, given.Position
	explained.Again, explained.Explanation, err = request.Explain(given.Inputs.Settings, graph)
	return explained, err
}
