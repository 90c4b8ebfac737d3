package portstest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core/bkt"
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/ports"
)

var _ ports.Graph = (*MemoryGraph)(nil)

// MemoryGraph is a graph in memory, for tests of the code around it.
type MemoryGraph struct {
	mu       sync.Mutex
	concepts map[string]bool
	states   map[[2]string]mastery.GraphState
	fault    error
	puts     int
}

// NewMemoryGraph returns a graph that has these SubConcepts.
func NewMemoryGraph(concepts ...string) *MemoryGraph {
	g := &MemoryGraph{concepts: map[string]bool{}, states: map[[2]string]mastery.GraphState{}}
	for _, one := range concepts {
		g.concepts[one] = true
	}
	return g
}

// AddConcept adds a SubConcept.
func (g *MemoryGraph) AddConcept(code string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.concepts[code] = true
}

// Fail makes every call return err, until it is called with nil.
func (g *MemoryGraph) Fail(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fault = err
}

// Puts counts the batches.
func (g *MemoryGraph) Puts() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.puts
}

// PutStates writes states.
func (g *MemoryGraph) PutStates(ctx context.Context, states []mastery.GraphState) (map[int]string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.fault != nil {
		return nil, g.fault
	}
	g.puts++
	refused := map[int]string{}
	for i, state := range states {
		key := [2]string{state.StudentID, state.ConceptID}
		switch {
		case !g.concepts[state.ConceptID]:
			refused[i] = "the graph has no SubConcept " + state.ConceptID
		case g.states[key].Version < state.Version:
			g.states[key] = state
		}
	}
	return refused, ctx.Err()
}

// RemoveStudents removes students with their states.
func (g *MemoryGraph) RemoveStudents(ctx context.Context, studentIDs []string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.fault != nil {
		return g.fault
	}
	for key := range g.states {
		if slices.Contains(studentIDs, key[0]) {
			delete(g.states, key)
		}
	}
	return ctx.Err()
}

// States are what the graph has of a student, by concept.
func (g *MemoryGraph) States(_ *testing.T, studentID string) map[string]mastery.GraphState {
	g.mu.Lock()
	defer g.mu.Unlock()
	found := map[string]mastery.GraphState{}
	for key, state := range g.states {
		if key[0] == studentID {
			found[key[1]] = state
		}
	}
	return found
}

// ReadableGraph is a graph whose states a test can read. States fails the test if a state is there twice.
type ReadableGraph interface {
	ports.Graph
	States(t *testing.T, studentID string) map[string]mastery.GraphState
}

// GraphSuite tests an implementation of ports.Graph against its contract. open returns a graph that has the given
// SubConcepts, and the ids of two students of its own.
func GraphSuite(t *testing.T, open func(t *testing.T, concepts ...string) (graph ReadableGraph, ana, bea string)) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)
	state := func(student, concept string, version int64, p float64) mastery.GraphState {
		return mastery.GraphState{
			StudentID: student, ConceptID: concept, Mastery: p, Trend: bkt.TrendImproving, Evidence: int(version), UpdatedAt: at, Version: version,
		}
	}
	put := func(t *testing.T, graph ports.Graph, states ...mastery.GraphState) map[int]string {
		t.Helper()
		refused, err := graph.PutStates(t.Context(), states)
		if err != nil {
			t.Fatal(err)
		}
		return refused
	}
	expect := func(t *testing.T, graph ReadableGraph, student string, want ...mastery.GraphState) {
		t.Helper()
		got := graph.States(t, student)
		if len(got) != len(want) {
			t.Errorf("%s has %d states, want %d", student, len(got), len(want))
		}
		for _, one := range want {
			if got[one.ConceptID] != one {
				t.Errorf("%s: the graph has %+v, want %+v", one.ConceptID, got[one.ConceptID], one)
			}
		}
	}
	t.Run("it has what it was given, once, whatever comes again", func(t *testing.T) {
		graph, ana, bea := open(t, "renal", "cardiac")
		first, second, other := state(ana, "renal", 1, .25), state(ana, "cardiac", 3, .7), state(bea, "renal", 2, 1./3)
		for range 2 {
			put(t, graph, first, second, other)
		}
		expect(t, graph, ana, first, second)
		expect(t, graph, bea, other)
	})
	t.Run("a newer state takes the place of an older one, and never the other way", func(t *testing.T) {
		graph, ana, _ := open(t, "renal")
		newer := state(ana, "renal", 5, .9)
		put(t, graph, state(ana, "renal", 4, .8))
		put(t, graph, newer)
		put(t, graph, state(ana, "renal", 3, .1), state(ana, "renal", 5, .2))
		expect(t, graph, ana, newer)
	})
	t.Run("a state without its SubConcept is refused, by name, and the others are written", func(t *testing.T) {
		graph, ana, _ := open(t, "renal")
		known := state(ana, "renal", 1, .5)
		refused := put(t, graph, state(ana, "missing", 1, .5), known)
		if len(refused) != 1 || refused[0] != "the graph has no SubConcept missing" {
			t.Errorf("it refused %v", refused)
		}
		expect(t, graph, ana, known)
	})
	t.Run("a student who is removed is gone, and begins anew", func(t *testing.T) {
		graph, ana, bea := open(t, "renal")
		stays := state(bea, "renal", 9, .5)
		put(t, graph, state(ana, "renal", 7, .5), stays)
		for range 2 {
			if err := graph.RemoveStudents(t.Context(), []string{ana}); err != nil {
				t.Fatal(err)
			}
		}
		expect(t, graph, ana)
		expect(t, graph, bea, stays)
		again := state(ana, "renal", 1, .4)
		put(t, graph, again)
		expect(t, graph, ana, again)
	})
}
