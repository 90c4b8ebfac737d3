package postgresdb

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/journey-os/journey-api/core/calibration"
	"github.com/journey-os/journey-api/ports"
)

var _ ports.ScaleStore = (*Store)(nil)

// ScaleVersion returns the version of the parameters in force.
func (s *Store) ScaleVersion(ctx context.Context) (version int64, err error) {
	err = s.read(ctx, func(pool *pgxpool.Pool) error {
		var (
			runID     string
			changedAt time.Time
		)
		return pool.QueryRow(ctx, s.text(findScale)).Scan(&version, &runID, &changedAt)
	})
	return version, err
}

// Scale returns the parameters in force.
func (s *Store) Scale(ctx context.Context) (scale *calibration.Scale, err error) {
	err = s.inSnapshot(ctx, func(batch *pgx.Batch) {
		scale = &calibration.Scale{Items: map[string]calibration.Calibrated{}}
		batch.Queue(s.text(findScale)).QueryRow(func(row pgx.Row) error {
			err := row.Scan(&scale.Version, &scale.RunID, &scale.Since)
			if scale.Since = scale.Since.UTC(); scale.RunID == "" {
				scale.Since = time.Time{}
			}
			return err
		})
		batch.Queue(s.text(listScale)).Query(func(rows pgx.Rows) error {
			return scanEach(rows, func(row pgx.Row) error {
				var (
					id  string
					one calibration.Calibrated
				)
				err := row.Scan(&id, &one.RunID, &one.A, &one.B, &one.C)
				scale.Items[id] = one // a newer run's takes the place of an older one's
				return err
			})
		})
	})
	if err != nil {
		return nil, err
	}
	return scale, nil
}

// lockScale returns the version and the newest run in force, and locks them against changes.
func (t *transaction) lockScale(ctx context.Context) (version int64, runID string, err error) {
	t.queue(lockScale).QueryRow(func(row pgx.Row) error { return row.Scan(&version, &runID) })
	err = t.send(ctx)
	return version, runID, err
}

// RestoreRun puts a run back into force.
func (s *Store) RestoreRun(ctx context.Context, runID string, at time.Time) (found bool, err error) {
	err = s.transact(ctx, func(t *transaction) error {
		found = false
		t.queue(findApplied, runID).QueryRow(func(row pgx.Row) error {
			err := row.Scan(&found)
			if errors.Is(err, pgx.ErrNoRows) {
				return nil
			}
			return err
		})
		_, newest, err := t.lockScale(ctx)
		if err != nil || !found || newest == runID {
			return err
		}
		t.queue(putRunsInForce, runID)
		t.queue(putScale, runID, at)
		return t.commit()
	})
	return found && err == nil, err
}
