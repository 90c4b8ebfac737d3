package datafile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/core/irt"
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

type bankDocument struct {
	Items []struct {
		ID      string   `json:"item_id"`
		Concept string   `json:"concept_id"`
		A       *float64 `json:"a"`
		B       *float64 `json:"b"`
		C       *float64 `json:"c"`
	} `json:"items"`
}

type graphDocument struct {
	Nodes []string `json:"nodes"`
	Edges []struct {
		Prerequisite string `json:"prerequisite"`
		Target       string `json:"target"`
	} `json:"edges"`
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

// ReadPicks reads the three files, JSON objects each: the bank with its items (item_id, concept_id, and a, b, c if it is
// calibrated), the graph with its nodes and edges (prerequisite, target), and the cases (id, scope, mastery by concept,
// theta, history of items), perhaps with settings. Concepts are the nodes of the graph.
func ReadPicks(bank, graph, cases *File) (Picks, error) {
	var bankRead bankDocument
	var graphRead graphDocument
	var casesRead casesDocument
	for _, reading := range []struct {
		file *File
		into any
	}{{bank, &bankRead}, {graph, &graphRead}, {cases, &casesRead}} {
		if err := readDocument(reading.file, reading.into); err != nil {
			return Picks{}, err
		}
	}
	if err := graphRead.check(graph); err != nil {
		return Picks{}, err
	}
	if err := casesRead.check(cases, graphRead.Nodes); err != nil {
		return Picks{}, err
	}
	built, err := bankRead.build(bank, graphRead.Nodes, casesRead.defaultMastery())
	if err != nil {
		return Picks{}, err
	}
	return Picks{
		Bank: built, Graph: graphRead.build(built), Settings: casesRead.settings(), Cases: casesRead.Cases,
	}, nil
}

func (d *bankDocument) build(file *File, nodes []string, initial float64) (*adaptive.Bank, error) {
	concepts := make([]adaptive.Concept, len(nodes))
	for i, id := range nodes {
		concepts[i] = adaptive.Concept{ID: id, Weight: 1, L0: initial}
	}
	faults := &Faults{Name: file.Name()}
	items := make([]adaptive.Item, len(d.Items))
	for i, item := range d.Items {
		items[i] = adaptive.Item{ID: item.ID, Concept: item.Concept, Params: adaptive.Uncalibrated()}
		switch {
		case item.ID == "":
			faults.add(0, fmt.Sprintf("/items/%d: item_id is missing", i))
		case item.Concept == "":
			faults.add(0, fmt.Sprintf("/items/%d: concept_id is missing", i))
		case item.A != nil && item.B != nil && item.C != nil:
			items[i].Params, items[i].Calibrated = irt.Params{A: *item.A, B: *item.B, C: *item.C}, true
		case item.A != nil || item.B != nil || item.C != nil:
			faults.add(0, fmt.Sprintf("/items/%d: it has some of a, b and c: it must have all or none", i))
		}
	}
	if len(d.Items) == 0 {
		faults.add(0, "/items: there is no item")
	}
	if err := faults.error(); err != nil {
		return nil, err
	}
	built, err := adaptive.NewBank(concepts, items)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file.Name(), err)
	}
	return built, nil
}

func (d *graphDocument) check(file *File) error {
	known := map[string]bool{}
	faults := &Faults{Name: file.Name()}
	for i, id := range d.Nodes {
		switch {
		case id == "":
			faults.add(0, fmt.Sprintf("/nodes/%d: it is empty", i))
		case known[id]:
			faults.add(0, fmt.Sprintf("/nodes/%d: %.40q comes twice", i, id))
		}
		known[id] = true
	}
	for i, edge := range d.Edges {
		for _, end := range []struct{ name, id string }{{"prerequisite", edge.Prerequisite}, {"target", edge.Target}} {
			if !known[end.id] {
				faults.add(0, fmt.Sprintf("/edges/%d/%s: %.40q is none of the nodes", i, end.name, end.id))
			}
		}
	}
	return faults.error()
}

func (d *graphDocument) build(bank *adaptive.Bank) *adaptive.Graph {
	edges := make([]adaptive.Edge, len(d.Edges))
	for i, edge := range d.Edges {
		edges[i] = adaptive.Edge{Prerequisite: edge.Prerequisite, Concept: edge.Target}
	}
	return adaptive.NewGraph(bank, edges)
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

// check looks for what no bank can answer. An unknown concept in a scope is an answer, not a fault.
func (d *casesDocument) check(file *File, nodes []string) error {
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
			case !slices.Contains(nodes, concept):
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
