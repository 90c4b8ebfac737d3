package adaptive

import (
	"cmp"
	"iter"
	"slices"
)

// Strategy is the rule that decided the concept of a pick.
type Strategy string

// The strategies. Their values are the API's.
const (
	// StrategyWeakestConcept is the concept of highest priority that has items left.
	StrategyWeakestConcept Strategy = "weakest_concept"
	// StrategyPrerequisitePriority is an unmastered prerequisite in the place of the concept that needs it.
	StrategyPrerequisitePriority Strategy = "prerequisite_priority"
	// StrategyDiversityRotation is a concept whose turn came because one before it was practised just now.
	StrategyDiversityRotation Strategy = "diversity_rotation"
	// StrategyFallbackRandom is an item drawn at random from the scope: all is mastered, or no candidate has items left.
	StrategyFallbackRandom Strategy = "fallback_random"
)

// Pick is the next item, with its reasons.
type Pick struct {
	Item     Item
	Strategy Strategy
	// Mastery is the mastery of the item's concept.
	Mastery float64
	// Information is the item's Fisher information at Request.Theta, whatever the criterion.
	Information float64
	// Prerequisite is the item's concept if it was picked as a prerequisite, and NeededBy is the considered concept
	// that it replaces; else both are empty.
	Prerequisite, NeededBy string
	// SteppedBack is the first candidate that stepped back; empty unless that changed the choice.
	SteppedBack string
	// Considered is the number of concepts considered by rule 3.
	Considered int
	// Evaluated is the number of items that could have been picked: of the concept, or of the scope for a random one.
	Evaluated int
	// Candidates are the concepts left after rule 4, in order, before any steps back.
	Candidates []string
	// Sentence explains the pick in words, with the names of concepts.
	Sentence string
}

// candidate is a concept that may be picked, and the considered concept that it replaces, or itself.
type candidate struct{ concept, neededBy int }

func (c candidate) isPrerequisite() bool { return c.concept != c.neededBy }

// round is the computation of one pick.
type round struct {
	*Request
	settings Settings
	graph    *Graph
	// given are the indexes of the items that may not be given again, sorted, each once.
	given []int
}

func (r *Request) newRound(settings Settings, graph *Graph) round {
	lately := r.Given[max(0, len(r.Given)-settings.ItemWindow):]
	given := make([]int, 0, len(lately))
	for _, id := range lately {
		if item, known := r.bank.itemAt[id]; known {
			given = append(given, item)
		}
	}
	slices.Sort(given)
	return round{Request: r, settings: settings, graph: graph, given: slices.Compact(given)}
}

// Pick returns the next item by the rules in the package's comment. The settings must be valid. The graph must be of
// the request's bank; nil is a graph without prerequisites. The error is ErrPoolExhausted, or that of
// a criterion that needs a Posterior, if the request has none.
func (r *Request) Pick(settings Settings, graph *Graph) (Pick, error) {
	if settings.Criterion != CriterionInformation && r.Posterior == nil {
		return Pick{}, errNoPosterior
	}
	return r.newRound(settings, graph).pick()
}

func (r round) pick() (Pick, error) {
	considered := r.considered(r.settings)
	candidates := r.candidates(considered)
	if len(candidates) == 0 {
		return r.pickAtRandom(len(considered))
	}
	turn := r.turn(candidates)
	chosen := candidates[turn]
	best := r.best(chosen.concept)
	pick := r.reasoned(best[r.drawBelow(len(best))].place, len(considered))
	pick.Evaluated = r.left(chosen.concept)
	pick.Candidates = make([]string, len(candidates))
	for i, candidate := range candidates {
		pick.Candidates[i] = r.bank.concepts[candidate.concept].ID
	}
	switch {
	case chosen.isPrerequisite():
		pick.Strategy = StrategyPrerequisitePriority
		pick.Prerequisite = r.bank.concepts[chosen.concept].ID
		pick.NeededBy = r.bank.concepts[chosen.neededBy].ID
	case turn > 0:
		pick.Strategy = StrategyDiversityRotation
	default:
		pick.Strategy = StrategyWeakestConcept
	}
	if turn > 0 {
		pick.SteppedBack = pick.Candidates[0]
	}
	pick.Sentence = r.sentence(pick, considered)
	return pick, nil
}

// reasoned returns a pick with the fields that any strategy sets.
func (r round) reasoned(item, considered int) Pick {
	return Pick{
		Item:        r.bank.items[item],
		Mastery:     r.mastery[r.bank.conceptOf(item)],
		Information: r.bank.items[item].Params.Information(r.Theta),
		Considered:  considered,
	}
}

// candidates is rule 4.
func (r round) candidates(considered []int) []candidate {
	found := make([]candidate, 0, len(considered))
	for _, concept := range considered {
		next, ok := r.candidateFor(concept)
		isNew := !slices.ContainsFunc(found, func(c candidate) bool { return c.concept == next.concept })
		if ok && isNew {
			found = append(found, next)
		}
	}
	return found
}

// candidateFor returns the concept that takes the place of a considered one, and reports whether there is one with
// items left.
func (r round) candidateFor(concept int) (candidate, bool) {
	var first prerequisite
	for p := range r.unmasteredPrerequisites(concept) {
		if (first.depth == 0 || p.compare(first) < 0) && r.left(p.concept) > 0 {
			first = p
		}
	}
	if first.depth > 0 {
		return candidate{concept: first.concept, neededBy: concept}, true
	}
	return candidate{concept: concept, neededBy: concept}, r.left(concept) > 0
}

// prerequisite is an ancestor within Settings.Hops.
type prerequisite struct {
	concept, depth int
	mastery        float64
}

func (r round) unmasteredPrerequisites(concept int) iter.Seq[prerequisite] {
	return func(yield func(prerequisite) bool) {
		if r.graph == nil {
			return
		}
		for _, next := range r.graph.ancestors[concept] {
			p := prerequisite{concept: next.concept, depth: next.depth(r.settings.Hops), mastery: r.mastery[next.concept]}
			if p.depth > 0 && p.mastery < r.settings.Ready && !yield(p) {
				return
			}
		}
	}
}

// compare orders prerequisites: the deeper first, then the one of lower mastery, then of lower id.
func (p prerequisite) compare(other prerequisite) int {
	return cmp.Or(cmp.Compare(other.depth, p.depth), cmp.Compare(p.mastery, other.mastery), cmp.Compare(p.concept, other.concept))
}

// turn is rule 5: the first candidate that was not practised just now, or the first of all if all were.
func (r round) turn(candidates []candidate) int {
	return max(0, slices.IndexFunc(candidates, func(c candidate) bool { return !r.isPractised(c.concept) }))
}

func (r round) isPractised(concept int) bool {
	lately := r.Practised[max(0, len(r.Practised)-r.settings.ConceptWindow):]
	return slices.Contains(lately, r.bank.concepts[concept].ID)
}

// left returns how many items of a concept were not given lately.
func (r round) left(concept int) int {
	first, end := r.bank.first[concept], r.bank.first[concept+1]
	left := end - first
	for _, item := range r.given {
		if first <= item && item < end {
			left--
		}
	}
	return left
}
