package adaptive_test

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/core/irt"
)

// world is a random bank with a graph and a student, in plain maps.
type world struct {
	concepts []adaptive.Concept
	items    []adaptive.Item
	edges    []adaptive.Edge
	scope    []string
	mastery  map[string]float64
	theta    float64
	given    []string // of the student; the session's are its last ones
	settings adaptive.Settings
}

// answer is what the rules say, found by brute force.
type answer struct {
	exhausted    bool
	allowed      []string // of a random pick
	item         string
	strategy     adaptive.Strategy
	prerequisite string
	considered   int
	evaluated    int
	candidates   []string
}

func (w world) weight(concept string) float64 {
	at := slices.IndexFunc(w.concepts, func(c adaptive.Concept) bool { return c.ID == concept })
	return w.concepts[at].Weight
}

func (w world) pool(concept string) []adaptive.Item {
	lately := w.given[max(0, len(w.given)-w.settings.ItemWindow):]
	var pool []adaptive.Item
	for _, item := range w.items {
		if item.Concept == concept && !slices.Contains(lately, item.ID) {
			pool = append(pool, item)
		}
	}
	return pool
}

// depths walks every path that ends at the target and repeats no concept.
func (w world) depths(target string) map[string]int {
	longest := map[string]int{}
	var walk func(path []string)
	walk = func(path []string) {
		if len(path) > w.settings.Hops {
			return
		}
		for _, edge := range w.edges {
			if edge.Concept == path[len(path)-1] && !slices.Contains(path, edge.Prerequisite) {
				longest[edge.Prerequisite] = max(longest[edge.Prerequisite], len(path))
				walk(append(slices.Clone(path), edge.Prerequisite))
			}
		}
	}
	walk([]string{target})
	return longest
}

func (w world) known(concept string) bool {
	return slices.ContainsFunc(w.concepts, func(c adaptive.Concept) bool { return c.ID == concept })
}

func (w world) byRules() answer {
	ready := w.settings.Ready
	var weakest []string
	for _, concept := range w.scope {
		if w.mastery[concept] < ready && !slices.Contains(weakest, concept) {
			weakest = append(weakest, concept)
		}
	}
	priority := func(c string) float64 { return (ready - w.mastery[c]) * w.weight(c) }
	slices.SortFunc(weakest, func(a, b string) int { return cmp.Or(cmp.Compare(priority(b), priority(a)), cmp.Compare(a, b)) })
	weakest = weakest[:min(len(weakest), w.settings.Considered)]

	type candidate struct {
		concept        string
		isPrerequisite bool
	}
	var candidates []candidate
	for _, concept := range weakest {
		depths := w.depths(concept)
		var line []string
		for prerequisite := range depths {
			if w.known(prerequisite) && w.mastery[prerequisite] < ready {
				line = append(line, prerequisite)
			}
		}
		slices.SortFunc(line, func(a, b string) int {
			return cmp.Or(cmp.Compare(depths[b], depths[a]), cmp.Compare(w.mastery[a], w.mastery[b]), cmp.Compare(a, b))
		})
		for _, next := range append(line, concept) {
			if len(w.pool(next)) == 0 {
				continue
			}
			if !slices.ContainsFunc(candidates, func(c candidate) bool { return c.concept == next }) {
				candidates = append(candidates, candidate{concept: next, isPrerequisite: next != concept})
			}
			break
		}
	}
	if candidates == nil {
		var allowed []string
		for _, concept := range slices.Compact(slices.Sorted(slices.Values(w.scope))) {
			for _, item := range w.pool(concept) {
				allowed = append(allowed, item.ID)
			}
		}
		return answer{exhausted: allowed == nil, allowed: allowed, strategy: adaptive.StrategyFallbackRandom, considered: len(weakest), evaluated: len(allowed)}
	}
	var practised []string
	for _, id := range w.given[max(0, len(w.given)-w.settings.ConceptWindow):] {
		for _, item := range w.items {
			if item.ID == id {
				practised = append(practised, item.Concept)
			}
		}
	}
	turn := max(0, slices.IndexFunc(candidates, func(c candidate) bool { return !slices.Contains(practised, c.concept) }))
	chosen := candidates[turn]
	pool := w.pool(chosen.concept)
	best := slices.MinFunc(pool, func(a, b adaptive.Item) int {
		return cmp.Or(cmp.Compare(information(b.Params, w.theta), information(a.Params, w.theta)), cmp.Compare(a.ID, b.ID))
	})
	result := answer{item: best.ID, considered: len(weakest), evaluated: len(pool), strategy: adaptive.StrategyWeakestConcept}
	for _, c := range candidates {
		result.candidates = append(result.candidates, c.concept)
	}
	switch {
	case chosen.isPrerequisite:
		result.strategy, result.prerequisite = adaptive.StrategyPrerequisitePriority, chosen.concept
	case turn > 0:
		result.strategy = adaptive.StrategyDiversityRotation
	}
	return result
}

// information is a²(Q/P)((P-c)/(1-c))², spelled out.
func information(p irt.Params, theta float64) float64 {
	probability := p.C + (1-p.C)/(1+math.Exp(-p.A*(theta-p.B)))
	quotient := (probability - p.C) / (1 - p.C)
	return p.A * p.A * (1 - probability) / probability * quotient * quotient
}

// randomWorld has few concepts and many edges, so that cycles, self-loops, doubled edges, diamonds and chains are the
// rule; concepts without items, items with equal parameters, and edges over concepts that the bank does not have.
func randomWorld(rng *rand.Rand) world {
	w := world{mastery: map[string]float64{}, theta: rng.NormFloat64(), settings: adaptive.DefaultSettings()}
	w.settings.Hops, w.settings.Considered = rng.IntN(4), 1+rng.IntN(6)
	w.settings.ItemWindow, w.settings.ConceptWindow = rng.IntN(25), rng.IntN(5)
	for c := range 2 + rng.IntN(11) {
		concept := adaptive.Concept{ID: fmt.Sprintf("C%02d", c), Weight: 1, L0: .1}
		if rng.IntN(4) == 0 {
			concept.Weight = .5 + rng.Float64()
		}
		w.concepts = append(w.concepts, concept)
		w.mastery[concept.ID] = float64(rng.IntN(21)) / 20 // ties
		for i := range rng.IntN(5) {
			params := irt.Params{A: .5 + rng.Float64(), B: rng.NormFloat64(), C: .3 * rng.Float64()}
			if i > 0 && rng.IntN(3) == 0 {
				params = w.items[len(w.items)-1].Params
			}
			w.items = append(w.items, adaptive.Item{ID: fmt.Sprintf("%s-%d", concept.ID, i), Concept: concept.ID, Params: params})
		}
	}
	concept := func() string {
		if rng.IntN(12) == 0 {
			return fmt.Sprintf("X%d", rng.IntN(2)) // not in the bank
		}
		return w.concepts[rng.IntN(len(w.concepts))].ID
	}
	for range rng.IntN(3 * len(w.concepts)) {
		w.edges = append(w.edges, adaptive.Edge{Prerequisite: concept(), Concept: concept()})
	}
	for range 1 + rng.IntN(len(w.concepts)) {
		w.scope = append(w.scope, w.concepts[rng.IntN(len(w.concepts))].ID)
	}
	for range rng.IntN(30) {
		if len(w.items) > 0 {
			w.given = append(w.given, w.items[rng.IntN(len(w.items))].ID)
		}
	}
	return w
}

func (w world) pick(t *testing.T) (adaptive.Pick, error) {
	t.Helper()
	bank, err := adaptive.NewBank(w.concepts, w.items)
	if err != nil {
		t.Fatal(err)
	}
	request, err := bank.NewRequest(w.scope)
	if err != nil {
		t.Fatal(err)
	}
	for concept, mastery := range w.mastery {
		request.SetMastery(concept, mastery)
	}
	request.Theta, request.Given, request.Session, request.Position = w.theta, w.given, "session", len(w.given)+1
	for _, id := range w.given {
		item, _ := bank.Item(id)
		request.Practised = append(request.Practised, item.Concept)
	}
	return request.Pick(w.settings, adaptive.NewGraph(bank, w.edges))
}

func TestPickFollowsTheRulesOnRandomBanksAndGraphs(t *testing.T) {
	seen := map[adaptive.Strategy]int{}
	for seed := range uint64(4000) {
		w := randomWorld(rand.New(rand.NewPCG(seed, 7)))
		want := w.byRules()
		got, err := w.pick(t)
		if errors.Is(err, adaptive.ErrPoolExhausted) != want.exhausted {
			t.Fatalf("seed %d: error %v, exhausted %v", seed, err, want.exhausted)
		}
		if want.exhausted {
			continue
		}
		seen[got.Strategy]++
		if got.Strategy != want.strategy || got.Considered != want.considered || got.Evaluated != want.evaluated ||
			got.Prerequisite != want.prerequisite || !slices.Equal(got.Candidates, want.candidates) {
			t.Fatalf("seed %d: got %+v, want %+v", seed, got, want)
		}
		if want.allowed != nil && !slices.Contains(want.allowed, got.Item.ID) || want.allowed == nil && got.Item.ID != want.item {
			t.Fatalf("seed %d: picked %s, want %s or one of %v", seed, got.Item.ID, want.item, want.allowed)
		}
	}
	for _, strategy := range []adaptive.Strategy{
		adaptive.StrategyWeakestConcept, adaptive.StrategyPrerequisitePriority, adaptive.StrategyDiversityRotation, adaptive.StrategyFallbackRandom,
	} {
		if seen[strategy] < 50 {
			t.Errorf("%s came %d times: the banks don't try it", strategy, seen[strategy])
		}
	}
}
