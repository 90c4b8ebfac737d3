package sqlitedb

import (
	"context"
	"database/sql"
	"errors"
	"time"

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

// AddRun queues a run.
func (s *Store) AddRun(ctx context.Context, run calibration.Run, unlessSince time.Time) error {
	items, err := writeIDs(run.Settings.Items)
	if err != nil {
		return err
	}
	return mapError(s.writer.do(ctx, func(on *statements) error {
		ctx := context.Background()
		var pulse queueStateRow
		if err := on.row(ctx, findQueueState, nil, pulse.into()...); err != nil {
			return err
		}
		now := pulse.state()
		switch {
		case now.Active != "":
			return calibration.ErrInProgress.WithDetail("run_id", now.Active)
		case !unlessSince.IsZero() && now.Scheduled.After(unlessSince):
			return calibration.ErrNotDue
		}
		settings := run.Settings
		return on.exec(ctx, addRun, run.ID, items, string(settings.Model), settings.MinResponses, settings.MaxIterations,
			settings.Threshold, run.AskedBy, run.AskedAt.UnixMicro())
	}))
}

// Run returns a run.
func (s *Store) Run(ctx context.Context, id string) (*calibration.Run, error) {
	return s.oneRun(func(into ...any) error { return s.read.row(ctx, findRun, []any{id}, into...) })
}

// oneRun reads a row that may be missing.
func (s *Store) oneRun(scan func(into ...any) error) (*calibration.Run, error) {
	var row runRow
	err := scan(row.into()...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, mapError(err)
	}
	run, err := row.read()
	return &run, err
}

// Runs lists the runs.
func (s *Store) Runs(ctx context.Context, page bank.Page) (runs []calibration.Run, total int, err error) {
	err = s.inSnapshot(ctx, func(on *statements) error {
		if err := on.row(ctx, countRuns, nil, &total); err != nil {
			return err
		}
		return on.each(ctx, listRuns, []any{page.Limit, page.Offset}, func(from scanner) error {
			var row runRow
			if err := from.Scan(row.into()...); err != nil {
				return err
			}
			run, err := row.read()
			runs = append(runs, run)
			return err
		})
	})
	return runs, total, mapError(err)
}

// RunQueueState returns what there is to do.
func (s *Store) RunQueueState(ctx context.Context) (calibration.QueueState, error) {
	var row queueStateRow
	if err := s.read.row(ctx, findQueueState, nil, row.into()...); err != nil {
		return calibration.QueueState{}, mapError(err)
	}
	return row.state(), nil
}

// queueStateRow is the row of find_queue_state.
type queueStateRow struct {
	active, status   sql.NullString
	asked, scheduled sql.NullInt64
}

func (r *queueStateRow) into() []any {
	return []any{&r.active, &r.status, &r.asked, &r.scheduled}
}

func (r *queueStateRow) state() calibration.QueueState {
	return calibration.QueueState{
		Active: r.active.String, Status: calibration.Status(r.status.String), AskedAt: instantOr(r.asked),
		Scheduled: instantOr(r.scheduled),
	}
}

// ClaimRun begins a run.
func (s *Store) ClaimRun(ctx context.Context, runID, worker string, at time.Time) (*calibration.Run, error) {
	claimed := make(chan *calibration.Run, 1) // what is finished after ctx ended must not be written to the result
	err := s.writer.do(ctx, func(on *statements) error {
		values := []any{runID, worker, at.UnixMicro()}
		run, err := s.oneRun(func(into ...any) error { return on.row(context.Background(), claimRun, values, into...) })
		claimed <- run
		return err
	})
	if err != nil {
		return nil, mapError(err)
	}
	return <-claimed, nil
}

// HeartbeatRun saves the progress of a run.
func (s *Store) HeartbeatRun(ctx context.Context, runID, worker string, progress irt.Progress) (held bool, err error) {
	return s.changeRun(ctx, heartbeatRun, runID, worker, string(progress.Stage), progress.Iteration, progress.MaxChange, progress.LogLikelihood)
}

// EndRun gives an active run another status.
func (s *Store) EndRun(ctx context.Context, end calibration.RunEnd) (ended bool, err error) {
	code, message := failureOf(end)
	return s.changeRun(ctx, endRun, end.RunID, end.Worker, string(end.Status), string(code), message, end.At.UnixMicro())
}

// changeRun runs a statement about a run, and reports whether it changed the run.
func (s *Store) changeRun(ctx context.Context, text string, values ...any) (changed bool, err error) {
	err = s.writer.do(ctx, func(on *statements) error {
		var id string
		return on.row(context.Background(), text, values, &id)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, mapError(err)
}

// CompleteRun ends a run with all that it found.
func (s *Store) CompleteRun(ctx context.Context, completion calibration.Completion) error {
	values, err := completionValues(completion)
	if err != nil {
		return err
	}
	return mapError(s.writer.do(ctx, func(on *statements) error { return complete(on, completion, values) }))
}

func complete(on *statements, completion calibration.Completion, values []any) error {
	ctx := context.Background()
	var scale scaleRow
	if err := on.row(ctx, findScale, nil, scale.into()...); err != nil {
		return err
	}
	if scale.version != completion.ScaleVersion {
		return calibration.ErrScaleChanged
	}
	var id string
	err := on.row(ctx, completeRun, values, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return calibration.ErrLost
	}
	for _, item := range completion.Items {
		if err == nil {
			err = on.exec(ctx, addItemParameters, itemValues(completion.RunID, item)...)
		}
	}
	for _, one := range completion.Skipped {
		if err == nil {
			err = on.exec(ctx, addSkippedItem, completion.RunID, one.ID, string(one.Reason), one.Responses)
		}
	}
	if err == nil {
		err = on.exec(ctx, addReport, completion.RunID, completion.Report)
	}
	if err == nil && completion.Outcome.Applied {
		err = on.exec(ctx, putScale, completion.RunID, completion.At.UnixMicro())
	}
	return err
}
