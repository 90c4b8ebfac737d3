package datafile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/journey-os/journey-api/core/adaptive"
)

// Picks are what-if questions about the next item: a bank, its graph, and cases.
type Picks struct {
	Bank     *adaptive.Bank
	Graph    *adaptive.Graph
	Settings adaptive.Settings
	Cases    []PickCase
}

// PickCase is one question. Its history is that of the student, and that of the session too.
type PickCase struct {
	ID      string             `json:"id"`
	Scope   []string           `json:"scope"`
	Mastery map[string]float64 `json:"mastery"`
	Theta   float64            `json:"theta"`
	History []string           `json:"history"`
}

// Request returns what the case asks. The error is the one of adaptive.Bank.NewRequest.
func (c PickCase) Request(bank *adaptive.Bank) (*adaptive.Request, error) {
	request, err := bank.NewRequest(c.Scope)
	if err != nil {
		return nil, err
	}
	for concept, mastery := range c.Mastery {
		request.SetMastery(concept, mastery)
	}
	request.Theta, request.Given = c.Theta, c.History
	request.Session, request.Position = c.ID, len(c.History)+1
	for _, id := range c.History {
		item, _ := bank.Item(id) // one that the bank does not have any more keeps its place
		request.Practised = append(request.Practised, item.Concept)
	}
	return request, nil
}

type casesDocument struct {
	Settings struct {
		Ready          *float64 `json:"ready"`
		Considered     *int     `json:"k"`
		Hops           *int     `json:"hops"`
		ConceptWindow  *int     `json:"concept_window"`
		ItemWindow     *int     `json:"item_window"`
		DefaultMastery *float64 `json:"default_mastery"`
	} `json:"settings"`
	Cases []PickCase `json:"cases"`
}

// ReadPicks reads the three files: the bank and the graph as ReadBank does, and the cases (id, scope, mastery by concept,
// theta, history of items), perhaps with settings.
func ReadPicks(bank, graph, cases *File) (Picks, error) {
	concepts, items, edges, err := ReadBank(bank, graph)
	if err != nil {
		return Picks{}, err
	}
	var read casesDocument
	if err := readDocument(cases, &read); err != nil {
		return Picks{}, err
	}
	if err := read.check(cases, concepts); err != nil {
		return Picks{}, err
	}
	for i := range concepts {
		concepts[i].L0 = read.defaultMastery()
	}
	built, err := adaptive.NewBank(concepts, items)
	if err != nil {
		return Picks{}, fmt.Errorf("%s: %w", bank.Name(), err)
	}
	return Picks{
		Bank: built, Graph: adaptive.NewGraph(built, edges), Settings: read.settings(), Cases: read.Cases,
	}, nil
}

func (d *casesDocument) settings() adaptive.Settings {
	settings := adaptive.DefaultSettings()
	for _, setting := range []struct{ from, to *int }{
		{d.Settings.Considered, &settings.Considered}, {d.Settings.Hops, &settings.Hops},
		{d.Settings.ConceptWindow, &settings.ConceptWindow}, {d.Settings.ItemWindow, &settings.ItemWindow},
	} {
		if setting.from != nil {
			*setting.to = *setting.from
		}
	}
	if d.Settings.Ready != nil {
		settings.Ready = *d.Settings.Ready
	}
	return settings
}

// defaultMastery is that of a concept without an answer.
func (d *casesDocument) defaultMastery() float64 { return *cmp.Or(d.Settings.DefaultMastery, new(.10)) }

// check finds cases that no bank can answer. An unknown concept in a scope is a result, not a fault.
func (d *casesDocument) check(file *File, concepts []adaptive.Concept) error {
	isKnown := func(id string) bool {
		return slices.ContainsFunc(concepts, func(c adaptive.Concept) bool { return c.ID == id })
	}
	faults := &Faults{Name: file.Name()}
	if err := d.settings().Validate(); err != nil {
		faults.add(0, "/settings: "+err.Error())
	}
	if initial := d.defaultMastery(); !(initial >= 0 && initial <= 1) {
		faults.add(0, fmt.Sprintf("/settings/default_mastery: it is %v: it must be from 0 to 1", initial))
	}
	for i, asked := range d.Cases {
		for _, concept := range slices.Sorted(maps.Keys(asked.Mastery)) {
			mastery := asked.Mastery[concept]
			switch {
			case !isKnown(concept):
				faults.add(0, fmt.Sprintf("/cases/%d/mastery: %.40q is none of the nodes", i, concept))
			case !(mastery >= 0 && mastery <= 1):
				faults.add(0, fmt.Sprintf("/cases/%d/mastery/%.40s: it is %v: it must be from 0 to 1", i, concept, mastery))
			}
		}
	}
	if len(d.Cases) == 0 {
		faults.add(0, "/cases: there is no case")
	}
	return faults.error()
}
