package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/bootstrap/app"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/environment"
	"github.com/journey-os/journey-api/internal/testkit/wait"
	"github.com/journey-os/journey-api/ports/portstest"
)

// Each setting that limits something is tested on a socket of the whole service: a setting that is ignored fails.

// tell writes on a connection of its own, and returns what comes back until the end, and when that was.
func (r *running) tell(bytes string) (string, time.Duration) {
	r.t.Helper()
	began := time.Now() // before the service accepts, which begins its own count
	conn := r.dial()
	if _, err := io.WriteString(conn, bytes); err != nil {
		r.t.Fatal(err)
	}
	if err := conn.SetReadDeadline(began.Add(wait.Limit)); err != nil {
		r.t.Fatal(err)
	}
	heard, err := io.ReadAll(conn)
	if err != nil {
		r.t.Errorf("the connection was not closed: %v", err)
	}
	return string(heard), time.Since(began)
}

const live = "GET /health/live HTTP/1.1\r\nHost: x\r\n"

func TestTheLimitsOfTheSettingsHoldOnTheWire(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change   map[string]string
		bytes    string
		contains string
		// atLeast is a little less than the setting, for clocks that are not read at once.
		atLeast time.Duration
	}{
		"MAX_HEADER_BYTES": {map[string]string{"MAX_HEADER_BYTES": "1024"}, live + "Cookie: " + strings.Repeat("x", 1024) + "\r\n\r\n", "HEADERS_TOO_LARGE", 0},
		"more of them":     {map[string]string{"MAX_HEADER_BYTES": "40000"}, live + "Connection: close\r\nCookie: " + strings.Repeat("x", 30_000) + "\r\n\r\n", "200 OK", 0},
		"MAX_BODY_BYTES":   {map[string]string{"MAX_BODY_BYTES": "10"}, "POST /api/me HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n01234567890", "PAYLOAD_TOO_LARGE", 0},
		"READ_TIMEOUT":     {map[string]string{"READ_TIMEOUT": "300ms"}, live, "REQUEST_TIMEOUT", 250 * time.Millisecond},
		"IDLE_TIMEOUT":     {map[string]string{"IDLE_TIMEOUT": "300ms"}, live + "\r\n", "200 OK", 250 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			heard, took := boot(t, tt.change).tell(tt.bytes)
			if !strings.Contains(heard, tt.contains) || took < tt.atLeast || took > 20*time.Second { // other settings are longer
				t.Errorf("heard %.200q after %v", heard, took)
			}
		})
	}
}

// Sixteen times the docs' script is more than the system keeps for a reader who does not read: the rest is given up.
func TestAReplyThatNobodyReadsIsCutAtWRITE_TIMEOUT(t *testing.T) {
	t.Parallel()
	r := boot(t, withMetrics(map[string]string{"WRITE_TIMEOUT": "500ms", "REQUEST_TIMEOUT": "400ms"}))
	conn := r.dial()
	script := "GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n"
	if _, err := io.WriteString(conn, strings.Repeat(script, 16)); err != nil {
		t.Fatal(err)
	}
	r.waitForMetric(`journey_api_pool_in_use{pool="connections"} 1`)
	r.waitForMetric(`journey_api_pool_in_use{pool="connections"} 0`) // it was given up
	if err := conn.SetReadDeadline(time.Now().Add(wait.Limit)); err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(conn)
	for replies := range 16 {
		response, err := http.ReadResponse(reader, nil)
		if err == nil {
			_, err = io.Copy(io.Discard, response.Body)
		}
		if err != nil {
			if timeout, ok := err.(net.Error); ok && timeout.Timeout() { //nolint:errorlint // it is the socket's own
				t.Errorf("it still waits after %d replies", replies)
			}
			return
		}
	}
	t.Error("all of it was kept for a reader who came late")
}

func TestOverMAX_IN_FLIGHTCallersAreTurnedAwayAtOnceAndProbesAnswered(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	change := map[string]string{"MAX_IN_FLIGHT": "1", "REQUEST_TIMEOUT": "30m", "WRITE_TIMEOUT": "1h"}
	r := bootWith(t, app.Config{Loaded: environment.Load(t, change), Engines: func(app.Resources) []app.Engine {
		return []app.Engine{{Routes: callsOf(map[string]func(context.Context) error{"/api/held": func(context.Context) error {
			close(arrived)
			<-release
			return nil
		}})}}
	}})
	var waiting sync.WaitGroup
	waiting.Go(func() {
		response, err := http.Get(r.url + "/api/held")
		if err != nil {
			t.Error(err)
			return
		}
		if _ = response.Body.Close(); response.StatusCode != http.StatusOK {
			t.Errorf("the one in flight was answered %d", response.StatusCode)
		}
	})
	defer waiting.Wait()
	defer close(release)
	<-arrived
	if got := r.me("another"); got.Status != http.StatusServiceUnavailable || got.Reason != "overloaded" {
		t.Errorf("answered %d %s", got.Status, got.Body)
	}
	for _, path := range []string{"/health", "/health/live", "/health/ready"} {
		if got := r.get(path); got.Status != http.StatusOK {
			t.Errorf("%s answered %d", path, got.Status)
		}
	}
}

func TestRATE_LIMITCountsUsersAndFAILED_SIGN_IN_LIMITAddresses(t *testing.T) {
	t.Parallel()
	r := boot(t, map[string]string{"RATE_LIMIT": "4", "FAILED_SIGN_IN_LIMIT": "2"})
	student := portstest.Token(portstest.Secret, portstest.StudentClaims(time.Now()))
	expired := portstest.Token(portstest.Secret, portstest.StudentClaims(time.Now().Add(-24*time.Hour)))
	for i, asked := range []struct {
		token string
		want  int
	}{
		{expired, 401}, {expired, 401}, {expired, 401}, {student, 200}, {"forged", 401}, {"forged", 401}, {"forged", 429},
		{expired, 401}, {student, 200}, {student, 200}, {student, 200}, {student, 429},
	} {
		if got := r.me(asked.token); got.Status != asked.want {
			t.Errorf("request %d was answered %d %s, want %d", i, got.Status, got.Body, asked.want)
		}
	}
	if got := r.get("/health/live"); got.Status != http.StatusOK {
		t.Errorf("a probe was answered %d", got.Status)
	}
}

// silent accepts connections and says nothing.
func silent(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var accepting sync.WaitGroup
	accepting.Go(func() {
		for conn, err := listener.Accept(); err == nil; conn, err = listener.Accept() {
			t.Cleanup(func() { _ = conn.Close() })
		}
	})
	t.Cleanup(func() { _ = listener.Close(); accepting.Wait() })
	return listener.Addr().String()
}

// What an engine will do: ask the databases with its request's ctx. Neither answers; both calls end with the request.
func TestTheEndOfARequestEndsItsCallsToTheDatabases(t *testing.T) {
	t.Parallel()
	address := silent(t)
	loaded := environment.Load(t, map[string]string{
		"SUPABASE_URL": "http://" + address, "NEO4J_URI": "bolt://" + address, "REQUEST_TIMEOUT": "300ms",
		"SUPABASE_TIMEOUT": "1m", "NEO4J_CONNECT_TIMEOUT": "1m", "NEO4J_ACQUIRE_TIMEOUT": "1m", "WRITE_TIMEOUT": "2m",
	})
	url := bootWith(t, app.Config{Loaded: loaded, Engines: func(stores app.Resources) []app.Engine {
		return []app.Engine{{Routes: callsOf(map[string]func(context.Context) error{
			"/api/neo4j": func(ctx context.Context) error { return stores.Neo4j.Read(ctx, nil) },
			"/api/supabase/table": func(ctx context.Context) error {
				_, _, err := stores.Supabase.From(ctx, "students").Select("*", "", false).Execute()
				return err
			},
			"/api/supabase/function": func(ctx context.Context) error { return stores.Supabase.Call(ctx, "now", nil, nil) },
		})}}
	}}).url
	for _, path := range []string{"/api/neo4j", "/api/supabase/table", "/api/supabase/function"} {
		t.Run(path, func(t *testing.T) {
			began := time.Now()
			response, err := http.Get(url + path)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(response.Body)
			_ = response.Body.Close()
			if took := time.Since(began); response.StatusCode != http.StatusServiceUnavailable || took < 300*time.Millisecond || took > wait.Limit {
				t.Errorf("answered %d %s after %v", response.StatusCode, body, took)
			}
			if !strings.Contains(string(body), `"reason":"dependency_unavailable"`) {
				t.Errorf("answered %s", body)
			}
		})
	}
	http.DefaultClient.CloseIdleConnections()
}

// callsOf are routes that make these calls with the ctx of their request.
func callsOf(calls map[string]func(context.Context) error) httpapi.Routes {
	return func(r *httpapi.Registry) {
		for path, call := range calls {
			httpapi.Handle(r, httpapi.Route{Method: http.MethodGet, Path: path, Access: core.Public(), Tag: "Test", Summary: "Ask"},
				func(ctx context.Context, _ *struct{}) (httpapi.Reply[bool], error) {
					return httpapi.OK(true), call(ctx)
				})
		}
	}
}
