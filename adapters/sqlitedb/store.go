package sqlitedb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"strconv"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver
)

// Config configures a Store.
type Config struct {
	// Path is the file; it is created if it does not exist.
	Path string
	// Serve takes the lock for a process that serves from the file: a second one is refused.
	Serve bool
	// Migrate brings the schema up to date first. Without it, and in a process that does not serve while another does,
	// a schema that is behind is an error.
	Migrate bool
	// Pause is the pause after each transaction, in which a tool that writes much leaves the file to the service.
	Pause time.Duration
}

// Store is an open database. It may be used by many goroutines at once.
type Store struct {
	path    string
	db      *sql.DB
	reading *sql.DB
	read    statements
	writer  *writer
	// checkpoints is nil until the file is open.
	checkpoints *checkpointer
	release     func() error
	space       space
	close       func() error
}

// writing are the pragmas of the writing connection: a commit is on disk.
var writing = []string{"journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(0)", "cache_size(-16000)", "journal_size_limit(67108864)", "wal_autocheckpoint(16000)"}

// migrating are the pragmas of a connection for migrations. It waits for a process that reads the schema's version.
var migrating = []string{"busy_timeout(2000)", "journal_mode(WAL)", "synchronous(FULL)"}

// reading are the pragmas of the other connections. They never wait for the writer.
var reading = []string{"busy_timeout(2000)", "query_only(1)", "cache_size(-2000)"}

// Open opens the file, takes the lock for serving and migrates, as the config says.
func Open(ctx context.Context, config Config) (opened *Store, err error) {
	s := &Store{path: config.Path, release: func() error { return nil }}
	s.close = sync.OnceValue(s.closeAll)
	defer func() {
		if err != nil {
			err = errors.Join(inWords(config.Path, err), s.Close())
		}
	}()
	if err := s.prepare(ctx, config); err != nil {
		return nil, err
	}
	s.db, err = sql.Open("sqlite", dataSource(config.Path, writing...))
	if err != nil {
		return nil, err
	}
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", config.Path, err)
	}
	if s.checkpoints, err = startCheckpointer(config.Path); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	s.writer = newWriter(conn, config.Pause, func(err error) {
		s.space.note(err)
		s.checkpoints.isDue.Store(true)
	})
	if config.Serve {
		if err := s.checkWritable(ctx); err != nil {
			return nil, err
		}
	}
	s.reading, err = sql.Open("sqlite", dataSource(config.Path, reading...))
	if err != nil {
		return nil, err
	}
	connections := max(4, 2*runtime.GOMAXPROCS(0))
	s.reading.SetMaxOpenConns(connections)
	s.reading.SetMaxIdleConns(connections)
	s.read = newStatements(s.reading)
	return s, nil
}

// prepare locks, migrates, and checks the schema. Without Migrate it makes no file.
func (s *Store) prepare(ctx context.Context, config Config) error {
	if !config.Migrate {
		if err := checkFile(config.Path); err != nil {
			return err
		}
	}
	if config.Serve {
		release, err := lockServing(ctx, config.Path, 0)
		if err != nil {
			return err
		}
		s.release = release
	}
	if config.Migrate {
		apply := Migrate
		if config.Serve { // the lock is taken
			apply = migrate
		}
		if _, err := apply(ctx, config.Path); err != nil {
			return err
		}
	}
	return CheckSchema(ctx, config.Path)
}

// checkWritable returns an error for a read-only file. SQLite opens it all the same, and would refuse every answer.
func (s *Store) checkWritable(ctx context.Context) error {
	err := s.writer.do(ctx, func(on *statements) error { return on.exec(context.Background(), giveSpaceBack, probe) })
	switch {
	case isFull(err) || errors.Is(err, errLocked):
		return nil // it may pass, and the health check sees it
	default:
		return err
	}
}

// Close finishes the running transaction, refuses waiting changes, and closes the file.
func (s *Store) Close() error { return s.close() }

func (s *Store) closeAll() error {
	var fault error
	if s.writer != nil {
		fault = s.writer.close()
	}
	if s.checkpoints != nil {
		fault = errors.Join(fault, s.checkpoints.close())
	}
	for _, db := range []*sql.DB{s.reading, s.db} {
		if db != nil {
			fault = errors.Join(fault, db.Close())
		}
	}
	return errors.Join(fault, s.release())
}

// dataSource names a file and the pragmas of each connection to it.
func dataSource(path string, pragmas ...string) string {
	file := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: url.Values{"_pragma": pragmas}.Encode()}
	return file.String()
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// inSnapshot calls read with statements in a transaction that sees one snapshot of the database.
func (s *Store) inSnapshot(ctx context.Context, read func(*statements) error) error {
	tx, err := s.reading.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // it changed nothing
	return read(s.read.in(tx))
}
