package sqlitedb_test

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/adaptive"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/calibration"
	"github.com/journey-os/journey-api/core/demo"
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/core/practice"
	"github.com/journey-os/journey-api/ports/portstest"
)

// BenchmarkAnswers records answers of distinct students from 64 goroutines, each on disk before the next.
func BenchmarkAnswers(b *testing.B) {
	store := open(b, filepath.Join(b.TempDir(), "journey.db"))
	c := newClass(b, store)
	var next atomic.Int64
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(loop *testing.PB) {
		student := fmt.Sprintf("student-%d", next.Add(1))
		for n := 0; loop.Next(); n++ {
			if err := c.Record(b.Context(), student, n); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkImport takes in attempts of students with 100 each, of 24 concepts. An operation is one attempt.
func BenchmarkImport(b *testing.B) {
	c := newClass(b, open(b, filepath.Join(b.TempDir(), "journey.db")))
	var rows bank.Rows
	for i := range 24 {
		id := fmt.Sprintf("concept-%d", i)
		rows.Concepts = append(rows.Concepts, bank.Concept{ID: id, Weight: 1})
		rows.Items = append(rows.Items, bank.Item{ID: id + "-1", ConceptID: id})
	}
	if err := c.Store.Put(b.Context(), rows); err != nil {
		b.Fatal(err)
	}
	file, err := c.Service.NewImport(b.Context(), c.Store)
	if err != nil {
		b.Fatal(err)
	}
	for n := range b.N {
		fault, err := file.Add(b.Context(), mastery.ImportedAttempt{
			StudentID: fmt.Sprintf("student-%d", n/100), InstitutionID: "inst-1", ItemID: rows.Items[n*7%24].ID, Correct: n%3 > 0,
			At: portstest.Noon.Add(time.Duration(n%100-1e6) * time.Second),
		})
		if err != nil || fault != "" {
			b.Fatal(fault, err)
		}
	}
	b.ResetTimer()
	if _, err := file.Apply(b.Context(), func(int) {}); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkPractice answers in sessions of distinct students from 64 goroutines; an operation is an answer with its next
// question.
func BenchmarkPractice(b *testing.B) {
	store := open(b, filepath.Join(b.TempDir(), "journey.db"))
	rows := demo.NewBank().Rows()
	if err := store.Put(b.Context(), rows); err != nil {
		b.Fatal(err)
	}
	var scope []string
	for _, concept := range rows.Concepts[:20] {
		scope = append(scope, concept.ID)
	}
	var next, ids atomic.Int64
	newID := func() string { return fmt.Sprintf("00000000-0000-7000-8000-%012d", ids.Add(1)) }
	recording := mastery.New(mastery.Config{Mastered: .95, Now: time.Now, NewID: newID}, mastery.Stores{Recorder: store, Reader: store})
	service := practice.New(practice.Config{
		Settings: adaptive.DefaultSettings(), Drift: .005, BankMaxAge: time.Second, Now: time.Now, NewID: newID,
	}, recording, practice.Stores{Recorder: store, Reader: store, Students: store, Bank: store, InForce: calibration.NewInForce(store, time.Now)})
	b.SetParallelism(32)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(loop *testing.PB) {
		var view practice.SessionView
		var access *core.RecordAccess
		for n := 0; loop.Next(); n++ {
			var err error
			if view.Open == nil {
				caller := core.AuthTokenPayload{Subject: fmt.Sprint("student-", next.Add(1)), Role: core.RoleStudent, InstitutionID: "here"}
				access = core.NewRecordAccess(core.RecordPractice, caller)
				view, err = service.Open(b.Context(), access, practice.Plan{Scope: scope, Questions: 200, TimeMode: practice.Untimed})
			} else {
				var got practice.Answered
				got, err = service.Answer(b.Context(), access, practice.Answer{
					SessionID: view.ID, ItemID: view.Open.Pick.Item.ID, Response: &view.Open.Options[n%2].Key, At: time.Now(),
				})
				view = got.SessionView
			}
			if err != nil {
				b.Error(err)
				return
			}
		}
	})
}
