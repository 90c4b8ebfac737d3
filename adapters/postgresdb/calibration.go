package postgresdb

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/calibration"
	"github.com/journey-os/journey-api/core/irt"
	"github.com/journey-os/journey-api/ports"
)

var (
	_ ports.RunStore    = (*Store)(nil)
	_ ports.RunQueue    = (*Store)(nil)
	_ ports.RunFinisher = (*Store)(nil)
)

// AddRun queues a run. Two at once conflict at the unique index of active runs; the later one reads again.
func (s *Store) AddRun(ctx context.Context, run calibration.Run, unlessSince time.Time) error {
	items, err := writeIDs(run.Settings.Items)
	if err != nil {
		return err
	}
	return s.transact(ctx, func(t *transaction) error {
		var now calibration.QueueState
		t.queue(findQueueState).QueryRow(func(row pgx.Row) (err error) { now, err = scanQueueState(row); return err })
		if err := t.send(ctx); err != nil {
			return err
		}
		switch {
		case now.Active != "":
			return calibration.ErrInProgress.WithDetail("run_id", now.Active)
		case !unlessSince.IsZero() && now.Scheduled.After(unlessSince):
			return calibration.ErrNotDue
		}
		settings := run.Settings
		t.queue(addRun, run.ID, items, string(settings.Model), settings.MinResponses, settings.MaxIterations, settings.Threshold,
			run.AskedBy, run.AskedAt)
		return t.commit()
	})
}

// Run returns a run.
func (s *Store) Run(ctx context.Context, id string) (*calibration.Run, error) {
	return one(ctx, s, findRun, []any{id}, scanRun)
}

// one returns the row of a query, nil if there is none.
func one[T any](ctx context.Context, s *Store, text string, values []any, scan func(pgx.Row) (T, error)) (found *T, err error) {
	err = s.read(ctx, func(pool *pgxpool.Pool) error {
		row, err := scan(pool.QueryRow(ctx, s.text(text), values...))
		if errors.Is(err, pgx.ErrNoRows) {
			found = nil
			return nil
		}
		found = &row
		return err
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// Runs lists the runs.
func (s *Store) Runs(ctx context.Context, page bank.Page) (runs []calibration.Run, total int, err error) {
	err = s.inSnapshot(ctx, func(batch *pgx.Batch) {
		runs = nil
		batch.Queue(s.text(countRuns)).QueryRow(func(row pgx.Row) error { return row.Scan(&total) })
		batch.Queue(s.text(listRuns), page.Limit, page.Offset).Query(func(rows pgx.Rows) error {
			return scanEach(rows, func(row pgx.Row) error {
				run, err := scanRun(row)
				runs = append(runs, run)
				return err
			})
		})
	})
	return runs, total, err
}

// RunQueueState returns what there is to do.
func (s *Store) RunQueueState(ctx context.Context) (calibration.QueueState, error) {
	now, err := one(ctx, s, findQueueState, nil, scanQueueState)
	if err != nil || now == nil {
		return calibration.QueueState{}, err
	}
	return *now, nil
}

func scanQueueState(row pgx.Row) (calibration.QueueState, error) {
	var (
		active, status   *string
		asked, scheduled *time.Time
	)
	if err := row.Scan(&active, &status, &asked, &scheduled); err != nil {
		return calibration.QueueState{}, err
	}
	now := calibration.QueueState{AskedAt: timeOr(asked), Scheduled: timeOr(scheduled)}
	if active != nil {
		now.Active, now.Status = *active, calibration.Status(*status)
	}
	return now, nil
}

// ClaimRun begins a run.
func (s *Store) ClaimRun(ctx context.Context, runID, worker string, at time.Time) (claimed *calibration.Run, err error) {
	err = s.transact(ctx, func(t *transaction) error {
		claimed = nil
		t.queue(claimRun, runID, worker, at).QueryRow(func(row pgx.Row) error {
			run, err := scanRun(row)
			if errors.Is(err, pgx.ErrNoRows) {
				return nil
			}
			claimed = &run
			return err
		})
		return t.commit()
	})
	if err != nil {
		return nil, err
	}
	return claimed, nil
}

// HeartbeatRun saves the progress of a run.
func (s *Store) HeartbeatRun(ctx context.Context, runID, worker string, progress irt.Progress) (held bool, err error) {
	return s.changeRun(ctx, heartbeatRun, runID, worker, string(progress.Stage), progress.Iteration, progress.MaxChange, progress.LogLikelihood)
}

// EndRun gives an active run another status.
func (s *Store) EndRun(ctx context.Context, end calibration.RunEnd) (ended bool, err error) {
	code, message := failureOf(end)
	return s.changeRun(ctx, endRun, end.RunID, end.Worker, string(end.Status), string(code), message, end.At)
}

// changeRun runs a statement about a run, and reports whether it changed the run.
func (s *Store) changeRun(ctx context.Context, text string, values ...any) (changed bool, err error) {
	err = s.transact(ctx, func(t *transaction) error {
		t.queue(text, values...).QueryRow(func(row pgx.Row) error {
			var id string
			err := row.Scan(&id)
			changed = err == nil
			if errors.Is(err, pgx.ErrNoRows) {
				return nil
			}
			return err
		})
		return t.commit()
	})
	return changed && err == nil, err
}

// CompleteRun ends a run with all that it found.
func (s *Store) CompleteRun(ctx context.Context, completion calibration.Completion) error {
	values, err := completionValues(completion)
	if err != nil {
		return err
	}
	return s.transact(ctx, func(t *transaction) error {
		version, _, err := t.lockScale(ctx)
		if err != nil {
			return err
		}
		if version != completion.ScaleVersion {
			return calibration.ErrScaleChanged
		}
		t.queue(completeRun, values...).QueryRow(func(row pgx.Row) error {
			var id string
			err := row.Scan(&id)
			if errors.Is(err, pgx.ErrNoRows) {
				return calibration.ErrLost
			}
			return err
		})
		if err := t.send(ctx); err != nil {
			return err
		}
		for _, item := range completion.Items {
			t.queue(addItemParameters, itemValues(completion.RunID, item)...)
		}
		for _, one := range completion.Skipped {
			t.queue(addSkippedItem, completion.RunID, one.ID, string(one.Reason), one.Responses)
		}
		t.queue(addReport, completion.RunID, completion.Report)
		if completion.Outcome.Applied {
			t.queue(putScale, completion.RunID, completion.At)
		}
		return t.commit()
	})
}
