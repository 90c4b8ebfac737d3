package httpapi_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/journey-os/journey-api/internal/testkit/wait"
)

const (
	// patience is READ_TIMEOUT and IDLE_TIMEOUT in these tests, drip the pause between two bytes of a slow caller. What such
	// a caller has to send would take minutes.
	patience = 2 * time.Second
	drip     = 50 * time.Millisecond
	// slack is the room for a busy machine.
	slack = wait.Limit
)

func TestCallersWhoKeepConnectionsStopNobodyAndAreClosedInTime(t *testing.T) {
	t.Parallel()
	crowd := 500 // bad callers at once
	if testing.Short() {
		crowd = 20
	}
	endless := strings.Repeat("x", 4000)
	post := "POST /api/example/own HTTP/1.1\r\n" + host + "Authorization: Bearer faculty-director\r\nContent-Type: application/json\r\n"
	for name, tt := range map[string]struct {
		// first is sent at once, rest a byte at a time; in turn, if there are several.
		first, rest []string
		// said is the beginning of the reply that the caller gets before the end.
		said string
	}{
		"a byte at a time": {
			first: []string{"G", line + host + "X-Word: ", line + host + "\r\n" + line, post + "Content-Length: 4000\r\n\r\n", post + "Transfer-Encoding: chunked\r\n\r\n"},
			rest:  []string{"ET /" + endless, endless, strings.Repeat("A: b\r\n", 600), endless, strings.Repeat("1\r\nx\r\n", 600)},
			said:  "HTTP/1.1 408 ",
		},
		"idle after a request": {first: []string{line + host + "\r\n"}, rest: []string{""}, said: "HTTP/1.1 200 "},
		"without a byte":       {first: []string{""}, rest: []string{""}, said: "HTTP/1.1 408 "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, func(o *options) {
				o.Config.ReadTimeout, o.Config.IdleTimeout, o.Config.MaxInFlight = patience, patience, 1024
			})
			var slow sync.WaitGroup
			for i := range crowd {
				began, conn := time.Now(), s.Dial()
				slow.Go(func() { keepOpen(t, conn, began, tt.first[i%len(tt.first)], tt.rest[i%len(tt.rest)], tt.said) })
			}
			ended := make(chan struct{})
			go func() { slow.Wait(); close(ended) }()
			took := s.callUntil(ended)
			t.Logf("beside %d connections %s: %d good requests, p50 %v, p99 %v, longest %v",
				crowd, name, len(took), took[len(took)/2], took[len(took)*99/100], took[len(took)-1])
			if took[len(took)/2] > patience {
				t.Error("good callers were held up")
			}
			waitForConnections(t, s, 0)
		})
	}
}

// keepOpen is a bad caller. It checks that the connection is closed in time, and the reply.
func keepOpen(t *testing.T, conn net.Conn, began time.Time, first, rest, said string) {
	gone := make(chan struct{})
	var heard []byte
	go func() { heard, _ = io.ReadAll(conn); close(gone) }()
	_, _ = io.WriteString(conn, first)
	next := time.NewTicker(drip)
	defer next.Stop()
	for closed := false; !closed; {
		select {
		case <-gone:
			closed = true
		case <-next.C:
			if rest != "" {
				_, _ = io.WriteString(conn, rest[:1])
				rest = rest[1:]
			}
		}
	}
	if open := time.Since(began); open < patience-drip || open > 2*patience+slack {
		t.Errorf("the connection was open for %v", open)
	}
	if !strings.Contains(string(heard), said) {
		t.Errorf("it was told %.100q, want %q", heard, said)
	}
	_ = conn.Close()
}

// callUntil is eight good callers, half of them on a connection of its own for each request, and half on a kept one. It
// returns how long each request took, in order.
func (s *service) callUntil(ended <-chan struct{}) []time.Duration {
	s.t.Helper()
	var lock sync.Mutex
	var took []time.Duration
	var callers sync.WaitGroup
	for i := range 8 {
		callers.Go(func() {
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: i%2 == 0}}
			defer client.CloseIdleConnections()
			for open := true; open; {
				began := time.Now()
				status := s.callOnce(client)
				lock.Lock()
				took = append(took, time.Since(began))
				lock.Unlock()
				if status != http.StatusOK {
					s.t.Errorf("a good caller was answered %d", status)
					return
				}
				select {
				case <-ended:
					open = false
				case <-time.After(5 * time.Millisecond):
				}
			}
		})
	}
	callers.Wait()
	slices.Sort(took)
	return took
}

func (s *service) callOnce(client *http.Client) int {
	asked, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, "http://"+s.Address+"/api/me", nil)
	if err != nil {
		s.t.Error(err)
		return 0
	}
	asked.Header.Set("Authorization", "Bearer student")
	response, err := client.Do(asked)
	if err != nil {
		s.t.Error(err)
		return 0
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode
}

// A caller may be slow in many requests: each has its time anew, and not a moment more.
func TestTheTimeToReadIsThatOfOneRequest(t *testing.T) {
	t.Parallel()
	const patience = 3 * time.Second
	s := start(t, func(o *options) { o.Config.ReadTimeout = patience })
	conn := s.Dial()
	reader := bufio.NewReader(conn)
	for range 2 {
		for part := range strings.SplitSeq(line+host+"|\r\n", "|") {
			if _, err := io.WriteString(conn, part); err != nil {
				t.Fatal(err)
			}
			<-time.After(patience * 3 / 10) // four times that is more than the patience
		}
		if got := answered(t, reader); got.Status != http.StatusOK || got.Closes {
			t.Fatalf("answered %d, closing %v", got.Status, got.Closes)
		}
	}
}
