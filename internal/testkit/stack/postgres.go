package stack

import (
	"context"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

//go:embed schema.sql
var schema string

func postgresServer() server {
	return server{
		name:    Postgres,
		title:   "PostgreSQL " + strings.TrimSuffix(postgresVersion, ".0"),
		setting: "chosen by the stack",
		address: func(s *Stack) (string, error) { return localAddress(s.Database.Port), nil },
		shared:  func(*Stack) any { return nil },
		check:   func(*Stack) error { return nil },
		fetch:   func(ctx context.Context, s *Stack) error { return s.fetchPostgres(ctx) },
		command: postgresCommand,
		ready:   postgresReady,
		within:  60 * time.Second,
		ending:  syscall.SIGINT, // ends sessions; SIGTERM would wait for them
	}
}

// choosePostgresDir finds a place for the data that PostgreSQL's user can reach:
// a clone of root's often lies in a folder that nobody else may enter.
func (s *Stack) choosePostgresDir() error {
	if _, err := os.Stat(s.Database.Dir); err == nil && s.Database.Dir != "" {
		return nil
	}
	if !isRoot() || reachable(s.dir) {
		s.Database.Dir = filepath.Join(s.dir, "postgres")
		return nil
	}
	dir, err := os.MkdirTemp("", "journey-api-postgres-*")
	if err != nil {
		return err
	}
	s.Database.Dir = dir
	return nil
}

// DatabaseURL is how the service reaches the database, as the role journey, which may make a schema of its own.
func (s *Stack) DatabaseURL() string {
	at := url.URL{
		Scheme: "postgres", User: url.UserPassword("journey", s.Database.Password),
		Host: localAddress(s.Database.Port), Path: "/postgres",
	}
	return at.String()
}

// DatabaseURLFile holds DatabaseURL for the service's DATABASE_URL_FILE.
func (s *Stack) DatabaseURLFile() string { return filepath.Join(s.dir, "database_url") }

func postgresCommand(ctx context.Context, s *Stack) (*exec.Cmd, error) {
	if err := os.WriteFile(s.DatabaseURLFile(), []byte(s.DatabaseURL()+"\n"), 0o600); err != nil {
		return nil, err
	}
	if err := errors.Join(s.choosePostgresDir(), s.save()); err != nil {
		return nil, err
	}
	as, err := postgresUser(s.Database.Dir)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(s.postgresData()); errors.Is(err, fs.ErrNotExist) {
		if err := s.initPostgres(ctx, as); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(s.forgetKilled(), s.applySchema(ctx, as)); err != nil {
		return nil, err
	}
	rules := filepath.Join(s.Database.Dir, "pg_hba.conf")
	if err := os.WriteFile(rules, []byte("host all all 127.0.0.1/32 scram-sha-256\n"), 0o600); err != nil {
		return nil, err
	}
	if err := os.Chmod(rules, 0o644); err != nil { // holds no secret; another user reads it
		return nil, err
	}
	return s.postgres(context.Background(), as, "postgres", "-D", s.postgresData(), "-p", strconv.Itoa(s.Database.Port),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "hba_file="+rules,
		// Throw-away data: a crash of the machine may lose them, so no time is spent on the disk.
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off",
		"-c", "shared_buffers=32MB", "-c", "max_connections=50"), nil
}

// postgresUser makes the folder above the data and says who runs PostgreSQL: us, or, since
// it refuses root, an unprivileged user.
func postgresUser(dir string) (*owner, error) {
	mode := os.FileMode(0o700)
	var as *owner
	if isRoot() {
		user, err := unprivileged()
		if err != nil {
			return nil, err
		}
		mode, as = 0o711, &user
	}
	if err := os.MkdirAll(dir, mode); err != nil {
		return nil, err
	}
	return as, os.Chmod(dir, mode)
}

func (s *Stack) postgresData() string { return filepath.Join(s.Database.Dir, "data") }

// initPostgres makes a database cluster under another name first: half a cluster is never used.
func (s *Stack) initPostgres(ctx context.Context, as *owner) error {
	partial := s.postgresData() + ".new"
	if err := errors.Join(os.RemoveAll(partial), os.Mkdir(partial, 0o700)); err != nil {
		return err
	}
	if as != nil {
		if err := os.Chown(partial, as.uid, as.gid); err != nil {
			return err
		}
	}
	cmd := s.postgres(ctx, as, "initdb", "-D", partial, "-U", "postgres",
		"-E", "UTF8", "--locale=C", "--auth=reject", "--no-sync", "--no-instructions")
	if err := finish(cmd); err != nil {
		return fmt.Errorf("initdb: %w", err)
	}
	return os.Rename(partial, s.postgresData())
}

// forgetKilled removes the lock of our server that was killed. PostgreSQL takes a
// process that nobody has waited for, a zombie, for a running one.
func (s *Stack) forgetKilled() error {
	lock := filepath.Join(s.postgresData(), "postmaster.pid")
	content, err := os.ReadFile(lock)
	pid, _, _ := strings.Cut(string(content), "\n")
	p := s.process(Postgres)
	if err != nil || pid != strconv.Itoa(p.PID) || p.running() {
		return nil
	}
	return os.Remove(lock)
}

// applySchema brings roles, tables and functions up to date while no server runs.
func (s *Stack) applySchema(ctx context.Context, as *owner) error {
	cmd := s.postgres(ctx, as, "postgres", "--single", "-j", "-D", s.postgresData(),
		"-c", "exit_on_error=on", "-c", "fsync=off", "-c", "log_min_error_statement=panic", "postgres")
	cmd.Stdin = strings.NewReader(strings.ReplaceAll(schema, "$AUTHENTICATOR_PASSWORD", s.Database.Password))
	if err := finish(cmd); err != nil {
		return fmt.Errorf("apply the schema: %w", err)
	}
	return nil
}

// postgres is a command of PostgreSQL's, run by the user that owns the data.
func (s *Stack) postgres(ctx context.Context, as *owner, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(s.postgresPrograms(), "bin", program), args...)
	cmd.Dir, cmd.Env = s.Database.Dir, environment("LC_ALL=C", "TZ=UTC")
	if as != nil {
		as.run(cmd)
	}
	return cmd
}

func finish(cmd *exec.Cmd) error {
	output, err := cmd.CombinedOutput()
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("the user that PostgreSQL runs as cannot reach %s or %s: use a TMPDIR that every user may enter", cmd.Dir, cmd.Path)
	case err != nil:
		return fmt.Errorf("%s (%w)", faultIn(string(output)), err)
	}
	return nil
}

// postgresReady waits for a PostgREST that runs too: its pool may hold sessions
// of the server that was stopped, and forgets them at the first fault.
func postgresReady(ctx context.Context, s *Stack) error {
	if err := s.takesSessions(ctx); err != nil || !s.process(PostgREST).running() {
		return err
	}
	return postgrestReady(ctx, s)
}

// takesSessions says hello in PostgreSQL's protocol (version 3.0): a server that takes
// sessions asks for the password ('R'), one that is starting answers with an error ('E').
func (s *Stack) takesSessions(ctx context.Context) error {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", localAddress(s.Database.Port))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return err
		}
	}
	const hello = "user\x00authenticator\x00database\x00postgres\x00\x00"
	message := binary.BigEndian.AppendUint32(nil, uint32(8+len(hello)))
	message = append(binary.BigEndian.AppendUint32(message, 3<<16), hello...)
	if _, err := conn.Write(message); err != nil {
		return err
	}
	answer := make([]byte, 1)
	if _, err := conn.Read(answer); err != nil {
		return err
	}
	if answer[0] != 'R' {
		return errors.New("it takes no sessions yet")
	}
	return nil
}
