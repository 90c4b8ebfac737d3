package adaptive

import (
	"cmp"
	"slices"
)

// Explanation is how a pick came about: what a person needs to check the rules by hand.
type Explanation struct {
	// Unmastered is the number of concepts in scope that are below Ready.
	Unmastered int
	// Concepts are those considered, in order.
	Concepts []ConceptReason
	// Items are those of the chosen concept, the best first. There are none if the item was drawn at random.
	Items []ItemReason
}

// ConceptReason is a considered concept, with what rules 4 to 6 made of it.
type ConceptReason struct {
	ID, Name                  string
	Mastery, Weight, Priority float64
	// ItemsLeft is how many of its items were not given lately.
	ItemsLeft int
	// Prerequisites are the unmastered ones, in the order of rule 4.
	Prerequisites []PrerequisiteReason
	// Candidate is the concept that takes its place, or the concept itself; empty if no item is left.
	Candidate string
	// AlreadyCandidate reports whether that concept is the candidate of an earlier one already, and counts there.
	AlreadyCandidate bool
	// PractisedJustNow reports whether the candidate is a concept of the session's last items, and steps back.
	PractisedJustNow bool
}

// PrerequisiteReason is an unmastered prerequisite.
type PrerequisiteReason struct {
	ID, Name string
	// Depth is the length of the longest path from it, within Settings.Hops.
	Depth     int
	Mastery   float64
	ItemsLeft int
}

// ItemReason is an item of the chosen concept.
type ItemReason struct {
	Item
	// Information is at Request.Theta. Score is what the criterion makes of the item: the higher, the better.
	Information, Score float64
	// GivenLately reports whether it was given lately, and can't be picked.
	GivenLately bool
}

// Explain returns what Pick returns, with how it came about. The explanation is there even if the error is
// ErrPoolExhausted.
func (r *Request) Explain(settings Settings, graph *Graph) (Pick, Explanation, error) {
	pick, err := r.Pick(settings, graph)
	round := r.newRound(settings, graph)
	var explanation Explanation
	for _, concept := range r.scope {
		if r.mastery[concept] < settings.Ready {
			explanation.Unmastered++
		}
	}
	standing := map[string]bool{}
	for _, concept := range r.considered(settings) {
		reason := round.conceptReason(concept)
		reason.AlreadyCandidate = standing[reason.Candidate]
		standing[reason.Candidate] = reason.Candidate != ""
		explanation.Concepts = append(explanation.Concepts, reason)
	}
	if err == nil && pick.Strategy != StrategyFallbackRandom {
		explanation.Items = round.itemReasons(r.bank.conceptAt[pick.Item.Concept])
	}
	return pick, explanation, err
}

func (r round) conceptReason(concept int) ConceptReason {
	reason := ConceptReason{
		ID: r.bank.concepts[concept].ID, Name: r.bank.name(concept),
		Mastery: r.mastery[concept], Weight: r.bank.concepts[concept].Weight, Priority: r.priority(concept, r.settings),
		ItemsLeft: r.left(concept),
	}
	if candidate, ok := r.candidateFor(concept); ok {
		reason.Candidate = r.bank.concepts[candidate.concept].ID
		reason.PractisedJustNow = r.isPractised(candidate.concept)
	}
	for _, p := range slices.SortedFunc(r.unmasteredPrerequisites(concept), prerequisite.compare) {
		reason.Prerequisites = append(reason.Prerequisites, PrerequisiteReason{
			ID: r.bank.concepts[p.concept].ID, Name: r.bank.name(p.concept),
			Depth: p.depth, Mastery: p.mastery, ItemsLeft: r.left(p.concept),
		})
	}
	return reason
}

func (r round) itemReasons(concept int) []ItemReason {
	var reasons []ItemReason
	for i, item := range r.bank.itemsOf(concept) {
		place := r.bank.first[concept] + i
		reasons = append(reasons, ItemReason{
			Item: item, Information: item.Params.Information(r.Theta), Score: r.score(place),
			GivenLately: slices.Contains(r.given, place),
		})
	}
	slices.SortStableFunc(reasons, func(a, b ItemReason) int { return cmp.Compare(b.Score, a.Score) })
	return reasons
}
