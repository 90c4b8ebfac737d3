package portstest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/bkt"
	"github.com/journey-os/journey-api/core/mastery"
)

// refitSize is how many students answer, and refitPause after how many of them a refit is paused.
const refitSize, refitPause = 16, 6

// pausedRecorder lets refitPause states be computed again, and the others once resume is closed.
type pausedRecorder struct {
	mastery.Recorder
	paused, resume chan struct{}

	mu          sync.Mutex
	begun, done int
}

// Revise computes a state again.
func (p *pausedRecorder) Revise(ctx context.Context, revision mastery.Revision, decide func(mastery.StudentData) (mastery.Change, error)) error {
	p.mu.Lock()
	p.begun++
	isAfter := p.begun > refitPause
	p.mu.Unlock()
	if isAfter {
		<-p.resume
	}
	err := p.Recorder.Revise(ctx, revision, decide)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done++; p.done == refitPause {
		close(p.paused)
	}
	return err
}

// refitted is a class, with each student's state of renal by the version of the parameters.
type refitted struct {
	*masteryFixture
	students []string
	states   map[string][2]bkt.State
}

// newRefitted has the class answer, and computes its states with both versions of the parameters. Version 0 is in force.
func newRefitted(t *testing.T, c *masteryFixture) *refitted {
	t.Helper()
	r := &refitted{masteryFixture: c, states: map[string][2]bkt.State{}}
	outcomes := map[string][]bool{}
	for i := range refitSize {
		studentID := fmt.Sprintf("student-%02d", i)
		r.students = append(r.students, studentID)
		for minute := range 5 {
			outcomes[studentID] = append(outcomes[studentID], minute >= i%2)
			c.recorded(t, student(studentID), c.answer(studentID, minute, "r1", minute >= i%2))
		}
		other := c.answer(studentID, 0, "c1", true)
		other.ConceptID = "cardiac"
		c.recorded(t, student(studentID), other)
	}
	_, err := c.store.AddFit(t.Context(), fitOf(true), 0)
	must(t, err)
	for _, version := range []int{1, 0} {
		_, err := c.service.Restore(t.Context(), "renal", version)
		must(t, err)
		for studentID, answers := range outcomes {
			state, values, want := c.state(t, studentID), reference(answers), underFit(answers)
			if version == 0 {
				want = values[len(values)-1]
			}
			if state.ParametersVersion != version || math.Abs(state.Mastery-want) > 1e-12 {
				t.Fatalf("%s with version %d: %+v, want %v", studentID, version, state, want)
			}
			both := r.states[studentID]
			both[version] = state.State
			r.states[studentID] = both
		}
	}
	return r
}

// look reads a student's states, and returns the version of the one of renal. The error is what is wrong with them.
func (r *refitted) look(ctx context.Context, studentID string) (version int, err error) {
	page, err := r.service.Mastery(ctx, core.NewRecordAccess(core.RecordRead, student(studentID)), studentID, mastery.StateQuery{Max: 1, Limit: 1000})
	if err != nil {
		return 0, err
	}
	mastered, concepts := 0, []string{}
	for _, state := range page.States {
		concepts = append(concepts, state.ConceptID)
		if state.Mastery >= .95 {
			mastered++
		}
		if state.ConceptID == "renal" {
			version = state.ParametersVersion
			if want := r.states[studentID][version]; state.State != want {
				return 0, fmt.Errorf("%s has %+v of version %d, want %+v", studentID, state.State, version, want)
			}
		}
	}
	if slices.Sort(concepts); !slices.Equal(concepts, []string{"cardiac", "renal"}) || page.Total != 2 || page.Mastered != mastered {
		return 0, fmt.Errorf("%s has %v, %d states of which %d are mastered, and %d of those listed", studentID, concepts, page.Total, page.Mastered, mastered)
	}
	return version, nil
}

// list returns the students of the concept with older parameters. The error is if one is there twice.
func (r *refitted) list(ctx context.Context) ([]string, error) {
	outdated, err := r.store.Outdated(ctx, "renal", 10*refitSize)
	if err == nil && len(slices.Compact(slices.Sorted(slices.Values(outdated)))) != len(outdated) {
		err = fmt.Errorf("students with older parameters: %v", outdated)
	}
	return outdated, err
}

func readsInARefit(t *testing.T, c *masteryFixture) {
	r := newRefitted(t, c)
	recorder := &pausedRecorder{Recorder: c.store, paused: make(chan struct{}), resume: make(chan struct{})}
	paused := mastery.New(mastery.Config{Mastered: .95, Now: func() time.Time { return c.now }, NewID: c.newID},
		mastery.Stores{Recorder: recorder, Reader: c.store, Parameters: c.store, Answers: c.store})
	var refit sync.WaitGroup
	refit.Go(func() {
		if got, err := paused.Restore(t.Context(), "renal", 1); err != nil || !got.StatesCurrent {
			t.Errorf("the refit: %+v, %v", got, err)
		}
	})
	defer refit.Wait()
	<-recorder.paused
	old, err := r.list(t.Context())
	if err != nil || len(old) != refitSize-refitPause {
		t.Errorf("in the middle %v have older parameters, %v", old, err)
	}
	for _, studentID := range r.students {
		want := 1
		if slices.Contains(old, studentID) {
			want = 0
		}
		if version, err := r.look(t.Context(), studentID); err != nil || version != want {
			t.Errorf("in the middle %s has version %d, %v; want %d", studentID, version, err, want)
		}
	}
	found, err := c.store.InForce(t.Context(), bank.Everywhere(), "renal")
	if err != nil || found.Version != 1 {
		t.Errorf("in the middle %+v are in force, %v", found, err)
	}
	close(recorder.resume)
	refit.Wait()
	r.readsBesideRefits(t)
}

// readsBesideRefits reads while one refit follows another.
func (r *refitted) readsBesideRefits(t *testing.T) {
	t.Helper()
	var readers sync.WaitGroup
	over := make(chan struct{})
	for first := range 4 {
		readers.Go(func() {
			for i := first; ; i++ {
				_, err := r.look(t.Context(), r.students[i%refitSize])
				if err == nil {
					_, err = r.list(t.Context())
				}
				if err != nil {
					t.Errorf("beside a refit: %v", err)
					return
				}
				select {
				case <-over:
					return
				default:
				}
			}
		})
	}
	for round := range 8 {
		if got, err := r.service.Restore(t.Context(), "renal", round%2); err != nil || !got.StatesCurrent {
			t.Errorf("refit %d: %+v, %v", round, got, err)
		}
	}
	close(over)
	readers.Wait()
}
