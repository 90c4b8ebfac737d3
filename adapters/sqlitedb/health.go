package sqlitedb

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports"
)

var _ ports.HealthChecker = (*Store)(nil)

// Name is "database".
func (s *Store) Name() string { return "database" }

// Check reads from the file. After a transaction that failed on a full disk it also writes, to see whether there is
// space again, since there may be no other writer.
func (s *Store) Check(ctx context.Context) error {
	var versions int
	err := s.reading.QueryRowContext(ctx, "SELECT count(*) FROM schema_versions").Scan(&versions)
	if err == nil && s.space.isUsedUp() {
		err = s.probeSpace(ctx)
	}
	if err == nil {
		return nil
	}
	return core.NewHealthError(fault(err), fmt.Errorf("database: %w", err))
}

// probe is how many bytes are written to check for space: more than a transaction of a few answers takes.
const probe = 64 << 10

// probeSpace takes space in the file and frees it with the next transaction.
func (s *Store) probeSpace(ctx context.Context) error {
	for _, text := range []string{takeSpace, giveSpaceBack} {
		err := s.writer.do(ctx, func(on *statements) error { return on.exec(context.Background(), text, probe) })
		if err != nil {
			return err
		}
	}
	return nil
}

func fault(err error) core.Fault {
	switch {
	case isFull(err):
		return core.FaultStorageFull
	case errors.Is(err, context.DeadlineExceeded), isBusy(err), errors.Is(err, errLocked):
		return core.FaultTimedOut
	default:
		return core.FaultServerError
	}
}

// space reports whether the last transaction found the disk full.
type space struct{ usedUp atomic.Bool }

func (s *space) note(err error) {
	switch {
	case err == nil:
		s.usedUp.Store(false)
	case isFull(err):
		s.usedUp.Store(true)
	}
}

func (s *space) isUsedUp() bool { return s.usedUp.Load() }
