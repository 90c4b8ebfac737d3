package portstest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core/mastery"
)

// imports records a third of some students' answers through the API, then all of them from a file, twice.
func imports(t *testing.T, c *masteryFixture) {
	chance := rand.New(rand.NewPCG(11, 7)) //nolint:gosec // an order of a test
	const students, each = 5, 150
	answers := map[string][]mastery.Answer{}
	for s := range students {
		studentID := fmt.Sprintf("imported-%d", s)
		for i := range each {
			answers[studentID] = append(answers[studentID], c.answer(studentID, i, []string{"r1", "r2", "r3"}[chance.IntN(3)], chance.IntN(2) == 0))
		}
		chance.Shuffle(each, func(i, j int) {
			answers[studentID][i], answers[studentID][j] = answers[studentID][j], answers[studentID][i]
		})
		for i, one := range answers[studentID][:each/3] {
			if i%2 == 0 {
				one.Key = strconv.Itoa(i)
			}
			c.recorded(t, student(studentID), one)
		}
	}
	for round, want := range []int{students * each * 2 / 3, 0} {
		added, looked := c.importAll(t, answers)
		if added != want || looked != students*each {
			t.Errorf("round %d: %d of %d rows were new, want %d", round, added, looked, want)
		}
	}
	for studentID, all := range answers {
		values := replayed(all)
		state := c.state(t, studentID)
		if state.Evidence != each || math.Abs(state.Mastery-values[each-1]) > 1e-12 {
			t.Errorf("%s: %d answers give %v, want %d and %v", studentID, state.Evidence, state.Mastery, each, values[each-1])
		}
		late := c.answer(studentID, each/2, "r1", true)
		late.At = late.At.Add(time.Second)
		values = replayed(append(all, late))
		if got := c.recorded(t, student(studentID), late).Attempt.Shown; math.Abs(got.After-values[each]) > 1e-12 {
			t.Errorf("%s: a late answer gives %v, want %v", studentID, got.After, values[each])
		}
	}
}

func (c *masteryFixture) importAll(t *testing.T, answers map[string][]mastery.Answer) (added, looked int) {
	t.Helper()
	file, err := c.service.NewImport(t.Context(), c.store)
	must(t, err)
	for studentID, all := range answers {
		for _, one := range all {
			fault, err := file.Add(t.Context(), mastery.ImportedAttempt{
				StudentID: studentID, InstitutionID: "inst-1", ItemID: one.ItemID, Correct: *one.Correct, Latency: one.Latency, At: one.At,
			})
			must(t, err)
			if fault != "" {
				t.Fatal(fault)
			}
		}
	}
	added, err = file.Apply(t.Context(), func(rows int) { looked = rows })
	must(t, err)
	return added, looked
}
