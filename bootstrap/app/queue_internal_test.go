package app

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/journey-os/journey-api/adapters/jobs"
	"github.com/journey-os/journey-api/adapters/sqlitedb"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	corejobs "github.com/journey-os/journey-api/core/jobs"
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/internal/testkit/wait"
)

// recordFor records answers of eight students, one after the other each, and returns how many there were a second.
func recordFor(t *testing.T, service *mastery.Service, began time.Time, length time.Duration) float64 {
	t.Helper()
	var (
		people sync.WaitGroup
		count  atomic.Int64
	)
	for p := range 8 {
		people.Go(func() {
			caller := core.AuthTokenPayload{Subject: fmt.Sprintf("student-%d", p), Role: core.RoleStudent, InstitutionID: "here"}
			right := true
			for time.Since(began) < length {
				_, err := service.Record(t.Context(), core.NewRecordAccess(core.RecordAnswer, caller), mastery.Answer{
					StudentID: caller.Subject, ConceptID: "renal", ItemID: "r1", Correct: &right, At: time.Now(),
				})
				if err != nil {
					t.Error(err)
					return
				}
				count.Add(1)
			}
		})
	}
	people.Wait()
	return float64(count.Load()) / length.Seconds()
}

// The queue and the store write to one file, by a connection each: both go on, and neither is told that it is locked.
func TestAnswersAndJobsGoOnTogetherInOneFile(t *testing.T) {
	t.Parallel() // it waits more than it works
	path := filepath.Join(t.TempDir(), "journey.db")
	store, err := sqlitedb.Open(t.Context(), sqlitedb.Config{Path: path, Serve: true, Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	db, err := sqlitedb.OpenQueue(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := jobs.MigrateSQLite(t.Context(), db, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if err := store.Put(t.Context(), bank.Rows{Concepts: []bank.Concept{{ID: "renal", Weight: 1}}, Items: []bank.Item{{ID: "r1", ConceptID: "renal"}}}); err != nil {
		t.Fatal(err)
	}
	service := mastery.New(mastery.Config{Mastered: .95, Now: time.Now, NewID: newID}, mastery.Stores{Recorder: store, Reader: store})
	const length = 700 * time.Millisecond
	alone := recordFor(t, service, time.Now(), length)

	ran := make(chan string, 1000)
	queue := jobs.New(jobs.SQLite(db), slog.New(slog.DiscardHandler))
	err = queue.Declare(corejobs.Kind{Name: "one", Timeout: time.Minute, Parallel: 4, Run: func(_ context.Context, job corejobs.Job) error {
		ran <- job.Key
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- queue.Run(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()

	began, enqueued := time.Now(), make(chan int, 1)
	go func() {
		n := 0
		for ; (n < 3 || time.Since(began) < length) && n < cap(ran); n++ {
			if _, err := queue.Enqueue(t.Context(), "one", fmt.Sprint(n)); err != nil {
				t.Error(err)
				break
			}
		}
		enqueued <- n
	}()
	together := recordFor(t, service, began, length)
	n := <-enqueued
	for range n {
		select {
		case <-ran:
		case <-time.After(wait.Limit):
			t.Fatalf("not all of %d jobs ran", n)
		}
	}
	t.Logf("%.0f answers a second alone, %.0f beside %d jobs that were enqueued meanwhile", alone, together, n)
	if together == 0 { // how many fewer is a figure: a busy machine moves it more than the jobs do
		t.Error("no answer was taken while jobs were")
	}
}
