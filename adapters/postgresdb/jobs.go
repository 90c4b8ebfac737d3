package postgresdb

import "github.com/jackc/pgx/v5/pgxpool"

// Pool returns the pool for the queue of jobs, which has tables of its own in the schema.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// Schema returns the name of the store's schema.
func (s *Store) Schema() string { return s.schema }
