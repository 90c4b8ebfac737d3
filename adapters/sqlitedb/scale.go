package sqlitedb

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/journey-os/journey-api/core/calibration"
	"github.com/journey-os/journey-api/ports"
)

var _ ports.ScaleStore = (*Store)(nil)

// ScaleVersion returns the version of the parameters in force.
func (s *Store) ScaleVersion(ctx context.Context) (int64, error) {
	var row scaleRow
	err := s.read.row(ctx, findScale, nil, row.into()...)
	return row.version, mapError(err)
}

// scaleRow is the row of calibration_scale.
type scaleRow struct {
	version, changedAt int64
	runID              string
}

func (r *scaleRow) into() []any { return []any{&r.version, &r.runID, &r.changedAt} }

// Scale returns the parameters in force.
func (s *Store) Scale(ctx context.Context) (*calibration.Scale, error) {
	scale := &calibration.Scale{Items: map[string]calibration.Calibrated{}}
	err := s.inSnapshot(ctx, func(on *statements) error {
		var row scaleRow
		if err := on.row(ctx, findScale, nil, row.into()...); err != nil {
			return err
		}
		scale.Version, scale.RunID = row.version, row.runID
		if row.runID != "" {
			scale.Since = instant(row.changedAt)
		}
		return on.each(ctx, listScale, nil, func(from scanner) error {
			var (
				id  string
				one calibration.Calibrated
			)
			err := from.Scan(&id, &one.RunID, &one.A, &one.B, &one.C)
			scale.Items[id] = one // a newer run's takes the place of an older one's
			return err
		})
	})
	if err != nil {
		return nil, mapError(err)
	}
	return scale, nil
}

// RestoreRun puts a run back into force.
func (s *Store) RestoreRun(ctx context.Context, runID string, at time.Time) (found bool, err error) {
	err = s.writer.do(ctx, func(on *statements) error {
		ctx := context.Background()
		var (
			scale   scaleRow
			applied bool
		)
		if err := on.row(ctx, findApplied, []any{runID}, &applied); err != nil {
			return err
		}
		if !applied {
			return sql.ErrNoRows
		}
		if err := on.row(ctx, findScale, nil, scale.into()...); err != nil || scale.runID == runID {
			return err
		}
		if err := on.exec(ctx, putRunsInForce, runID); err != nil {
			return err
		}
		return on.exec(ctx, putScale, runID, at.UnixMicro())
	})
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, mapError(err)
}
