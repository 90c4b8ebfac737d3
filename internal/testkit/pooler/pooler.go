// Package pooler runs a pgbouncer in transaction mode in front of a PostgreSQL, for tests.
package pooler

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Start returns a URL of the database behind a pgbouncer in transaction mode, with fewer connections than callers.
func Start(t *testing.T, database string) string {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		t.Skip("no pooler: install Debian's pgbouncer")
	}
	server, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := server.User.Password()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	_ = listener.Close()
	settings := fmt.Sprintf("[databases]\npostgres = host=%s port=%s user=journey password=%s\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = %s\n"+
		"unix_socket_dir =\nauth_type = any\npool_mode = transaction\ndefault_pool_size = 3\nmax_client_conn = 200\n", server.Hostname(), server.Port(), password, port)
	if os.Geteuid() == 0 {
		settings += "user = nobody\n" // it refuses root
	}
	folder, err := os.MkdirTemp("", "journey-api-pooler-") //nolint:usetesting // the user nobody must be able to enter it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	file := filepath.Join(folder, "pgbouncer.ini")
	if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(context.WithoutCancel(t.Context()), program, "--quiet", file)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		_ = command.Wait()
	})
	through := "postgres://journey@127.0.0.1:" + port + "/postgres?sslmode=disable"
	awaitPooler(t, through)
	return through
}

func awaitPooler(t *testing.T, through string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		conn, err := pgx.Connect(ctx, through+"&default_query_exec_mode=exec")
		if err == nil {
			_ = conn.Close(ctx)
			return
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("the pooler does not answer: %v", err)
		}
	}
}
