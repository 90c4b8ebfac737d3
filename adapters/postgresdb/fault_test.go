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
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/ports/portstest"
)

func newClass(t *testing.T, store *postgresdb.Store) portstest.Class[*postgresdb.Store] {
	t.Helper()
	c, err := portstest.NewClass(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// endConnections ends the sessions that used a schema, as a database does that goes down.
func endConnections(t *testing.T, url, schema string) {
	t.Helper()
	run(t, url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE '%"+schema+"%'")
}

func TestIntegrationADatabaseThatGoesDownInMidAnswerLosesNothing(t *testing.T) {
	url, schema := freshSchema(t)
	c := newClass(t, ready(t, url, schema))
	if err := c.Record(t.Context(), "ana", 0); err != nil {
		t.Fatal(err)
	}
	err := c.Store.Answer(t.Context(), mastery.AnswerLookup{StudentID: "ana", ConceptID: "renal", ItemID: "r1", At: portstest.Noon},
		func(mastery.AnswerData) (mastery.Change, error) {
			endConnections(t, url, schema)
			return mastery.Change{Student: &core.Record{StudentID: "ana", InstitutionID: "inst-9"}}, nil
		})
	if core.CodeOf(err) != core.CodeUnavailable {
		t.Errorf("the answer in mid-work: %v", err)
	}
	if record, err := c.Store.Student(t.Context(), "ana"); err != nil || record.InstitutionID != "inst-1" {
		t.Errorf("the record is %+v, %v", record, err)
	}

	const people, answers = 6, 40
	acknowledged := make([]int, people)
	var group sync.WaitGroup
	for p := range people {
		group.Go(func() {
			for n := range answers {
				for range 20 { // as a client that was told to come again does
					if err := c.Record(t.Context(), fmt.Sprintf("student-%d", p), n); err == nil {
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
		if got := c.Count(t, fmt.Sprintf("student-%d", p)); got != want || want != answers {
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
	if err := c.Record(t.Context(), "ana", 0); err != nil {
		t.Fatal(err)
	}
	if _, err := blocker.Exec(t.Context(), "BEGIN; SELECT 1 FROM "+schema+".students FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := c.Record(ctx, "ana", 1); core.CodeOf(err) != core.CodeUnavailable {
		t.Errorf("an answer that waits for a locked record: %v", err)
	}
	if _, err := blocker.Exec(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Answer(t.Context(), "ana", 1); err != nil || got.Replayed || c.Count(t, "ana") != 2 {
		t.Errorf("the same again: %+v, %v, %d answers", got, err, c.Count(t, "ana"))
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
			_, err := c.Service.Record(t.Context(), core.NewRecordAccess(core.RecordAnswer, staff), mastery.Answer{
				StudentID: fmt.Sprintf("student-%d", p), ConceptID: "renal", ItemID: "r1", Correct: &right, At: portstest.Noon, Key: "one",
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
