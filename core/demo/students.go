package demo

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/journey-os/journey-api/core/irt"
)

// Attempt is one answer of a simulated student.
type Attempt struct {
	StudentID string
	ConceptID string
	ItemID    string
	// Response is the key of the option that was chosen, which is the item's key if Correct.
	Response string
	Correct  bool
	// Latency is how long the student took.
	Latency time.Duration
	Time    time.Time
}

const (
	// InstitutionID is the institution that the simulated students belong to.
	InstitutionID = "inst-demo"
	// conceptsPerStudent is how many concepts a student practises, all of their items each.
	conceptsPerStudent = 14
	// gain is what an answer adds to the student's ability in that concept, in standard deviations of ability.
	gain = 0.12
	// guessing is the chance of a right answer without knowledge, one of five options.
	guessing = 1.0 / optionsPerItem
	// practiceDays is how many days of practice lie before the end.
	practiceDays = 60
)

// StudentID returns the id of the n-th simulated student, from 1.
func StudentID(n int) string { return fmt.Sprintf("demo-student-%04d", n) }

// Attempts simulates count students who practise the bank on the days before end. A student has an ability, drawn from
// the standard normal distribution, and learns a little with each answer; the answer follows the three-parameter
// logistic model, and a wrong one is any of the wrong options. The attempts come in the order of time. The same seed
// gives the same attempts.
func Attempts(bank Bank, count int, seed uint64, end time.Time) []Attempt {
	random := rand.New(rand.NewPCG(seed, 0))  //nolint:gosec // simulated answers, not secrets
	choices := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // simulated answers, not secrets
	params := trueParams(bank, random)
	items := map[string][]Item{}
	for _, item := range bank.Items {
		items[item.ConceptID] = append(items[item.ConceptID], item)
	}
	var attempts []Attempt
	for n := range count {
		ability := random.NormFloat64()
		day := 0
		for _, at := range someConcepts(bank, random) {
			day += random.IntN(practiceDays / conceptsPerStudent)
			clock := end.Add(-time.Duration(practiceDays-day)*24*time.Hour + time.Duration(random.IntN(8*3600))*time.Second)
			practised := items[bank.Concepts[at].ID]
			for position, which := range random.Perm(len(practised)) {
				item := practised[which]
				latency := time.Duration(15000+random.IntN(75000)) * time.Millisecond
				clock = clock.Add(latency + 5*time.Second)
				correct := random.Float64() < params[item.ID].Probability(ability+gain*float64(position))
				attempts = append(attempts, Attempt{
					StudentID: StudentID(n + 1), ConceptID: item.ConceptID, ItemID: item.ID, Latency: latency, Time: clock,
					Correct: correct, Response: item.choose(correct, choices),
				})
			}
		}
	}
	slices.SortStableFunc(attempts, func(a, b Attempt) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.StudentID, b.StudentID))
	})
	return attempts
}

// choose returns the item's key, or the key of one of the wrong options.
func (i Item) choose(correct bool, choices *rand.Rand) string {
	if correct {
		return i.Key
	}
	wrong := slices.DeleteFunc(slices.Clone(i.Options), func(option Option) bool { return option.Key == i.Key })
	return wrong[choices.IntN(len(wrong))].Key
}

// TrueParams returns the parameters of each item that simulated students answer by: those of Attempts with the same
// seed.
func TrueParams(bank Bank, seed uint64) map[string]irt.Params {
	return trueParams(bank, rand.New(rand.NewPCG(seed, 0))) //nolint:gosec // simulated answers, not secrets
}

// trueParams draws the parameters: concepts with many prerequisites are harder.
func trueParams(bank Bank, random *rand.Rand) map[string]irt.Params {
	depth := map[string]int{}
	for _, edge := range bank.Prerequisites { // prerequisites come first
		depth[edge.ConceptID] = max(depth[edge.ConceptID], depth[edge.PrerequisiteID]+1)
	}
	params := map[string]irt.Params{}
	for _, item := range bank.Items {
		params[item.ID] = irt.Params{
			A: math.Exp(0.2 + 0.3*random.NormFloat64()),
			B: -0.8 + 0.5*float64(depth[item.ConceptID]) + 0.6*random.NormFloat64(),
			C: guessing,
		}
	}
	return params
}

// someConcepts draws the concepts that a student practises, prerequisites first.
func someConcepts(bank Bank, random *rand.Rand) []int {
	chosen := random.Perm(len(bank.Concepts))[:conceptsPerStudent]
	slices.Sort(chosen)
	return chosen
}
