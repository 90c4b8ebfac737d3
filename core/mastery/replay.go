package mastery

import (
	"slices"
	"time"

	"github.com/journey-os/journey-api/core/bkt"
)

// replay is the state of one student and concept while attempts are added, and what has to be saved afterwards.
type replay struct {
	held  StudentData
	model Model
	state State
	now   time.Time
	// sync is the status of the state once it changed.
	sync SyncStatus

	// passed, if set, is called for each attempt of the replay, with the state before and after it.
	passed func(at Position, before, after bkt.State)

	changed   bool
	stale     []StaleSnapshots
	snapshots []Snapshot
}

// newReplay starts from the saved state. A state that was computed with other parameters than those in force is
// computed again first.
func newReplay(held StudentData, studentID, conceptID string, now time.Time, sync SyncStatus) (*replay, error) {
	model, isFitted := held.Models[conceptID]
	if !isFitted {
		model = DefaultModel()
	}
	r := &replay{held: held, model: model, now: now, sync: sync}
	state, isKnown := held.States[conceptID]
	if !isKnown {
		r.state = State{StudentID: studentID, ConceptID: conceptID, State: model.Start(), ParametersVersion: model.Version, Sync: sync}
		return r, nil
	}
	r.state = state
	if state.ParametersVersion == model.Version {
		return r, nil
	}
	return r, r.run(Position{}, nil)
}

// insert adds a new attempt at its position, and reports whether that is before another.
func (r *replay) insert(at Position) (late bool, err error) {
	if r.state.Evidence > 0 && at.Compare(r.state.Last) < 0 {
		return true, r.run(at, []Position{at})
	}
	r.next(at)
	return false, nil
}

// next adds the attempt that follows all others.
func (r *replay) next(at Position) {
	before := r.state.State
	r.state.State = r.model.Next(before, at.Correct)
	r.state.Last = at
	if r.passed != nil {
		r.passed(at, before, r.state.State)
	}
	r.changed = true
	if r.state.Evidence%snapshotEvery == 0 {
		r.snapshots = append(r.snapshots, Snapshot{
			StudentID: r.state.StudentID, ConceptID: r.state.ConceptID,
			State: r.state.State, At: at, ParametersVersion: r.model.Version,
		})
	}
}

// run computes the state again from the last snapshot before a position, with the added attempts, which are in order
// and not before the position. The zero position is before all attempts.
func (r *replay) run(from Position, added []Position) error {
	past, err := r.held.ReplayTail(r.state.ConceptID, from)
	if err != nil {
		return err
	}
	// Snapshots that this replay took earlier are taken again from where the tail begins.
	r.snapshots = slices.DeleteFunc(r.snapshots, func(s Snapshot) bool {
		return past.From == nil || s.At.Compare(past.From.At) > 0
	})
	r.stale = append(r.stale, StaleSnapshots{StudentID: r.state.StudentID, ConceptID: r.state.ConceptID, From: from})
	r.state.State, r.state.ParametersVersion, r.state.Last = r.model.Start(), r.model.Version, Position{}
	if past.From != nil {
		r.state.State, r.state.Last = past.From.State, past.From.At
	}
	for _, at := range merged(past.Attempts, added) {
		r.next(at)
	}
	r.changed = true
	return nil
}

// merged merges two sorted lists of attempts.
func merged(past, added []Position) []Position {
	if len(added) == 0 {
		return past
	}
	all := make([]Position, 0, len(past)+len(added))
	for _, at := range past {
		for len(added) > 0 && added[0].Compare(at) < 0 {
			all = append(all, added[0])
			added = added[1:]
		}
		all = append(all, at)
	}
	return append(all, added...)
}

// addTo adds what has to be saved to change.
func (r *replay) addTo(change *Change) {
	if !r.changed {
		return
	}
	r.state.Version++
	r.state.UpdatedAt, r.state.Sync = r.now, r.sync
	change.States = append(change.States, r.state)
	change.Stale = append(change.Stale, r.stale...)
	change.Snapshots = append(change.Snapshots, r.snapshots...)
}
