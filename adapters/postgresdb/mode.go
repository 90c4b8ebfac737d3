package postgresdb

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// mode returns how the statements of a new connection are executed. A pooler in transaction mode may give each
// transaction to another server process, without the prepared statements, so nothing is prepared then. Without a pooler
// each statement is planned once per connection, which halves the work of both sides.
func (s *Store) mode() pgx.QueryExecMode {
	if s.isDirect.Load() {
		return pgx.QueryExecModeCacheStatement
	}
	return pgx.QueryExecModeExec
}

// chooseMode detects a pooler. The server sends each connection the id of its process (BackendKeyData, in PostgreSQL's
// protocol). A pooler, whose connections have no process of their own, sends a made-up number.
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
