package sqlitedb

import (
	"context"
	"database/sql"
	"time"

	"github.com/journey-os/journey-api/core/bkt"
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/ports"
)

var (
	_ ports.Outbox    = (*Store)(nil)
	_ ports.Removals  = (*Store)(nil)
	_ ports.LagReader = (*Store)(nil)
)

// requeueStep is how many states become pending in one change. Answers are recorded between two changes.
const requeueStep = 500

// DueStates returns the states that the graph does not have yet.
func (s *Store) DueStates(ctx context.Context, now time.Time, limit int) (states []mastery.GraphState, err error) {
	err = s.read.each(ctx, listStatesToSync, []any{now.UnixMicro(), limit}, func(from scanner) error {
		var (
			one     mastery.GraphState
			state   bkt.State
			changed int64
		)
		err := from.Scan(&one.StudentID, &one.ConceptID, &state.Mastery, &state.Previous, &state.Earlier, &state.Evidence, &changed, &one.Version)
		one.Mastery, one.Trend, one.Evidence, one.UpdatedAt = state.Mastery, state.Trend(), state.Evidence, time.UnixMicro(changed).UTC()
		states = append(states, one)
		return err
	})
	return states, mapError(err)
}

// SaveOutcomes saves the outcomes of a sync.
func (s *Store) SaveOutcomes(ctx context.Context, outcomes []mastery.SyncOutcome) error {
	return mapError(s.writer.do(ctx, func(on *statements) error {
		for _, one := range outcomes {
			var due any
			if one.Refused != "" {
				due = one.RetryAt.UnixMicro()
			}
			err := on.exec(context.Background(), settleState, one.StudentID, one.ConceptID, one.Version, orNull(one.Refused), due)
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

// Requeue makes states pending that the graph refused or that were never queued.
func (s *Store) Requeue(ctx context.Context) (requeued int, err error) {
	for last := [2]string{}; ; {
		var keys [][2]string
		err := s.read.each(ctx, listUnqueuedStates, []any{last[0], last[1], requeueStep}, func(from scanner) error {
			err := from.Scan(&last[0], &last[1])
			keys = append(keys, last)
			return err
		})
		if err == nil && len(keys) == 0 {
			return requeued, nil
		}
		if err == nil {
			err = s.writer.do(ctx, func(on *statements) error {
				for _, key := range keys {
					if err := on.exec(context.Background(), requeueState, key[0], key[1]); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err != nil {
			return requeued, mapError(err)
		}
		requeued += len(keys)
	}
}

// Removals lists the students who are yet to be removed from the graph.
func (s *Store) Removals(ctx context.Context, limit int) (students []string, err error) {
	err = s.read.each(ctx, listRemovals, []any{limit}, func(from scanner) error {
		var id string
		err := from.Scan(&id)
		students = append(students, id)
		return err
	})
	return students, mapError(err)
}

// DeleteRemovals drops the entries of students who were removed from the graph.
func (s *Store) DeleteRemovals(ctx context.Context, studentIDs []string) error {
	return mapError(s.writer.do(ctx, func(on *statements) error {
		for _, id := range studentIDs {
			if err := on.exec(context.Background(), dropRemoval, id); err != nil {
				return err
			}
		}
		return nil
	}))
}

// Lag returns how far the graph is behind.
func (s *Store) Lag(ctx context.Context) (lag mastery.Lag, err error) {
	var oldest sql.NullInt64
	if err := s.read.row(ctx, findLag, nil, &lag.Pending, &oldest, &lag.Removals); err != nil {
		return mastery.Lag{}, mapError(err)
	}
	if oldest.Valid {
		lag.OldestPending = time.UnixMicro(oldest.Int64).UTC()
	}
	err = s.read.each(ctx, listRefusals, nil, func(from scanner) error {
		var one mastery.Refusal
		err := from.Scan(&one.Cause, &one.States)
		lag.Refused = append(lag.Refused, one)
		return err
	})
	return lag, mapError(err)
}
