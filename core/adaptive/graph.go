package adaptive

import (
	"maps"
	"slices"
)

// MaxHops is how far prerequisites can be followed.
const MaxHops = 3

// Edge means that one concept should be mastered before another.
type Edge struct{ Prerequisite, Concept string }

// Graph holds the prerequisites of a bank's concepts. It never changes.
type Graph struct {
	// ancestors are, by concept and in order of their place, the concepts from which a path leads to it.
	ancestors [][]ancestor
}

// ancestor is a prerequisite, direct or not. depths has bit d if a path of d+1 edges that repeats no concept leads from
// it.
type ancestor struct {
	concept int
	depths  uint8
}

// depth returns the length of the longest path of at most hops edges; 0 if there is none.
func (a ancestor) depth(hops int) int {
	for depth := hops; depth > 0; depth-- {
		if a.depths>>(depth-1)&1 == 1 {
			return depth
		}
	}
	return 0
}

// NewGraph returns the graph of a bank's concepts. Edges may come in any order and more than once, and may make cycles.
// A concept that the bank does not have is no prerequisite itself, since it has no items, but its own prerequisites
// count.
func NewGraph(bank *Bank, edges []Edge) *Graph {
	at := make(map[string]int)
	place := func(id string) int {
		if concept, known := bank.conceptAt[id]; known {
			return concept
		}
		if _, known := at[id]; !known {
			at[id] = len(bank.concepts) + len(at)
		}
		return at[id]
	}
	before := map[int]neighbours{}
	for _, edge := range edges {
		from, to := place(edge.Prerequisite), place(edge.Concept)
		if before[to] == nil {
			before[to] = neighbours{}
		}
		before[to][from] = true
	}
	graph := &Graph{ancestors: make([][]ancestor, len(bank.concepts))}
	for concept := range bank.concepts {
		if len(before[concept]) == 0 {
			continue
		}
		graph.ancestors[concept] = ancestors(before, concept, len(bank.concepts))
	}
	return graph
}

// neighbours is a set of concepts.
type neighbours map[int]bool

// ancestors finds the concepts among the first so many from which a path of one to three edges that repeats no concept
// leads to the target. It takes time by the number of edges, however many paths there are: a path p, x, y, target
// exists for a given x if there is a y that is not p, which the number of such y and one of them tell.
func ancestors(before map[int]neighbours, target, known int) []ancestor {
	depths := map[int]uint8{}
	type middle struct{ count, one int }
	second := map[int]middle{}
	for y := range before[target] {
		if y == target {
			continue
		}
		depths[y] |= 1
		for x := range before[y] {
			if x != y && x != target {
				depths[x] |= 1 << 1
				second[x] = middle{count: second[x].count + 1, one: y}
			}
		}
	}
	for x, via := range second {
		for p := range before[x] {
			if p != x && p != target && (via.count > 1 || via.one != p) {
				depths[p] |= 1 << 2
			}
		}
	}
	var found []ancestor
	for _, concept := range slices.Sorted(maps.Keys(depths)) {
		if concept < known {
			found = append(found, ancestor{concept: concept, depths: depths[concept]})
		}
	}
	return found
}
