package mastery_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/jobs"
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/ports/portstest"
)

// jobList keeps what was enqueued.
type jobList struct {
	mu   sync.Mutex
	keys []string
}

func (l *jobList) Enqueue(_ context.Context, kind, key string) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.keys = append(l.keys, kind+" "+key)
	return true, nil
}

func (l *jobList) Cancel(context.Context, string, string) error { return nil }

func TestAReplacementHasAJobComputeTheStatesAgainAndOneThatDiedGoesOn(t *testing.T) {
	store := portstest.NewMemory()
	queue := &jobList{}
	var left []int
	var fault error
	recorder := &failingRecorder{Memory: store, fault: &fault}
	ids := 0
	service := mastery.New(mastery.Config{
		Mastered: .95, Jobs: queue, Now: time.Now, NewID: func() string { ids++; return fmt.Sprint(ids) },
		StatesComputed: func(_ context.Context, _ string, _, more int) { left = append(left, more) },
	}, mastery.Stores{Recorder: recorder, Reader: store, Parameters: store, Answers: store})
	if err := store.Put(t.Context(), bank.Rows{
		Concepts: []bank.Concept{{ID: "renal", Weight: 1}}, Items: []bank.Item{{ID: "r1", ConceptID: "renal"}, {ID: "r2", ConceptID: "renal"}},
	}); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		answerAs(t, service, fmt.Sprint("student-", i), "r1")
		answerAs(t, service, fmt.Sprint("student-", i), "r2")
	}
	got, err := service.Fit(t.Context(), mastery.FitRequest{ConceptID: "renal", MaxIterations: 100, Threshold: 1e-3, Force: true})
	if err != nil || !got.Applied || got.StatesCurrent {
		t.Fatalf("got %+v, %v", got, err)
	}
	if len(queue.keys) != 1 || queue.keys[0] != "mastery_recompute renal" {
		t.Fatalf("enqueued were %q", queue.keys)
	}
	outdated := func() int {
		n, err := service.Outdated(t.Context(), "renal")
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := outdated(); n != 20 {
		t.Errorf("%d states are outdated", n)
	}
	run := service.RecomputeKind().Run
	fault = errors.New("the process dies")
	recorder.after = 7
	if err := run(t.Context(), jobs.Job{Key: "renal"}); err == nil {
		t.Error("the fault got lost")
	}
	before := outdated()
	if before == 0 || before == 20 {
		t.Fatalf("half-way %d states are outdated", before)
	}
	fault = nil
	if err := run(t.Context(), jobs.Job{}); err != nil { // the hourly one, which finds what was left
		t.Fatal(err)
	}
	if n := outdated(); n != 0 || len(left) != 1 || left[0] != 0 {
		t.Errorf("%d states are outdated, the progress was %v", n, left)
	}
}

// failingRecorder fails once some revisions went well.
type failingRecorder struct {
	*portstest.Memory
	mu    sync.Mutex
	after int
	fault *error
}

func (r *failingRecorder) Revise(ctx context.Context, revision mastery.Revision, decide func(mastery.StudentData) (mastery.Change, error)) error {
	r.mu.Lock()
	r.after--
	fails := *r.fault != nil && r.after < 0
	r.mu.Unlock()
	if fails {
		return *r.fault
	}
	return r.Memory.Revise(ctx, revision, decide)
}

func answerAs(t *testing.T, service *mastery.Service, studentID, itemID string) {
	t.Helper()
	correct := itemID == "r1"
	caller := core.AuthTokenPayload{Subject: studentID, Role: core.RoleStudent, InstitutionID: "inst-1"}
	_, err := service.Record(t.Context(), core.NewRecordAccess(core.RecordAnswer, caller), mastery.Answer{
		StudentID: studentID, ConceptID: "renal", ItemID: itemID, Correct: &correct, At: time.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
}
