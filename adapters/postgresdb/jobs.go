package postgresdb

import "github.com/jackc/pgx/v5/pgxpool"

// Pool is for the queue of jobs, which keeps tables of its own in the schema.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// Schema is where everything lives.
func (s *Store) Schema() string { return s.schema }
