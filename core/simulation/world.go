package simulation

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/journey-os/journey-api/core/adaptive"
)

// World is how much prerequisites matter for learning.
type World string

// The worlds.
const (
	// FoundationsMatter is a world in which a concept is learned a fourth as often while a direct prerequisite is not
	// mastered.
	FoundationsMatter World = "foundations matter"
	// FoundationsDontMatter is a world in which prerequisites make no difference to learning, so that the graph is
	// useless.
	FoundationsDontMatter World = "foundations do not matter"
)

// The constants of the truth.
const (
	learning       = .2  // the chance to learn a concept with an answer
	withoutFound   = .25 // what is left of it without the foundations, in FoundationsMatter
	masteryEffect  = 2.  // what mastery of its concept adds to the ability at an item, in standard deviations
	initialLogit   = -1. // mastery at the start has probability 1/(1+exp(-(ability + initialLogit)))
	initialWithout = .2  // what is left of that without the foundations
)

// truth is the true model of the concepts, which no strategy knows.
type truth struct {
	world    World
	concepts []string
	at       map[string]int
	before   [][]int // direct prerequisites
	order    []int   // prerequisites first, as far as cycles let them
	// initially is the mean share of concepts mastered at the start, which centres the abilities at 0.
	initially float64
}

func newTruth(bank Bank, world World) *truth {
	t := &truth{world: world, at: map[string]int{}, before: make([][]int, len(bank.Concepts))}
	for i, concept := range bank.Concepts {
		t.concepts = append(t.concepts, concept.ID)
		t.at[concept.ID] = i
	}
	for _, edge := range bank.Edges {
		from, known := t.at[edge.Prerequisite]
		to, alsoKnown := t.at[edge.Concept]
		if known && alsoKnown && from != to && !slices.Contains(t.before[to], from) {
			t.before[to] = append(t.before[to], from)
		}
	}
	t.order = foundationsFirst(t.before)
	return t
}

// foundationsFirst orders concepts so that prerequisites come before what needs them; a cycle starts at its first.
func foundationsFirst(before [][]int) []int {
	placed := make([]bool, len(before))
	var order []int
	for len(order) < len(before) {
		next := slices.Index(placed, false)
		for concept := range before {
			isFree := !slices.ContainsFunc(before[concept], func(p int) bool { return !placed[p] })
			if !placed[concept] && isFree {
				next = concept
				break
			}
		}
		placed[next] = true
		order = append(order, next)
	}
	return order
}

// learner is the true state of a simulated student.
type learner struct {
	*truth
	seed, id uint64
	ability  float64
	mastered []bool
}

func (t *truth) newLearner(seed uint64, id int) *learner {
	own := uint64(id)                          //nolint:gosec // ids count from 0
	random := rand.New(rand.NewPCG(seed, own)) //nolint:gosec // simulated students, no secrets
	l := &learner{truth: t, seed: seed, id: own, ability: random.NormFloat64(), mastered: make([]bool, len(t.concepts))}
	chance := 1 / (1 + math.Exp(-(l.ability + initialLogit)))
	for _, concept := range t.order {
		likely := chance
		if !l.hasFoundations(concept) {
			likely *= initialWithout
		}
		l.mastered[concept] = random.Float64() < likely
	}
	return l
}

func (l *learner) hasFoundations(concept int) bool {
	return !slices.ContainsFunc(l.before[concept], func(p int) bool { return !l.mastered[p] })
}

// masteredShare is the share of all concepts that are mastered.
func (l *learner) masteredShare() float64 {
	n := 0
	for _, is := range l.mastered {
		if is {
			n++
		}
	}
	return float64(n) / float64(len(l.mastered))
}

// presentAbility is the mean over the concepts of the ability at their items.
func (l *learner) presentAbility() float64 { return l.abilityWith(l.masteredShare()) }

func (l *learner) abilityWith(mastered float64) float64 {
	return l.ability + masteryEffect*(mastered-l.initially)
}

// answer answers an item for the time-th time, and may learn from it. A student's luck with an item is the same under
// every strategy, so that differences between strategies are not chance.
func (l *learner) answer(item adaptive.Item, time int) (correct bool) {
	concept := l.at[item.Concept]
	known := 0.
	if l.mastered[concept] {
		known = 1
	}
	correct = l.coin("answer", item.ID, time) < item.Params.Probability(l.abilityWith(known))
	if !l.mastered[concept] {
		chance := learning
		if l.world == FoundationsMatter && !l.hasFoundations(concept) {
			chance *= withoutFound
		}
		l.mastered[concept] = l.coin("learn", item.ID, time) < chance
	}
	return correct
}

// coin returns a number in [0, 1) that looks random and is the same for the same student, kind, item and time.
func (l *learner) coin(kind, item string, time int) float64 {
	const prime = 1099511628211 // FNV-1a, 64 bits
	hash := uint64(14695981039346656037)
	for _, text := range [2]string{kind, item} {
		for i := range len(text) {
			hash = (hash ^ uint64(text[i])) * prime
		}
		hash = (hash ^ 0xff) * prime
	}
	mixed := rand.NewPCG(l.seed^hash, l.id<<20^uint64(time)) //nolint:gosec // simulated luck, no secrets
	return float64(mixed.Uint64()>>11) / (1 << 53)
}
