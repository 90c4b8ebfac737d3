package adaptive

import (
	"crypto/sha256"
	"encoding/binary"
	"iter"
	"math/bits"
	"slices"
	"strconv"
)

// scored is an item by its index, with its score by the criterion: the higher, the better.
type scored struct {
	place int
	score float64
}

// best is rule 7: the best items of a concept that were not given lately, the best first, at most Settings.Randomesque
// of them. Of equal ones the lower id is first.
func (r round) best(concept int) []scored {
	top := make([]scored, 0, r.settings.Randomesque+1)
	first := r.bank.first[concept]
	for i := range r.bank.itemsOf(concept) {
		place := first + i
		if slices.Contains(r.given, place) {
			continue
		}
		score := r.score(place)
		at := len(top)
		for at > 0 && top[at-1].score < score {
			at--
		}
		if at < r.settings.Randomesque {
			top = slices.Insert(top, at, scored{place: place, score: score})
			top = top[:min(len(top), r.settings.Randomesque)]
		}
	}
	return top
}

func (r round) score(place int) float64 {
	params := r.bank.items[place].Params
	switch r.settings.Criterion {
	case CriterionWeightedInformation:
		return r.Posterior.ExpectedInformation(params)
	case CriterionMEPV:
		return -r.Posterior.ExpectedVariance(params)
	default:
		return params.Information(r.Theta)
	}
}

// pickAtRandom draws one of the scope's items that were not given lately.
func (r round) pickAtRandom(considered int) (Pick, error) {
	total := 0
	for _, left := range r.leftInScope() {
		total += left
	}
	if total == 0 {
		return Pick{}, ErrPoolExhausted
	}
	skip := r.drawBelow(total)
	for concept, left := range r.leftInScope() {
		if skip >= left {
			skip -= left
			continue
		}
		for place := r.bank.first[concept]; ; place++ {
			if slices.Contains(r.given, place) {
				continue
			}
			if skip == 0 {
				pick := r.reasoned(place, considered)
				pick.Strategy, pick.Evaluated = StrategyFallbackRandom, total
				pick.Sentence = r.sentence(pick, nil)
				return pick, nil
			}
			skip--
		}
	}
	return Pick{}, ErrPoolExhausted
}

// leftInScope yields the concepts in scope with how many of their items were not given lately. Both lists are sorted,
// so one pass suffices.
func (r round) leftInScope() iter.Seq2[int, int] {
	return func(yield func(concept, left int) bool) {
		given := r.given
		for _, concept := range r.scope {
			first, end := r.bank.first[concept], r.bank.first[concept+1]
			for len(given) > 0 && given[0] < first {
				given = given[1:]
			}
			left := end - first
			for len(given) > 0 && given[0] < end {
				given = given[1:]
				left--
			}
			if !yield(concept, left) {
				return
			}
		}
	}
}

// drawBelow returns a number from 0 to below n that looks random, and is the same for the same session and position.
func (r round) drawBelow(n int) int {
	if n == 1 {
		return 0
	}
	var buffer [192]byte
	seed := append(buffer[:0], r.Session...)
	seed = append(seed, ' ')
	seed = strconv.AppendInt(seed, int64(r.Position), 10)
	sum := sha256.Sum256(seed)
	below, _ := bits.Mul64(binary.BigEndian.Uint64(sum[:]), uint64(n)) //nolint:gosec // n counts items
	return int(below)                                                  //nolint:gosec // it is below n
}
