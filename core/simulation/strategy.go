package simulation

import (
	"fmt"

	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/core/irt"
)

// Strategy is a way to choose the next item.
type Strategy string

// The strategies. Each leaves out the items given last, as the pick does.
const (
	// ThePick is core/adaptive with its settings: weak concepts, foundations first, variety, information.
	ThePick Strategy = "the pick"
	// Random draws an item of the scope.
	Random Strategy = "random"
	// WeakestFirst takes the weakest concept's item of most information, without graph and without variety.
	WeakestFirst Strategy = "weakest first"
	// InformationAlone takes the item of most information, whatever its concept.
	InformationAlone Strategy = "information alone"
)

// Strategies lists every strategy, the pick first.
func Strategies() []Strategy { return []Strategy{ThePick, Random, WeakestFirst, InformationAlone} }

// everything is the one concept of the bank in which information alone chooses.
const everything = "everything"

// chooser makes the requests of a strategy.
type chooser struct {
	strategy Strategy
	settings adaptive.Settings
	bank     *adaptive.Bank
	graph    *adaptive.Graph // nil for none
	scope    []string
}

func newChooser(strategy Strategy, bank Bank, settings adaptive.Settings) (chooser, error) {
	c := chooser{strategy: strategy, settings: settings}
	concepts, items := bank.Concepts, bank.Items
	switch strategy {
	case WeakestFirst:
		c.settings.ConceptWindow = 0
	case InformationAlone:
		concepts, items = []adaptive.Concept{{ID: everything, Weight: 1}}, make([]adaptive.Item, len(bank.Items))
		for i, item := range bank.Items {
			item.Concept = everything
			items[i] = item
		}
		c.settings.ConceptWindow = 0
	}
	for _, concept := range concepts {
		c.scope = append(c.scope, concept.ID)
	}
	built, err := adaptive.NewBank(concepts, items)
	if err != nil {
		return chooser{}, err
	}
	c.bank = built
	if strategy == ThePick {
		c.graph = adaptive.NewGraph(built, bank.Edges)
	}
	return c, nil
}

// newRequest starts a session.
func (c chooser) newRequest(student int) (*adaptive.Request, error) {
	request, err := c.bank.NewRequest(c.scope)
	if err != nil {
		return nil, err
	}
	if c.strategy == Random {
		for _, concept := range c.scope {
			request.SetMastery(concept, 1) // nothing to practise: the item is drawn from the scope
		}
	}
	request.Session = fmt.Sprintf("simulation-%d", student)
	return request, nil
}

// knows sets in the request what the strategy uses.
func (c chooser) knows(request *adaptive.Request, concept string, mastery float64, posterior *irt.Posterior) {
	if c.strategy == ThePick || c.strategy == WeakestFirst {
		request.SetMastery(concept, mastery)
	}
	request.Theta, request.Posterior = posterior.Ability().Theta, posterior
}
