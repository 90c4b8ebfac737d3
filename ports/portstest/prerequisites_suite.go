package portstest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/ports"
)

// Edges are prerequisites in memory: all of them, whatever concepts are asked for.
type Edges []adaptive.Edge

var _ ports.Prerequisites = Edges(nil)

// Prerequisites returns all edges.
func (e Edges) Prerequisites(ctx context.Context, _ []string) ([]adaptive.Edge, error) {
	return e, ctx.Err()
}

// PrerequisitesSuite tests a reader of prerequisites against the contract: with the edges that it returns, picks are
// the same as with all edges. draw returns a reader of a graph that has only these edges; they may make loops and
// cycles.
func PrerequisitesSuite(t *testing.T, draw func(t *testing.T, edges []adaptive.Edge) ports.Prerequisites) {
	chain := func(ids ...string) (edges []adaptive.Edge) {
		for i := 1; i < len(ids); i++ {
			edges = append(edges, adaptive.Edge{Prerequisite: ids[i-1], Concept: ids[i]})
		}
		return edges
	}
	graphs := map[string][]adaptive.Edge{
		"no edge":                             nil,
		"a chain of four":                     chain("k0", "k1", "k2", "k3", "k4"),
		"a diamond":                           slices.Concat(chain("k0", "k1", "k3"), chain("k0", "k2", "k3")),
		"a cycle":                             chain("k0", "k1", "k2", "k0"),
		"a concept that needs itself":         append(chain("k0", "k1"), adaptive.Edge{Prerequisite: "k1", Concept: "k1"}),
		"through one that is not in the bank": chain("k0", "outside", "k1"),
	}
	random := rand.New(rand.NewPCG(2, 9)) //nolint:gosec // a test's
	for n := range 3 {
		var edges []adaptive.Edge
		for range 14 {
			edges = append(edges, adaptive.Edge{Prerequisite: fmt.Sprint("k", random.IntN(8)), Concept: fmt.Sprint("k", random.IntN(8))})
		}
		graphs[fmt.Sprint("a random one, ", n)] = edges
	}
	for name, edges := range graphs {
		t.Run(name, func(t *testing.T) { samePicks(t, edges, draw(t, edges)) })
	}
}

func samePicks(t *testing.T, edges []adaptive.Edge, reader ports.Prerequisites) {
	var (
		concepts []adaptive.Concept
		items    []adaptive.Item
	)
	for k := range 8 {
		id := fmt.Sprint("k", k)
		concepts = append(concepts, adaptive.Concept{ID: id, Weight: 1, L0: .1})
		items = append(items, adaptive.Item{ID: id + "-item", Concept: id, Params: adaptive.Uncalibrated()})
	}
	bank, err := adaptive.NewBank(concepts, items)
	must(t, err)
	all := adaptive.NewGraph(bank, edges)
	for _, scope := range [][]string{{"k0"}, {"k1"}, {"k3"}, {"k4", "k2"}, {"k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7"}} {
		read, err := reader.Prerequisites(t.Context(), append(scope, "nobody's"))
		must(t, err)
		for shift := range 8 {
			pick := func(graph *adaptive.Graph) adaptive.Pick {
				request, err := bank.NewRequest(scope)
				must(t, err)
				for k := range 8 {
					request.SetMastery(fmt.Sprint("k", k), float64((k*5+shift*3)%8)/8)
				}
				made, err := request.Pick(adaptive.DefaultSettings(), graph)
				must(t, err)
				return made
			}
			if got, want := pick(adaptive.NewGraph(bank, read)), pick(all); got.Item != want.Item || got.Sentence != want.Sentence {
				t.Errorf("for %v, shift %d: picked %s, want %s: %s", scope, shift, got.Item.ID, want.Item.ID, want.Sentence)
			}
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := reader.Prerequisites(ended, []string{"k0"}); err == nil {
		t.Error("it goes on after its context has ended")
	}
}
