package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/journey-os/journey-api/internal/testkit/environment"
	"github.com/journey-os/journey-api/internal/testkit/wait"
)

func TestTheServiceRunsWithoutNeo4jAndSupabaseAndSaysSo(t *testing.T) {
	t.Parallel()
	r := boot(t, nil)
	got := r.get("/health")
	dependencies, _ := got.Data["dependencies"].(map[string]any)
	if got.Status != 200 || got.Data["status"] != "degraded" || len(dependencies) != 3 {
		t.Fatalf("answered %d %s", got.Status, got.Body)
	}
	if database, _ := dependencies["database"].(map[string]any); database["status"] != "ok" {
		t.Errorf("database is %v", database)
	}
	delete(dependencies, "database")
	for name, dependency := range dependencies {
		if state, _ := dependency.(map[string]any); state["error"] != "Connection refused" || state["latency_ms"] != nil {
			t.Errorf("%s is %v", name, state)
		}
	}
	if got := r.get("/health/ready"); got.Status != 200 {
		t.Errorf("what is required is there, and ready answered %d", got.Status)
	}
	for _, name := range []string{"neo4j", "supabase"} {
		r.waitFor(`"dependency":"` + name + `"`) // it is written a moment after the result counts
		if lines := strings.Count(r.log.String(), `"dependency":"`+name+`"`); lines != 1 {
			t.Errorf("%s is in %d log lines, want 1:\n%s", name, lines, r.log)
		}
	}
}

func TestARequiredDependencyThatIsDownIs503(t *testing.T) {
	t.Parallel()
	r := boot(t, map[string]string{"HEALTH_REQUIRED": "neo4j"})
	if got := r.get("/health"); got.Status != 503 || got.Data["status"] != "error" {
		t.Errorf("/health answered %d %s", got.Status, got.Body)
	}
	if got := r.get("/health/ready"); got.Status != 503 || got.Reason != "dependency_unavailable" {
		t.Errorf("/health/ready answered %d %s", got.Status, got.Body)
	}
	if got := r.get("/health/live"); got.Status != 200 {
		t.Errorf("/health/live answered %d", got.Status)
	}
}

func TestASignalDrainsAndEnds(t *testing.T) {
	t.Parallel()
	r := boot(t, nil)
	r.get("/health/live")
	r.stop()
	if err := r.wait(); err != nil {
		t.Errorf("ended with %v", err)
	}
	for phase, field := range map[string]string{
		"started": "address", "draining": "drain_delay", "stopping": "took", "closing": "took", "stopped": "took_in_all",
	} {
		if !regexp.MustCompile(`"msg":"` + phase + `",.*"` + field + `":"[^"]+"`).MatchString(r.log.String()) {
			t.Errorf("%q is not logged with %s:\n%s", phase, field, r.log)
		}
	}
	if _, err := r.client.Get(r.url + "/health/live"); err == nil {
		t.Error("the port still answers")
	}
}

func TestWhileDrainingRequestsAreServedAndReadinessSaysNo(t *testing.T) {
	t.Parallel()
	r := boot(t, map[string]string{"DRAIN_DELAY": "1h"})
	r.stop()
	r.waitFor(`"msg":"draining"`)
	var got answer
	if !wait.For(func() bool {
		got = r.get("/health/ready")
		return got.Status != 200
	}) || got.Status != 503 || got.Reason != "draining" {
		t.Fatalf("answered %d %s", got.Status, got.Body)
	}
	if got := r.get("/health"); got.Status != 200 {
		t.Errorf("/health answered %d", got.Status)
	}
	r.stopAgain()
	if err := r.wait(); err == nil {
		t.Error("a second signal ended as if all had been well")
	}
}

func TestARequestInFlightIsFinished(t *testing.T) {
	t.Parallel()
	r := boot(t, nil)
	conn := r.dial()
	// Half of the request before the signal, half behind it.
	if _, err := io.WriteString(conn, "GET /health/live HTTP/1.1\r\nHost: x\r\n"); err != nil {
		t.Fatal(err)
	}
	r.get("/health/live") // so that the connection before it was accepted
	r.stop()
	r.waitFor(`"msg":"stopping"`)
	if _, err := io.WriteString(conn, "\r\n"); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("the request in flight was lost: %v", err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK || !response.Close {
		t.Errorf("answered %d, closing %v", response.StatusCode, response.Close)
	}
	if err := r.wait(); err != nil {
		t.Errorf("ended with %v", err)
	}
}

func TestASilentConnectionDoesNotHoldTheEnd(t *testing.T) {
	t.Parallel()
	r := boot(t, nil)
	r.dial()
	r.get("/health/live") // so that the connection before it was accepted
	began := time.Now()
	r.stop()
	if err := r.wait(); err != nil {
		t.Errorf("ended with %v", err)
	}
	if took := time.Since(began); took > wait.Limit {
		t.Errorf("took %v", took)
	}
	if strings.Contains(r.log.String(), `"status":4`) || strings.Contains(r.log.String(), "cut off") {
		t.Errorf("a connection on which nothing came is logged as a request:\n%s", r.log)
	}
}

func TestNoRequestOnAKeptConnectionIsLost(t *testing.T) {
	t.Parallel()
	r := boot(t, nil)
	stopping := make(chan struct{})
	var callers sync.WaitGroup
	kept := make([]net.Conn, 32)
	for i := range kept { // all before the first asks, or the last would come too late
		kept[i] = r.dial()
	}
	r.get("/health/live") // so that the connections before it were accepted
	for _, conn := range kept {
		callers.Go(func() {
			defer func() { _ = conn.Close() }()
			reader := bufio.NewReader(conn)
			for n := 0; ; n++ {
				if _, err := io.WriteString(conn, "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
					t.Errorf("request %d: %v", n, err)
					return
				}
				response, err := http.ReadResponse(reader, nil)
				if err != nil {
					t.Errorf("request %d was lost: %v", n, err)
					return
				}
				_, _ = io.Copy(io.Discard, response.Body)
				_ = response.Body.Close()
				if response.Close {
					return
				}
				if n == 50 {
					select {
					case stopping <- struct{}{}:
					default:
					}
				}
			}
		})
	}
	<-stopping
	r.stop()
	callers.Wait()
	if err := r.wait(); err != nil {
		t.Errorf("ended with %v", err)
	}
}

func TestAHungRequestIsCutOffInTime(t *testing.T) {
	t.Parallel()
	r := boot(t, map[string]string{"SHUTDOWN_TIMEOUT": "100ms", "READ_TIMEOUT": "1h"})
	r.hang()
	began := time.Now()
	r.stop()
	if err := r.wait(); err != nil {
		t.Errorf("ended with %v", err)
	}
	if took := time.Since(began); took > wait.Limit {
		t.Errorf("took %v", took)
	}
	if !strings.Contains(r.log.String(), "requests were cut off") {
		t.Errorf("that requests were cut off is not logged:\n%s", r.log)
	}
}

func TestNoSecretIsLogged(t *testing.T) {
	t.Parallel()
	r := boot(t, map[string]string{"LOG_LEVEL": "DEBUG"})
	r.get("/health")
	r.me("token-of-the-test")
	r.get("/api/me?apikey=key-in-the-query", "Bearer a", "Bearer b")
	r.stop()
	if err := r.wait(); err != nil {
		t.Error(err)
	}
	values := environment.Absent(t)
	for _, secret := range []string{
		values["SUPABASE_ANON_KEY"], values["SUPABASE_SERVICE_ROLE_KEY"], values["SUPABASE_JWT_SECRET"],
		values["NEO4J_PASSWORD"], "token-of-the-test", "key-in-the-query",
	} {
		if strings.Contains(r.log.String(), secret) {
			t.Errorf("%q is in the log:\n%s", secret, r.log)
		}
	}
}
