package postgresdb

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/journey-os/journey-api/core/bkt"
	"github.com/journey-os/journey-api/core/mastery"
	"github.com/journey-os/journey-api/ports"
)

var (
	_ ports.Outbox    = (*Store)(nil)
	_ ports.Removals  = (*Store)(nil)
	_ ports.LagReader = (*Store)(nil)
)

// requeueStep is how many states become pending in one change.
const requeueStep = 1000

// DueStates returns the states that the graph does not have yet.
func (s *Store) DueStates(ctx context.Context, now time.Time, limit int) (states []mastery.GraphState, err error) {
	err = s.read(ctx, func(pool *pgxpool.Pool) error {
		states = nil
		return each(ctx, pool, s.text(listStatesToSync), []any{now, limit}, func(row pgx.Row) error {
			var (
				one   mastery.GraphState
				state bkt.State
			)
			err := row.Scan(&one.StudentID, &one.ConceptID, &state.Mastery, &state.Previous, &state.Earlier, &state.Evidence, &one.UpdatedAt, &one.Version)
			one.Mastery, one.Trend, one.Evidence, one.UpdatedAt = state.Mastery, state.Trend(), state.Evidence, one.UpdatedAt.UTC()
			states = append(states, one)
			return err
		})
	})
	return states, err
}

// SaveOutcomes saves the outcomes of a sync.
func (s *Store) SaveOutcomes(ctx context.Context, outcomes []mastery.SyncOutcome) error {
	var (
		students, concepts, refused []string
		versions                    []int64
		retries                     []time.Time
	)
	for _, one := range outcomes {
		students, concepts, refused = append(students, one.StudentID), append(concepts, one.ConceptID), append(refused, one.Refused)
		versions, retries = append(versions, one.Version), append(retries, one.RetryAt)
	}
	return s.transact(ctx, func(t *transaction) error {
		t.queue(settleStates, students, concepts, versions, refused, retries)
		return t.commit()
	})
}

// Requeue makes states pending that the graph refused or that were never queued.
func (s *Store) Requeue(ctx context.Context) (requeued int, err error) {
	for last := [2]string{}; ; {
		changed, after := 0, last
		err := s.transact(ctx, func(t *transaction) error {
			t.queue(requeueStates, after[0], after[1], requeueStep).Query(func(rows pgx.Rows) error {
				changed, last = 0, after
				return scanEach(rows, func(row pgx.Row) error {
					var key [2]string
					err := row.Scan(&key[0], &key[1])
					if key[0] > last[0] || key[0] == last[0] && key[1] > last[1] {
						last = key
					}
					changed++
					return err
				})
			})
			return t.commit()
		})
		if err != nil || changed == 0 {
			return requeued, err
		}
		requeued += changed
	}
}

// Removals lists the students who are yet to be removed from the graph.
func (s *Store) Removals(ctx context.Context, limit int) (students []string, err error) {
	err = s.read(ctx, func(pool *pgxpool.Pool) error {
		rows, err := pool.Query(ctx, s.text(listRemovals), limit)
		if err != nil {
			return err
		}
		students, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return students, err
}

// DeleteRemovals drops the entries of students who were removed from the graph.
func (s *Store) DeleteRemovals(ctx context.Context, studentIDs []string) error {
	return s.transact(ctx, func(t *transaction) error {
		t.queue(dropRemovals, studentIDs)
		return t.commit()
	})
}

// Lag returns how far the graph is behind.
func (s *Store) Lag(ctx context.Context) (lag mastery.Lag, err error) {
	err = s.read(ctx, func(pool *pgxpool.Pool) error {
		lag = mastery.Lag{}
		var oldest *time.Time
		if err := pool.QueryRow(ctx, s.text(findLag)).Scan(&lag.Pending, &oldest, &lag.Removals); err != nil {
			return err
		}
		if oldest != nil {
			lag.OldestPending = oldest.UTC()
		}
		return each(ctx, pool, s.text(listRefusals), nil, func(row pgx.Row) error {
			var one mastery.Refusal
			err := row.Scan(&one.Cause, &one.States)
			lag.Refused = append(lag.Refused, one)
			return err
		})
	})
	return lag, err
}
