package mastery_test

import (
	"strings"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/ports/portstest"
)

func TestARowOfAFileThatDoesNotFitIsRefused(t *testing.T) {
	tests := map[string]struct {
		change func(*mastery.ImportedAttempt)
		want   string // a part of the fault, "" for a row that fits
	}{
		"a plain row":                      {func(*mastery.ImportedAttempt) {}, ""},
		"a known student without a home":   {func(r *mastery.ImportedAttempt) { r.StudentID, r.InstitutionID = "known", "" }, ""},
		"a known student of elsewhere":     {func(r *mastery.ImportedAttempt) { r.StudentID = "known" }, "the student belongs to inst-2"},
		"a student of the file, elsewhere": {func(r *mastery.ImportedAttempt) { r.StudentID, r.InstitutionID = "first", "inst-3" }, "the student belongs to inst-1"},
		"a new student without a home":     {func(r *mastery.ImportedAttempt) { r.InstitutionID = "" }, "institution_id is missing"},
		"no student":                       {func(r *mastery.ImportedAttempt) { r.StudentID = "" }, "student_id is"},
		"an unknown item":                  {func(r *mastery.ImportedAttempt) { r.ItemID = "r7" }, "item_id is \"r7\""},
		"an item of another institution":   {func(r *mastery.ImportedAttempt) { r.ItemID = "theirs" }, "another institution"},
		"a time ahead":                     {func(r *mastery.ImportedAttempt) { r.At = now.Add(time.Hour) }, "timestamp is more than 5 minutes ahead"},
		"a time of long ago":               {func(r *mastery.ImportedAttempt) { r.At = time.Time{} }, "timestamp is before the year 2000"},
		"an answer that took too long":     {func(r *mastery.ImportedAttempt) { r.Latency = 2 * time.Hour }, "latency_ms"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			store := portstest.NewMemory()
			err := store.Put(t.Context(), bank.Rows{
				Concepts: []bank.Concept{{ID: "renal"}},
				Items:    []bank.Item{{ID: "r1", ConceptID: "renal"}, {ID: "theirs", ConceptID: "renal", InstitutionID: "inst-2"}},
			})
			if err == nil {
				err = store.Revise(t.Context(), mastery.Revision{StudentID: "known"}, func(mastery.StudentData) (mastery.Change, error) {
					return mastery.Change{Student: &core.Record{StudentID: "known", InstitutionID: "inst-2"}}, nil
				})
			}
			if err != nil {
				t.Fatal(err)
			}
			service := mastery.New(mastery.Config{Mastered: .95, Now: func() time.Time { return now }, NewID: func() string { return "id" }},
				mastery.Stores{Recorder: store, Reader: store})
			file, err := service.NewImport(t.Context(), store)
			if err != nil {
				t.Fatal(err)
			}
			row := mastery.ImportedAttempt{StudentID: "first", InstitutionID: "inst-1", ItemID: "r1", Correct: true, At: now}
			if fault, err := file.Add(t.Context(), row); fault != "" || err != nil {
				t.Fatal(fault, err)
			}
			row.StudentID = "second"
			test.change(&row)
			got, err := file.Add(t.Context(), row)
			if err != nil || !strings.Contains(got, test.want) || (got == "") != (test.want == "") {
				t.Errorf("got %q, %v; want %q", got, err, test.want)
			}
		})
	}
}
