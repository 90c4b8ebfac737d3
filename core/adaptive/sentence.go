package adaptive

import (
	"math"
	"strconv"
)

// sentence says why an item was picked, to a student as well as to a teacher.
func (r round) sentence(pick Pick, considered []int) string {
	var buffer [320]byte
	s := words(buffer[:0])
	switch pick.Strategy {
	case StrategyPrerequisitePriority:
		s = r.prerequisiteWords(s, pick)
	case StrategyDiversityRotation:
		s = s.add(r.nameOf(pick.SteppedBack)).add(" comes first but was practised just now, so it is the turn of ").add(r.nameOf(pick.Item.Concept))
		s = r.masteryWords(s, pick)
	case StrategyWeakestConcept:
		s = s.add(r.nameOf(pick.Item.Concept)).add(" needs practice most")
		if r.bank.concepts[considered[0]].ID != pick.Item.Concept {
			s = s.add(" of the concepts that have questions left")
		}
		s = r.masteryWords(s, pick)
	case StrategyFallbackRandom:
		return string(r.randomWords(s, pick))
	}
	return string(r.itemWords(s, pick))
}

func (r round) prerequisiteWords(s words, pick Pick) words {
	s = s.add(r.nameOf(pick.Prerequisite)).add(" comes before ").add(r.nameOf(pick.NeededBy))
	s = s.add(" and is not mastered yet (").percent(pick.Mastery).add(", ready at ").percent(r.settings.Ready).add(")")
	if pick.SteppedBack != "" {
		s = s.add("; ").add(r.nameOf(pick.SteppedBack)).add(" was practised just now")
	}
	return s
}

func (r round) masteryWords(s words, pick Pick) words {
	return s.add(" (mastered to ").percent(pick.Mastery).add(", ready at ").percent(r.settings.Ready).add(")")
}

func (r round) itemWords(s words, pick Pick) words {
	switch {
	case pick.Evaluated == 1:
		s = s.add("; this is its only question that was not given lately")
	case r.settings.Randomesque > 1:
		s = s.add("; this is one of the most telling of its ").number(pick.Evaluated).add(" questions for the present ability")
	default:
		s = s.add("; this is the most telling of its ").number(pick.Evaluated).add(" questions for the present ability")
	}
	if !pick.Item.Calibrated {
		s = s.add(", though its difficulty has not been measured yet")
	}
	return s.add(".")
}

func (r round) randomWords(s words, pick Pick) words {
	if pick.Considered == 0 {
		s = s.add("Every chosen concept is mastered (ready at ").percent(r.settings.Ready).add(")")
	} else {
		s = s.add("The concepts that need practice have no question left that was not given lately")
	}
	if pick.Evaluated == 1 {
		return s.add(", so this is the only question left.")
	}
	return s.add(", so this question is drawn at random from ").number(pick.Evaluated).add(".")
}

func (r round) nameOf(id string) string { return r.bank.name(r.bank.conceptAt[id]) }

// words is text under construction.
type words []byte

func (w words) add(text string) words { return append(w, text...) }

func (w words) number(n int) words { return strconv.AppendInt(w, int64(n), 10) }

// percent rounds down, so that a value below a limit is never shown as the limit.
func (w words) percent(p float64) words { return w.number(int(math.Floor(p*100 + 1e-9))).add("%") }
