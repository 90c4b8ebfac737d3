package postgresdb

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports"
	"github.com/journey-os/journey-api/ports/masking"
)

var _ ports.HealthChecker = (*Store)(nil)

// Name is "database".
func (s *Store) Name() string { return "database" }

// Check reads one of the store's tables. Before the first success it prepares the schema.
func (s *Store) Check(ctx context.Context) error {
	var versions int
	err := s.read(ctx, func(pool *pgxpool.Pool) error {
		return pool.QueryRow(ctx, s.text("SELECT count(*) FROM journey."+versionsTable)).Scan(&versions)
	})
	if err == nil {
		return nil
	}
	return core.NewHealthError(fault(err), fmt.Errorf("database: %w", masking.Error(err, s.password)))
}
