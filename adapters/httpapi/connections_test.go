package httpapi_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/journey-os/journey-api/internal/testkit/wait"
)

// The reply before set a deadline for itself, which is over when the next request fails.
func TestALateFaultOfAKeptConnectionIsStillAnswered(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) { o.Config.WriteTimeout = 200 * time.Millisecond })
	for name, tt := range map[string]struct {
		bytes string
		want  int
	}{
		"what is no HTTP":                     {"nonsense\r\n\r\n", http.StatusBadRequest},
		"a body that waits to be asked for":   {"POST /api/example/own HTTP/1.1\r\n" + host + "Expect: 100-continue\r\nContent-Length: 11\r\n\r\n", http.StatusContinue},
		"a request in the middle of the next": {line + host + "\r\n", http.StatusOK},
	} {
		t.Run(name, func(t *testing.T) {
			conn := s.Dial()
			reader := bufio.NewReader(conn)
			ask(t, conn)
			answered(t, reader)
			<-time.After(300 * time.Millisecond) // longer than a reply may take
			if _, err := io.WriteString(conn, tt.bytes); err != nil {
				t.Fatal(err)
			}
			var major, minor, status int
			if _, err := fmt.Fscanf(reader, "HTTP/%d.%d %d", &major, &minor, &status); err != nil || status != tt.want {
				t.Errorf("answered %d (%v), want %d", status, err, tt.want)
			}
		})
	}
}

// Whoever never reads their reply keeps a goroutine no longer than WRITE_TIMEOUT. The reply is larger than what the
// system's buffers hold.
func TestAReplyThatNobodyReadsIsGivenUpInTime(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) { o.Config.WriteTimeout = 100 * time.Millisecond })
	began, conn := time.Now(), s.Dial()
	if err := conn.(*net.TCPConn).SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	for range 16 { // each of a megabyte and a half
		if _, err := io.WriteString(conn, "GET /docs/swagger-ui-bundle.js HTTP/1.1\r\n"+host+"\r\n"); err != nil {
			t.Fatal(err)
		}
	}
	waitForConnections(t, s, 1)
	waitForConnections(t, s, 0)
	if took := time.Since(began); took < 100*time.Millisecond || took > wait.Limit {
		t.Errorf("it was given up after %v", took)
	}
}

// There are at most four connections for each request in flight; one more for each gets a refusal. The next is closed.
func TestOverTheLimitOfConnectionsCallersAreToldAndProbesAnswered(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) { o.Config.MaxInFlight, o.Config.ReadTimeout = 2, time.Hour })
	var kept []net.Conn
	for range 8 {
		kept = append(kept, s.Dial())
	}
	waitForConnections(t, s, 8)
	got := s.Raw("GET /api/me HTTP/1.1\r\n" + host + "Authorization: Bearer student\r\nX-Correlation-ID: one-too-many\r\n\r\n")
	wantFailure(t, got, failed{Status: 503, Code: "SERVICE_UNAVAILABLE", Message: "The service is overloaded", Reason: "overloaded"})
	if got.Header.Get("X-Correlation-ID") != "one-too-many" || got.Header.Get("Retry-After") != "1" || !got.Closes {
		t.Errorf("answered %v, closing %v", got.Header, got.Closes)
	}
	waitForConnections(t, s, 8)
	for _, path := range []string{"/health", "/health/live", "/health/ready"} {
		if got := s.Raw("GET " + path + " HTTP/1.1\r\n" + host + "\r\n"); got.Status != http.StatusOK || !got.Closes {
			t.Errorf("%s answered %d, closing %v", path, got.Status, got.Closes)
		}
		waitForConnections(t, s, 8)
	}
	// Those beyond the limit make room for one another: they are closed in a second, whatever READ_TIMEOUT is.
	for range 2 {
		s.Dial()
	}
	waitForConnections(t, s, 10)
	if rest, err := io.ReadAll(s.Dial()); len(rest) > 0 {
		t.Errorf("the last was told %q (%v)", rest, err)
	}
	waitForConnections(t, s, 8)
	for _, conn := range kept {
		_ = conn.Close()
	}
	waitForConnections(t, s, 0)
	if got := s.Do(request{Path: "/api/me", Token: "student"}); got.Status != http.StatusOK || got.Closes {
		t.Errorf("afterwards answered %d, closing %v", got.Status, got.Closes)
	}
}

// waitForConnections waits until so many are open.
func waitForConnections(t *testing.T, s *service, want int) {
	t.Helper()
	if !wait.For(func() bool { return s.Server.Stats().Connections == want }) {
		t.Fatalf("%d connections are open, want %d", s.Server.Stats().Connections, want)
	}
}
