package practice

import (
	"context"
	"slices"

	"github.com/journey-os/journey-api/core/adaptive"
)

// Explained is a pick that was computed again.
type Explained struct {
	// Given is the item as it was given.
	Given GivenItem
	// Again is the pick computed again from the saved inputs, and Explanation is how it came about.
	Again       adaptive.Pick
	Explanation adaptive.Explanation
	// BankChanged reports whether the bank or the parameters in force have changed since. Again may then differ from
	// Given.
	BankChanged bool
}

// Explain computes the pick of a session's position again. It is for operators: it checks no access rule. Errors:
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
	at := slices.IndexFunc(items, func(g GivenItem) bool { return g.Position == position })
	if at < 0 {
		return Explained{}, ErrSessionNotFound
	}
	given := items[at]
	lately, err := s.stores.Reader.GivenBefore(ctx, held.Record, sessionID, position, given.Inputs.Settings.ItemWindow)
	if err != nil {
		return Explained{}, err
	}
	on, err := s.bank.get(ctx)
	if err != nil {
		return Explained{}, err
	}
	from, err := on.of(held.Record.InstitutionID)
	if err != nil {
		return Explained{}, err
	}
	return from.again(held.Session, given, lately)
}

// again computes a pick again.
func (a *institutionBank) again(session Session, given GivenItem, lately []RecentItem) (Explained, error) {
	explained := Explained{Given: given, BankChanged: given.Inputs.BankFingerprint != a.print}
	graph := a.graph
	if given.Graph != GraphDatabase {
		graph = adaptive.NewGraph(a.bank, given.Inputs.Edges)
	}
	c := choice{from: a, session: &session, past: StudentHistory{Mastery: given.Inputs.Mastery, RecentItems: lately}}
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
