package neo4jdb_test

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/standin"
	"github.com/journey-os/journey-api/internal/testkit/wait"
	"github.com/journey-os/journey-api/ports"
	"github.com/journey-os/journey-api/ports/portstest"
)

func TestHealthContract(t *testing.T) {
	t.Parallel()
	portstest.HealthCheckerSuite(t, portstest.HealthCheckerFixture{
		Name: "neo4j",
		New: func(t *testing.T, address string) (ports.HealthChecker, func()) {
			return newClient(t, settings("bolt://"+address)), func() {}
		},
		Start: func(_ *testing.T, listener net.Listener) func() { return new(standin.Bolt).Serve(listener) },
	})
}

func TestHealthReadsOnTheConfiguredDatabase(t *testing.T) {
	t.Parallel()
	server := &standin.Bolt{}
	config := settings(server.URI(t))
	config.Database = "journeys"
	if err := newClient(t, config).Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	runs := server.Received(standin.Run)
	want := "\xb3\x10\x8eRETURN 1 AS ok\xa0\xa2"
	if len(runs) != 1 || string(runs[0][:len(want)]) != want {
		t.Fatalf("it ran %q, want %q", runs, want)
	}
	for _, part := range []string{"\x84mode\x81r", "\x82db\x88journeys"} {
		if !bytes.Contains(runs[0], []byte(part)) {
			t.Errorf("%q lacks %q", runs[0], part)
		}
	}
}

func TestHealthKeepsToItsOwnTimeoutIfTheCallerHasNone(t *testing.T) {
	t.Parallel()
	config := settings((&standin.Bolt{Answer: failing(standin.Pull, standin.Unanswered)}).URI(t))
	config.Timeout = 200 * time.Millisecond
	began := time.Now()
	if got := core.FaultOf(newClient(t, config).Check(t.Context())); got != core.FaultTimedOut {
		t.Errorf("fault %q, want %q", got, core.FaultTimedOut)
	}
	if took := time.Since(began); took > wait.Limit {
		t.Errorf("it took %v", took)
	}
}

func TestHealthWords(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		server *standin.Bolt
		want   core.Fault
	}{
		{"a wrong password", &standin.Bolt{Answer: failing(standin.Logon, "Neo.ClientError.Security.Unauthorized")}, core.FaultCredentialsRejected},
		{"a locked account", &standin.Bolt{Answer: failing(standin.Logon, "Neo.ClientError.Security.AuthenticationRateLimit")}, core.FaultCredentialsRejected},
		{"a password to be changed", &standin.Bolt{Answer: failing(standin.Run, "Neo.ClientError.Security.CredentialsExpired")}, core.FaultCredentialsRejected},
		{"an expired token", &standin.Bolt{Answer: failing(standin.Logon, "Neo.ClientError.Security.TokenExpired")}, core.FaultCredentialsRejected},
		{"no such database", &standin.Bolt{Answer: failing(standin.Run, "Neo.ClientError.Database.DatabaseNotFound")}, core.FaultServerError},
		{"a database that starts", &standin.Bolt{Answer: failing(standin.Run, "Neo.TransientError.General.DatabaseUnavailable")}, core.FaultServerError},
		{"another answer than 1", &standin.Bolt{Value: 2}, core.FaultServerError},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := newClient(t, settings(test.server.URI(t))).Check(t.Context())
			if got := core.FaultOf(err); got != test.want {
				t.Errorf("fault %q, want %q (%v)", got, test.want, err)
			}
			if runs := test.server.Received(standin.Run); len(runs) > 1 {
				t.Errorf("it asked %d times", len(runs))
			}
		})
	}
}

func TestHealthWordsForPeersThatAreNoNeo4j(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, scheme, says string
		want               core.Fault
	}{
		{"a web server", "bolt", "HTTP/1.1 400 Bad Request\r\n\r\n", core.FaultServerError},
		{"a version that nobody knows", "bolt", "\x00\x00\x00\x09", core.FaultServerError},
		{"no common version", "bolt", "\x00\x00\x00\x00", core.FaultServerError},
		{"noise after the handshake", "bolt", "\x00\x00\x04\x05\x00\x03\xff\xff\xff\x00\x00", core.FaultServerError},
		{"half an answer", "bolt", "\x00\x00", core.FaultUnreachable},
		{"half a message", "bolt", "\x00\x00\x04\x05\x00\x03\xb1", core.FaultUnreachable},
		{"no TLS where TLS is asked for", "bolt+s", "HTTP/1.1 400 Bad Request\r\n\r\n", core.FaultTLSFailed},
		{"somebody who hangs up where TLS is asked for", "bolt+s", "", core.FaultTLSFailed},
		{"somebody who hangs up where a router with TLS is asked for", "neo4j+s", "", core.FaultTLSFailed},
		{"somebody who hangs up", "bolt", "", core.FaultUnreachable},
		{"a router that is a web server", "neo4j", "HTTP/1.1 400 Bad Request\r\n\r\n", core.FaultServerError},
	} {
		t.Run(test.name, func(t *testing.T) {
			client := newClient(t, settings(test.scheme+"://"+saying(t, test.says)))
			err := client.Check(t.Context())
			if got := core.FaultOf(err); got != test.want {
				t.Errorf("fault %q, want %q (%v)", got, test.want, err)
			}
		})
	}
}

// saying is the address of a peer that says the same to everyone and closes.
func saying(t *testing.T, text string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	t.Cleanup(func() {
		_ = listener.Close()
		<-ended
	})
	go func() {
		defer close(ended)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(conn, text)
			_ = conn.(*net.TCPConn).CloseWrite()
			_, _ = io.Copy(io.Discard, conn)
			_ = conn.Close()
		}
	}()
	return listener.Addr().String()
}
