// Package neo4jdb is the client for Neo4j: it runs work in managed transactions, and checks Neo4j's health. No other
// package imports the driver.
package neo4jdb

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j/config"
	"go.opentelemetry.io/otel/trace"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/health"
)

// idleBeforeCheck is how long a connection may be idle before it is tested: load balancers silently drop idle ones,
// most after a minute or more.
const idleBeforeCheck = 30 * time.Second

// correlationKey names the correlation id in a transaction's metadata, as SHOW TRANSACTIONS prints it.
const correlationKey = "correlation_id"

// Config configures a Client. Only Database, UserAgent, MaxConnLifetime and Traces may be zero.
type Config struct {
	// URI has one of the schemes bolt, neo4j and their +s and +ssc forms.
	URI                string
	Username, Password string
	// Database is the database that all work runs on; "" is the server's default.
	Database string
	// MaxPoolSize bounds the connections to one server.
	MaxPoolSize int
	// AcquireTimeout bounds the wait for a connection from the pool, including the dialling and login of a new one. A
	// Read or Write that has lasted longer than this is not tried again, so that it does not wait twice for a full
	// pool.
	AcquireTimeout time.Duration
	// ConnectTimeout bounds only the dialling.
	ConnectTimeout time.Duration
	// MaxConnLifetime is when a connection is replaced; 0 is never.
	MaxConnLifetime time.Duration
	// Timeout bounds one Read, Write or Check with all its retries; a context that ends earlier still ends it.
	Timeout time.Duration
	// UserAgent is what the server logs about us; "" is the driver's own.
	UserAgent string
	// Traces, if it is set, gets a span for each Read and Write.
	Traces trace.TracerProvider
}

// Client talks to one database. It may be used by many goroutines at once.
type Client struct {
	driver   neo4j.DriverWithContext
	password string // to keep it out of what the server says
	database string
	timeout  time.Duration
	capacity int
	inUse    atomic.Int64
	tracer   trace.Tracer
}

// Stats is how much of the pool is in use. It may be called at any time.
func (c *Client) Stats() health.Pool {
	return health.Pool{Name: c.Name(), InUse: int(c.inUse.Load()), Capacity: c.capacity}
}

// session opens a session that counts as in use until the returned function closes it.
func (c *Client) session(ctx context.Context, mode neo4j.AccessMode) (neo4j.SessionWithContext, func()) {
	c.inUse.Add(1)
	session := c.driver.NewSession(ctx, neo4j.SessionConfig{AccessMode: mode, DatabaseName: c.database})
	return session, func() {
		_ = session.Close(ctx)
		c.inUse.Add(-1)
	}
}

// New refuses a configuration that can't work. It opens no connection: the first call does, so the service starts
// without Neo4j.
func New(settings Config) (*Client, error) {
	if settings.MaxPoolSize <= 0 || settings.AcquireTimeout <= 0 || settings.ConnectTimeout <= 0 || settings.Timeout <= 0 {
		return nil, errors.New("neo4j: the pool size, acquire timeout, connect timeout and timeout must be above zero")
	}
	credentials := neo4j.BasicAuth(settings.Username, settings.Password, "")
	driver, err := neo4j.NewDriverWithContext(settings.URI, credentials, settings.apply)
	if err != nil {
		return nil, fmt.Errorf("neo4j: %w", err)
	}
	presetDriver(driver)
	client := &Client{
		driver: driver, password: settings.Password, database: settings.Database, timeout: settings.Timeout, capacity: settings.MaxPoolSize,
		tracer: tracerOf(settings.Traces),
	}
	return client, nil
}

// presetDriver makes the driver set, before it is shared, fields that it otherwise sets on its first connections
// without a lock, which is a data race between them (v5.28.4, Connector.SupplyConnection). It uses an ended context, so
// that nothing is dialled.
func presetDriver(driver neo4j.DriverWithContext) {
	ended, end := context.WithCancel(context.Background())
	end()
	_ = driver.VerifyConnectivity(ended)
}

// apply replaces driver defaults that are unsuitable for a service: a minute for a connection, half a minute of
// retries, idle sockets that are never tested.
func (settings Config) apply(driver *config.Config) {
	driver.MaxConnectionPoolSize = settings.MaxPoolSize
	driver.ConnectionAcquisitionTimeout = settings.AcquireTimeout
	driver.SocketConnectTimeout = settings.ConnectTimeout
	driver.MaxConnectionLifetime = settings.MaxConnLifetime
	driver.MaxTransactionRetryTime = settings.AcquireTimeout
	driver.ConnectionLivenessCheckTimeout = idleBeforeCheck
	driver.TelemetryDisabled = true
	if settings.UserAgent != "" {
		driver.UserAgent = settings.UserAgent
	}
}

// Work is a function that runs within one transaction, with the ctx that it is given. It may run more than once: after
// a transient fault it is rolled back and run again. So it resets its results each time and has no effects outside tx.
// An error rolls back.
type Work func(ctx context.Context, tx neo4j.ManagedTransaction) error

// Read runs work in a transaction that only reads. A cluster may give it to a follower that has not seen the last Write
// yet; a read that must see it belongs into the same Write.
//
// The errors of Read and Write: a *core.Error of work as it is; CodeConflict if a constraint is violated;
// CodeUnavailable (ReasonDependencyUnavailable) if Neo4j can't be reached, takes too long, refuses our login, or keeps
// failing with transient errors; context.Canceled, wrapped, if the caller's ctx was cancelled; any other error, such as
// a faulty query, wrapped.
func (c *Client) Read(ctx context.Context, work Work) error {
	return c.execute(ctx, "READ", neo4j.SessionWithContext.ExecuteRead, work)
}

// Write runs work in a transaction that may write. Its errors are Read's.
func (c *Client) Write(ctx context.Context, work Work) error {
	return c.execute(ctx, "WRITE", neo4j.SessionWithContext.ExecuteWrite, work)
}

// Close closes the idle connections at once, and those in use when their work is done.
func (c *Client) Close(ctx context.Context) error {
	return c.driver.Close(ctx)
}

type executor func(neo4j.SessionWithContext, context.Context, neo4j.ManagedTransactionWork,
	...func(*neo4j.TransactionConfig)) (any, error)

func (c *Client) execute(ctx context.Context, operation string, run executor, work Work) (err error) {
	ctx, end := c.startSpan(ctx, operation)
	defer func() { end(err) }()
	// The driver watches a context only if it has a deadline.
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	session, release := c.session(ctx, neo4j.AccessModeWrite) // run sets its own
	defer release()
	_, err = run(session, ctx, func(tx neo4j.ManagedTransaction) (any, error) {
		return nil, work(ctx, tx)
	}, describe(ctx))
	return mapError(ctx, err, c.password)
}

// describe sends the correlation id and the deadline to the server, which would otherwise finish a query that nobody
// waits for.
func describe(ctx context.Context) func(*neo4j.TransactionConfig) {
	return func(transaction *neo4j.TransactionConfig) {
		id, parent := core.CorrelationIDFrom(ctx), traceParent(ctx)
		if id != "" || parent != "" {
			transaction.Metadata = map[string]any{}
		}
		if id != "" {
			transaction.Metadata[correlationKey] = string(id)
		}
		if parent != "" {
			transaction.Metadata[traceKey] = parent
		}
		if deadline, ok := ctx.Deadline(); ok {
			transaction.Timeout = max(time.Until(deadline), time.Millisecond)
		}
	}
}
