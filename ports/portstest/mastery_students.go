package portstest

import (
	"testing"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/core/students"
)

// rows are the rows of a record, by table.
func (c *masteryFixture) rows(t *testing.T, record core.Record) map[string][]map[string]any {
	t.Helper()
	found := map[string][]map[string]any{}
	for row, err := range c.store.Rows(t.Context(), record) {
		must(t, err)
		values := map[string]any{}
		for i, column := range row.Columns {
			values[column] = row.Values[i]
		}
		found[row.Table] = append(found[row.Table], values)
	}
	return found
}

// seedRecord records two answers of a student, one with a key.
func seedRecord(t *testing.T, c *masteryFixture, studentID string) (record core.Record, at time.Time) {
	t.Helper()
	service := c.following()
	c.answers(t, service, studentID, "renal", "r1")
	at = mastery.StoredTime(c.now)
	right := false
	_, err := service.Record(t.Context(), core.NewRecordAccess(core.RecordAnswer, student(studentID)), mastery.Answer{
		StudentID: studentID, ConceptID: "cardiac", ItemID: "c1", Correct: &right, At: c.now, Key: "key-1",
	})
	must(t, err)
	return core.Record{StudentID: studentID, InstitutionID: "inst-1"}, at
}

func exportsAll(t *testing.T, c *masteryFixture) {
	record, at := seedRecord(t, c, "ana")
	seedRecord(t, c, "bea")
	rows := c.rows(t, record)
	if len(rows["students"]) != 1 || len(rows["attempts"]) != 2 || len(rows["states"]) != 2 || len(rows["idempotency_keys"]) != 1 {
		t.Fatalf("exported are %v", rows)
	}
	var renal map[string]any
	for _, row := range rows["attempts"] {
		if row["student_id"] != "ana" {
			t.Errorf("a row of somebody else: %v", row)
		}
		if row["item_id"] == "r1" {
			renal = row
		}
	}
	if renal["correct"] != true || renal["answered_at"] != at {
		t.Errorf("the attempt is %v, want right and at %v", renal, at)
	}
	if _, isNumber := rows["states"][0]["p_mastered"].(float64); !isNumber {
		t.Errorf("the state is %v", rows["states"][0])
	}
	if rows := c.rows(t, core.Record{StudentID: "ana", InstitutionID: "inst-2"}); len(rows) > 0 {
		t.Errorf("another institution gets %v", rows)
	}
	for _, err := range c.store.Rows(t.Context(), record) {
		must(t, err)
		break // a caller who is gone
	}
}

func deletesAll(t *testing.T, c *masteryFixture) {
	record, _ := seedRecord(t, c, "ana")
	other, _ := seedRecord(t, c, "bea")
	if deleted, err := c.store.Delete(t.Context(), core.Record{StudentID: "ana", InstitutionID: "inst-2"}, true); err != nil || deleted {
		t.Fatalf("another institution deletes: %v, %v", deleted, err)
	}
	if deleted, err := c.store.Delete(t.Context(), record, true); err != nil || !deleted {
		t.Fatalf("deleted: %v, %v", deleted, err)
	}
	if found, err := c.store.Student(t.Context(), "ana"); err != nil || found != nil || len(c.rows(t, record)) > 0 {
		t.Errorf("left are %v, %v, %v", found, c.rows(t, record), err)
	}
	if rows := c.rows(t, other); len(rows["attempts"]) != 2 {
		t.Errorf("of another student are left %v", rows)
	}
	if deleted, err := c.store.Delete(t.Context(), record, true); err != nil || deleted {
		t.Errorf("deleted twice: %v, %v", deleted, err)
	}
	removals, err := c.store.Removals(t.Context(), 10)
	if must(t, err); len(removals) != 1 || removals[0] != "ana" {
		t.Errorf("the graph has yet to lose %v", removals)
	}
	again := c.answers(t, c.following(), "ana", "renal", "r1")
	if again.Attempt.Shown.Evidence != 1 || again.Replayed {
		t.Errorf("a later answer does not begin anew: %+v", again)
	}
	for _, state := range c.due(t, 10) {
		if state.StudentID == "ana" {
			t.Errorf("%+v is due before the graph has lost the student", state)
		}
	}
	must(t, c.store.DeleteRemovals(t.Context(), removals))
	due := 0
	for _, state := range c.due(t, 10) {
		if state.StudentID == "ana" && state.Version == 1 {
			due++
		}
	}
	if due != 1 {
		t.Errorf("%d states of the student are due afterwards", due)
	}
}

// recordTableNames are the names of students.RecordTables.
func recordTableNames() []string {
	names := students.RemovalTables()
	for _, part := range students.RecordTables() {
		names = append(names, part.Name)
	}
	return names
}

// CheckRecordTables compares the list of tables with students' rows with the tables of a schema that have a column
// student_id.
func CheckRecordTables(t *testing.T, tables []string) {
	t.Helper()
	known := map[string]bool{}
	for _, name := range recordTableNames() {
		known[name] = true
	}
	for _, table := range tables {
		if !known[table] {
			t.Errorf("%s has a column student_id and is missing from students.Parts: it would be neither deleted nor exported", table)
		}
		delete(known, table)
	}
	for name := range known {
		t.Errorf("%s is in students.Parts, and the schema has no such table", name)
	}
}
