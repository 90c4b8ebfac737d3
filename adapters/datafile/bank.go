package datafile

import (
	"fmt"
	"slices"

	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/core/bkt"
	"github.com/journey-os/journey-api/core/irt"
)

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

// ReadBank reads two files, JSON objects each: the bank with its items (item_id, concept_id, and a, b, c if it is
// calibrated), and the graph with its nodes and edges (prerequisite, target). Concepts are the nodes of the graph; their
// weight is 1. Without a graph, which is nil then, they are those of the items, and there are no edges.
func ReadBank(bank, graph *File) (concepts []adaptive.Concept, items []adaptive.Item, edges []adaptive.Edge, err error) {
	var bankRead bankDocument
	if err := readDocument(bank, &bankRead); err != nil {
		return nil, nil, nil, err
	}
	if items, err = bankRead.build(bank); err != nil {
		return nil, nil, nil, err
	}
	var graphRead graphDocument
	if graph == nil {
		graphRead.Nodes = conceptsOf(items)
	} else if err := readDocument(graph, &graphRead); err != nil {
		return nil, nil, nil, err
	} else if err := graphRead.check(graph); err != nil {
		return nil, nil, nil, err
	}
	for _, id := range graphRead.Nodes {
		concepts = append(concepts, adaptive.Concept{ID: id, Weight: 1, L0: bkt.Defaults().L0})
	}
	for _, edge := range graphRead.Edges {
		edges = append(edges, adaptive.Edge{Prerequisite: edge.Prerequisite, Concept: edge.Target})
	}
	return concepts, items, edges, nil
}

func conceptsOf(items []adaptive.Item) []string {
	var ids []string
	for _, item := range items {
		ids = append(ids, item.Concept)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (d *bankDocument) build(file *File) ([]adaptive.Item, error) {
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
	return items, faults.error()
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
