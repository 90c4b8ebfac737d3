package portstest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/mastery"
)

// Noon is the time of a Class, whose answers were all given before.
var Noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// Class is a use case on a store, with one concept and one item: students who only answer right.
type Class[S MasteryStore] struct {
	Store   S
	Service *mastery.Service
}

// NewClass puts the concept and the item into a store.
func NewClass[S MasteryStore](ctx context.Context, store S) (Class[S], error) {
	var ids atomic.Int64
	service := mastery.New(mastery.Config{
		Mastered: .95, Now: func() time.Time { return Noon },
		NewID: func() string { return fmt.Sprintf("00000000-0000-7000-8000-%012d", ids.Add(1)) },
	}, mastery.Stores{Recorder: store, Reader: store})
	rows := bank.Rows{Concepts: []bank.Concept{{ID: "renal", Weight: 1}}, Items: []bank.Item{{ID: "r1", ConceptID: "renal"}}}
	return Class[S]{store, service}, store.Put(ctx, rows)
}

// Answer records the n-th answer of a student.
func (c Class[S]) Answer(ctx context.Context, studentID string, n int) (mastery.Recorded, error) {
	right := true
	return c.Service.Record(ctx, core.NewRecordAccess(core.RecordAnswer, core.AuthTokenPayload{
		Subject: studentID, Role: core.RoleStudent, InstitutionID: "inst-1",
	}), mastery.Answer{StudentID: studentID, ConceptID: "renal", ItemID: "r1", Correct: &right, At: Noon.Add(time.Duration(n-1e6) * time.Second)})
}

// Record is Answer for who looks at the error alone.
func (c Class[S]) Record(ctx context.Context, studentID string, n int) error {
	_, err := c.Answer(ctx, studentID, n)
	return err
}

// Count returns how many answers of a student the store has.
func (c Class[S]) Count(t *testing.T, studentID string) int {
	t.Helper()
	page, err := c.Store.States(t.Context(), core.Record{StudentID: studentID, InstitutionID: "inst-1"}, mastery.StateQuery{Max: 1, Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if page.Total == 0 {
		return 0
	}
	return page.States[0].Evidence
}
