package student

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/journey-os/journey-api/core/bkt"
	"github.com/journey-os/journey-api/internal/testkit/contract"
)

// mastered is the mastery from which a concept counts as mastered.
const mastered = .95

// Answer is an answer as the model sees it.
type Answer struct {
	At            time.Time
	Concept, Item string
	Correct       bool

	request Request
}

// counts puts an answer in its place, by time, then item, and returns what its reply says of the mastery.
func (s *Student) counts(a *Answer) contract.Members {
	before := replay(s.Given[a.Concept])
	at, _ := slices.BinarySearchFunc(s.Given[a.Concept], a, func(x, y *Answer) int {
		return cmp.Or(x.At.Compare(y.At), strings.Compare(x.Item, y.Item))
	})
	s.Given[a.Concept] = slices.Insert(s.Given[a.Concept], at, a)
	after := replay(s.Given[a.Concept])
	data := s.state(a.Concept, after)
	delete(data, "p_mastered")
	maps.Copy(data, contract.Members{
		"correct": a.Correct, "previous_p_mastered": before.Mastery, "new_p_mastered": after.Mastery,
		"delta": after.Mastery - before.Mastery, "p_correct_next": bkt.Defaults().PredictCorrect(after.Mastery),
	})
	return data
}

// state is what the service says of a state.
func (s *Student) state(concept string, now bkt.State) contract.Members {
	said := contract.Members{
		"student_id": s.ID, "concept_id": concept, "p_mastered": now.Mastery, "is_mastered": now.Mastery >= mastered,
		"evidence_count": now.Evidence, "trend": now.Trend(),
	}
	if s.Sync != "" {
		said["sync_status"] = s.Sync
	}
	return said
}

// replay is the model's, which tests of its own hold to references: here it judges the order and the once.
func replay(answers []*Answer) bkt.State {
	right := make([]bool, len(answers))
	for i, a := range answers {
		right[i] = a.Correct
	}
	return bkt.Defaults().Replay(bkt.Defaults().Start(), right)
}

// Remember judges the states of the student, each as the model has it, and the history of one concept: each answer once,
// in its place.
func (s *Student) Remember() {
	known, count, list, history := map[string]bkt.State{}, 0, []contract.Members{}, []contract.Members{}
	for concept, answers := range s.Given {
		known[concept] = replay(answers)
	}
	concepts := slices.SortedFunc(maps.Keys(known), func(a, b string) int { // the least mastered first
		return cmp.Or(cmp.Compare(known[a].Mastery, known[b].Mastery), strings.Compare(a, b))
	})
	for _, concept := range concepts {
		if list = append(list, s.state(concept, known[concept])); known[concept].Mastery >= mastered {
			count++
		}
	}
	const states = "GET /api/bkt/mastery/{student_id}"
	s.ask(Request{Name: "what a student knows", Route: states + "?limit=1000", ID: s.ID, Want: "200", Says: contract.Members{
		"student_id": s.ID, "total_concepts": len(list), "mastered_count": count, "states": list,
	}})
	concept := concepts[s.dice.IntN(len(concepts))]
	for _, one := range s.Given[concept] {
		history = append(history, contract.Members{
			"concept_id": concept, "item_id": one.Item, "correct": one.Correct,
			"timestamp": one.At.Format("2006-01-02T15:04:05.000000Z"),
		})
	}
	route := states + "/history?limit=1000&concept_id=" + concept
	s.ask(Request{Name: "a student's history", Route: route, ID: s.ID, Want: "200", Says: contract.Members{
		"entries": history[:min(len(history), 1000)],
	}})
}

// WrongInStore returns what is wrong with what a store has of a concept, "" if nothing is. An answer whose reply was lost
// as the service went may be there.
func (s *Student) WrongInStore(concept string, attempts int, mastery float64) string {
	known := s.Given[concept]
	if attempts == len(known)-1 {
		known = slices.DeleteFunc(slices.Clone(known), func(a *Answer) bool { return a == s.unsure })
	}
	want := replay(known)
	if attempts == want.Evidence && (attempts == 0 || math.Abs(mastery-want.Mastery) <= contract.Precision) {
		return ""
	}
	return fmt.Sprintf("%d answers of %s to %s were acknowledged, the store has %d with %v; right is %v",
		want.Evidence, s.ID, concept, attempts, mastery, want.Mastery)
}
