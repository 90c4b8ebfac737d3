package practice

import (
	"errors"
	"slices"
	"time"

	"github.com/journey-os/journey-api/core/adaptive"
)

// choice is the data from which the next item of a session is chosen.
type choice struct {
	from     *institutionBank
	session  *Session
	past     StudentHistory
	estimate Estimate
	// learned is nil for the prerequisites of the bank.
	learned *learned
}

// links are the prerequisites that a pick follows.
type links struct {
	graph  *adaptive.Graph
	source GraphSource
	edges  []adaptive.Edge
}

// pick chooses the item of a position. The error is ErrPoolExhausted if none is left.
func (s *Service) pick(c choice, position int, now time.Time) (*GivenItem, error) {
	request, err := c.request()
	if err != nil {
		return nil, err
	}
	request.Session, request.Position = c.session.ID, position
	settings := s.config.Settings
	links := c.from.links()
	if c.learned != nil {
		links = c.learned.links(c.from.bank, request.Considered(settings))
	}
	picked, err := request.Pick(settings, links.graph)
	if errors.Is(err, adaptive.ErrPoolExhausted) {
		return nil, ErrPoolExhausted
	}
	if err != nil {
		return nil, err
	}
	given := &GivenItem{
		SessionID: c.session.ID, StudentID: c.session.StudentID, Position: position,
		Pick: picked, Ability: c.estimate.Ability, Graph: links.source, At: now,
		Inputs: PickInputs{Settings: settings, Mastery: map[string]float64{}, Edges: links.edges, BankFingerprint: c.from.print},
	}
	if settings.Criterion != adaptive.CriterionInformation {
		given.Inputs.Posterior = &c.estimate.Posterior
	}
	for _, concept := range request.RelevantConcepts(settings, links.graph) {
		if p := request.Mastery(concept); p != c.from.initial[concept] {
			given.Inputs.Mastery[concept] = p
		}
	}
	return given, nil
}

// request returns the request for adaptive. Concepts that the student's institution no longer sees are left out.
func (c choice) request() (*adaptive.Request, error) {
	scope := slices.DeleteFunc(slices.Clone(c.session.Scope), func(concept string) bool {
		_, known := c.from.initial[concept]
		return !known
	})
	request, err := c.from.bank.NewRequest(scope)
	if errors.Is(err, adaptive.ErrEmptyScope) {
		return nil, ErrPoolExhausted
	}
	if err != nil {
		return nil, err
	}
	for concept, p := range c.past.Mastery {
		request.SetMastery(concept, p)
	}
	request.Theta, request.Posterior = c.estimate.Theta, &c.estimate.Posterior
	for _, one := range slices.Backward(c.past.RecentItems) {
		request.Given = append(request.Given, one.ItemID)
		if one.SessionID == c.session.ID {
			request.Practised = append(request.Practised, one.ConceptID)
		}
	}
	return request, nil
}

// masteryOf returns the mastery of each concept in a scope.
func (c choice) masteryOf(scope []string) map[string]float64 {
	known := make(map[string]float64, len(scope))
	for _, concept := range scope {
		p, isPractised := c.past.Mastery[concept]
		if !isPractised {
			p = c.from.initial[concept]
		}
		known[concept] = p
	}
	return known
}
