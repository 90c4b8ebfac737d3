package mastery_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/mastery"
)

// TestARecordThatIsBegunIsTheOneOfAnswersRecordedOneByOne compares CreateRecord with Record, whatever the order of the
// answers.
func TestARecordThatIsBegunIsTheOneOfAnswersRecordedOneByOne(t *testing.T) {
	service := newService(t)
	var given []mastery.Attempt
	for n := range 130 { // more than two snapshots
		answer := right()
		answer.At = now.Add(time.Duration(n-1000) * time.Minute)
		answer.Correct = new(n%3 > 0)
		if n%5 == 0 {
			answer.ConceptID, answer.ItemID = "cardiac", "c1"
		}
		recorded, err := service.Record(t.Context(), by(core.RoleStudent, "ana", "inst-1"), answer)
		if err != nil {
			t.Fatal(err)
		}
		given = append(given, mastery.Attempt{
			ConceptID: answer.ConceptID, Position: recorded.Attempt.Position, Latency: answer.Latency, GradedBy: mastery.GradedByCaller,
		})
	}
	slices.Reverse(given)
	record := core.Record{StudentID: "bea", InstitutionID: "inst-1"}
	for round, want := range []bool{true, false} {
		if begun, err := service.CreateRecord(t.Context(), record, given); err != nil || begun != want {
			t.Fatalf("round %d: begun %t, %v", round, begun, err)
		}
	}
	if ana, bea := told(t, service, "ana"), told(t, service, "bea"); ana != bea {
		t.Errorf("one by one\n%s\nbegun\n%s", ana, bea)
	}
	late := right()
	late.StudentID, late.At = "bea", now.Add(-950*time.Minute).Add(time.Second)
	if recorded, err := service.Record(t.Context(), by(core.RoleStudent, "bea", "inst-1"), late); err != nil || !recorded.Late {
		t.Errorf("a late answer afterwards: %+v, %v", recorded, err)
	}
}

// told is what the service says of a student.
func told(t *testing.T, service *mastery.Service, studentID string) string {
	t.Helper()
	access := by(core.RoleFaculty, "prof", "inst-1")
	page, err := service.Mastery(t.Context(), access, studentID, mastery.StateQuery{Max: 1, Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	for _, state := range page.States {
		text += fmt.Sprintln(state.ConceptID, state.State, state.Last)
	}
	entries, err := service.History(t.Context(), access, studentID, mastery.HistoryQuery{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		text += fmt.Sprintln(entry.ConceptID, entry.Position, entry.Shown, entry.Latency)
	}
	return text
}
