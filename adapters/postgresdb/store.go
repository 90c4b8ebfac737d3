package postgresdb

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/journey-os/journey-api/ports/masking"

	"github.com/journey-os/journey-api/core/health"
)

// Config configures a Store.
type Config struct {
	// URL is a postgres:// URL; its query may have the parameters of pgx (sslmode, pool_max_conns,
	// default_query_exec_mode).
	URL string
	// Schema is the schema of all tables; empty for journey.
	Schema string
	// Migrate brings the schema up to date before the first use. Without it a schema that is behind is an error.
	Migrate bool
	// Timeout bounds a statement without a request, and the commit of a change whose request has ended; 10 s for zero.
	Timeout time.Duration
}

// Store is a store in a database. It may be used by many goroutines at once.
type Store struct {
	pool     *pgxpool.Pool
	schema   string
	password string
	timeout  time.Duration
	migrates bool
	// choosesMode is false if the URL sets how statements are executed.
	choosesMode bool

	// usable is true once the schema was found to be the one that this program needs.
	usable atomic.Bool
	// commits and waited are for Commits.
	commits, waited atomic.Int64
	preparing       sync.Mutex
	// isDirect is true once no pooler was found; new connections then prepare statements.
	isDirect atomic.Bool
	// reconnected is when the connections were last replaced, in nanoseconds since 1970.
	reconnected atomic.Int64
}

const (
	defaultSchema      = "journey"
	defaultTimeout     = 10 * time.Second
	defaultConnections = 16
)

// schemaName matches a schema's name that needs no quotes.
var schemaName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,50}$`)

// Open returns a store without connecting. Prepare, or the first use, prepares the schema.
func Open(config Config) (*Store, error) {
	if config.Schema == "" {
		config.Schema = defaultSchema
	}
	if !schemaName.MatchString(config.Schema) || strings.HasPrefix(config.Schema, "pg_") {
		return nil, errors.New("the schema's name has to be one that needs no quotes, such as journey")
	}
	settings, err := pgxpool.ParseConfig(config.URL)
	if err != nil {
		return nil, errors.New("the database's URL can't be read: postgres://USER:PASSWORD@HOST:PORT/DATABASE")
	}
	s := &Store{schema: config.Schema, password: settings.ConnConfig.Password, timeout: config.Timeout, migrates: config.Migrate}
	s.choosesMode = !strings.Contains(config.URL, "default_query_exec_mode=")
	if s.choosesMode {
		settings.BeforeConnect = func(_ context.Context, made *pgx.ConnConfig) error {
			made.DefaultQueryExecMode = s.mode()
			return nil
		}
	}
	if !strings.Contains(config.URL, "pool_max_conns=") {
		settings.MaxConns = defaultConnections
	}
	if !strings.Contains(config.URL, "connect_timeout=") {
		settings.ConnConfig.ConnectTimeout = 2 * time.Second
	}
	if s.timeout == 0 {
		s.timeout = defaultTimeout
	}
	if s.pool, err = pgxpool.NewWithConfig(context.Background(), settings); err != nil {
		return nil, masking.Error(err, s.password)
	}
	return s, nil
}

// Close closes the connections after the calls under way have ended.
func (s *Store) Close() { s.pool.Close() }

// Commits counts the transactions so far, the changes that they committed, which is one each, and how long those waited
// for a connection.
type Commits struct {
	Transactions, Changes int64
	Waited                time.Duration
}

// Commits may be called at any time.
func (s *Store) Commits() Commits {
	commits := s.commits.Load()
	return Commits{Transactions: commits, Changes: commits, Waited: time.Duration(s.waited.Load())}
}

// Stats returns how much of the pool is in use.
func (s *Store) Stats() health.Pool {
	now := s.pool.Stat()
	return health.Pool{Name: s.Name(), InUse: int(now.AcquiredConns()), Capacity: int(now.MaxConns())}
}

// Prepare prepares the schema. Its error is CodeUnavailable if the database can't be reached, which the next use tries
// again. Any other error needs an operator.
func (s *Store) Prepare(ctx context.Context) error {
	if s.usable.Load() {
		return nil
	}
	s.preparing.Lock()
	defer s.preparing.Unlock()
	if s.usable.Load() {
		return nil
	}
	if s.migrates {
		if _, err := s.Migrate(ctx); err != nil {
			return s.mapError(err)
		}
	}
	if err := s.checkSchema(ctx); err != nil {
		return s.mapError(err)
	}
	if err := s.chooseMode(ctx); err != nil {
		return s.mapError(err)
	}
	s.usable.Store(true)
	return nil
}

// text puts the schema's name into a statement.
func (s *Store) text(statement string) string {
	if s.schema == defaultSchema {
		return statement
	}
	return strings.ReplaceAll(statement, defaultSchema+".", s.schema+".")
}

// read runs a query outside of a transaction, and once more if its connection was dead.
func (s *Store) read(ctx context.Context, query func(*pgxpool.Pool) error) error {
	err := s.Prepare(ctx)
	if err != nil {
		return err
	}
	if err = query(s.pool); s.reconnect(ctx, err) {
		err = query(s.pool)
	}
	return s.mapError(err)
}

// each calls scan for every row of a query.
func each(ctx context.Context, on queryer, text string, values []any, scan func(pgx.Row) error) error {
	rows, err := on.Query(ctx, text, values...)
	if err != nil {
		return err
	}
	return scanEach(rows, scan)
}

func scanEach(rows pgx.Rows, scan func(pgx.Row) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// queryer is a connection, a transaction or the pool.
type queryer interface {
	Query(ctx context.Context, sql string, values ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, values ...any) pgx.Row
}
