package postgresdb_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/journey-os/journey-api/adapters/postgresdb"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/mastery"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// class is a use case on a store, with one concept and one item.
type class struct {
	store   *postgresdb.Store
	service *mastery.Service
	mu      sync.Mutex
	ids     int
}

func newClass(t *testing.T, store *postgresdb.Store) *class {
	t.Helper()
	c := &class{store: store}
	c.service = mastery.New(mastery.Config{
		Mastered: .95, Now: func() time.Time { return noon },
		NewID: func() string {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.ids++
			return fmt.Sprintf("00000000-0000-7000-8000-%012d", c.ids)
		},
	}, mastery.Stores{Recorder: store, Reader: store})
	rows := bank.Rows{Concepts: []bank.Concept{{ID: "renal", Weight: 1}}, Items: []bank.Item{{ID: "r1", ConceptID: "renal"}}}
	if err := store.Put(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	return c
}

// record records the n-th answer of a student.
func (c *class) record(ctx context.Context, studentID string, n int) (mastery.Recorded, error) {
	right := true
	return c.service.Record(ctx, core.NewRecordAccess(core.RecordAnswer, core.AuthTokenPayload{
		Subject: studentID, Role: core.RoleStudent, InstitutionID: "inst-1",
	}), mastery.Answer{StudentID: studentID, ConceptID: "renal", ItemID: "r1", Correct: &right, At: noon.Add(time.Duration(n-1e6) * time.Second)})
}

// count is how many answers of a student the store has.
func (c *class) count(t *testing.T, studentID string) int {
	t.Helper()
	page, err := c.store.States(t.Context(), core.Record{StudentID: studentID, InstitutionID: "inst-1"}, mastery.StateQuery{Max: 1, Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if page.Total == 0 {
		return 0
	}
	return page.States[0].Evidence
}

// endConnections ends the sessions that used a schema, as a database does that goes down.
func endConnections(t *testing.T, url, schema string) {
	t.Helper()
	run(t, url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE '%"+schema+"%'")
}

func TestIntegrationADatabaseThatGoesDownInMidAnswerLosesNothing(t *testing.T) {
	url, schema := freshSchema(t)
	c := newClass(t, ready(t, url, schema))
	if _, err := c.record(t.Context(), "ana", 0); err != nil {
		t.Fatal(err)
	}
	err := c.store.Answer(t.Context(), mastery.AnswerLookup{StudentID: "ana", ConceptID: "renal", ItemID: "r1", At: noon},
		func(mastery.AnswerData) (mastery.Change, error) {
			endConnections(t, url, schema)
			return mastery.Change{Student: &core.Record{StudentID: "ana", InstitutionID: "inst-9"}}, nil
		})
	if core.CodeOf(err) != core.CodeUnavailable {
		t.Errorf("the answer in mid-work: %v", err)
	}
	if record, err := c.store.Student(t.Context(), "ana"); err != nil || record.InstitutionID != "inst-1" {
		t.Errorf("the record is %+v, %v", record, err)
	}

	const people, answers = 6, 40
	acknowledged := make([]int, people)
	var group sync.WaitGroup
	for p := range people {
		group.Go(func() {
			for n := range answers {
				for range 20 { // as a client that was told to come again does
					if _, err := c.record(t.Context(), fmt.Sprintf("student-%d", p), n); err == nil {
						acknowledged[p]++
						break
					} else if core.CodeOf(err) != core.CodeUnavailable {
						t.Errorf("a wrong word: %v", err)
					}
				}
			}
		})
	}
	for range 5 {
		endConnections(t, url, schema)
	}
	group.Wait()
	for p, want := range acknowledged {
		if got := c.count(t, fmt.Sprintf("student-%d", p)); got != want || want != answers {
			t.Errorf("student %d: %d answers were acknowledged, %d are there, want %d", p, want, got, answers)
		}
	}
}

func TestIntegrationAnAnswerWhoseCallerLeavesIsKeptOrNot(t *testing.T) {
	url, schema := freshSchema(t)
	c := newClass(t, ready(t, url, schema))
	blocker, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = blocker.Close(context.WithoutCancel(t.Context())) }()
	if _, err := c.record(t.Context(), "ana", 0); err != nil {
		t.Fatal(err)
	}
	if _, err := blocker.Exec(t.Context(), "BEGIN; SELECT 1 FROM "+schema+".students FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := c.record(ctx, "ana", 1); core.CodeOf(err) != core.CodeUnavailable {
		t.Errorf("an answer that waits for a locked record: %v", err)
	}
	if _, err := blocker.Exec(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if got, err := c.record(t.Context(), "ana", 1); err != nil || got.Replayed || c.count(t, "ana") != 2 {
		t.Errorf("the same again: %+v, %v, %d answers", got, err, c.count(t, "ana"))
	}
}

// The key's scope is the caller: two answers for different students under one key of one caller at once.
func TestIntegrationOneKeyForTwoStudentsAtOnceIsAConflict(t *testing.T) {
	url, schema := freshSchema(t)
	c := newClass(t, ready(t, url, schema))
	staff := core.AuthTokenPayload{Subject: "prof", Role: core.RoleFaculty, InstitutionID: "inst-1"}
	const students = 8
	results := make(chan error, students)
	for p := range students {
		go func() {
			right := true
			_, err := c.service.Record(t.Context(), core.NewRecordAccess(core.RecordAnswer, staff), mastery.Answer{
				StudentID: fmt.Sprintf("student-%d", p), ConceptID: "renal", ItemID: "r1", Correct: &right, At: noon, Key: "one",
			})
			results <- err
		}()
	}
	kept := 0
	for range students {
		err := <-results
		switch {
		case err == nil:
			kept++
		case core.AsError(err).Reason != core.ReasonIdempotencyKeyReused:
			t.Errorf("got %v", err)
		}
	}
	if kept != 1 {
		t.Errorf("%d answers were kept under one key", kept)
	}
}
