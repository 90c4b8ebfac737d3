package postgresdb

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// mode is how the statements of a new connection are executed. A pooler in transaction mode may give each transaction to
// another server process, which knows nothing of what was prepared: nothing outlives a statement then. Without a pooler
// each statement is planned once a connection, which takes half the work off both sides.
func (s *Store) mode() pgx.QueryExecMode {
	if s.isDirect.Load() {
		return pgx.QueryExecModeCacheStatement
	}
	return pgx.QueryExecModeExec
}

// chooseMode looks for a pooler. The server tells each connection its process (BackendKeyData, in PostgreSQL's protocol);
// a pooler, whose connections have no process of their own, tells a number that it made up.
func (s *Store) chooseMode(ctx context.Context) error {
	if !s.choosesMode || s.isDirect.Load() {
		return nil
	}
	isDirect := false
	err := s.pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
		var process uint32
		err := conn.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&process)
		isDirect = err == nil && process == conn.Conn().PgConn().PID()
		return err
	})
	if isDirect {
		s.isDirect.Store(true)
		s.pool.Reset() // those that were made before
	}
	return err
}
