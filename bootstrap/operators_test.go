package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/journey-os/journey-api/bootstrap/cli"
	"github.com/journey-os/journey-api/internal/testkit/contract"
	"github.com/journey-os/journey-api/internal/testkit/environment"
	"github.com/journey-os/journey-api/internal/testkit/wait"
)

// ask sends a request to a page and returns the status with the body.
func (r *running) ask(method, url, body string) (status int, text string) {
	r.t.Helper()
	got, err := contract.Request{Method: method, Body: body}.Do(r.t.Context(), r.client, url)
	if err != nil {
		r.t.Fatal(err)
	}
	return got.Status, got.Body
}

func bothPages(more map[string]string) map[string]string {
	settings := withMetrics(more)
	settings["DEBUG_ADDR"] = "localhost:0"
	return settings
}

func TestTheStartLineNamesTheOperatorsPages(t *testing.T) {
	t.Parallel()
	r := boot(t, bothPages(nil))
	for name, url := range r.pages {
		r.waitFor(`"` + name + `":"` + strings.TrimPrefix(url, "http://") + `"`)
	}
	if len(r.pages) != 2 {
		t.Errorf("there are %v", r.pages)
	}
}

func TestEachPageIsServedOnItsOwnListenerAlone(t *testing.T) {
	t.Parallel()
	r := boot(t, bothPages(nil))
	paths := []string{"/metrics", "/log-level", "/debug/pprof/", "/debug/pprof/heap", "/health/live"}
	for at, served := range map[string][]string{
		r.url:                      {"/health/live"},
		r.pages["metrics_address"]: {"/metrics"},
		r.pages["debug_address"]:   {"/log-level", "/debug/pprof/", "/debug/pprof/heap"},
	} {
		for _, path := range paths {
			want := http.StatusNotFound
			if strings.Contains(strings.Join(served, " "), path) {
				want = http.StatusOK
			}
			if got, _ := r.ask("GET", at+path, ""); got != want {
				t.Errorf("%s%s answered %d, want %d", at, path, got, want)
			}
		}
	}
}

func TestTheOptionsOfTheWholeServerAreNothingToTalkAbout(t *testing.T) {
	t.Parallel()
	r := boot(t, bothPages(nil))
	for name, want := range map[string]int{"metrics_address": 404, "debug_address": 403} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(r.pages[name], "http://"))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, "OPTIONS * HTTP/1.1\r\nHost: evil.example\r\n\r\n")
		reply, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = reply.Body.Close(), conn.Close()
		if reply.StatusCode != want {
			t.Errorf("%s answered %d, want %d", name, reply.StatusCode, want)
		}
	}
}

func TestTheLogLevelChangesWhileTheServiceRuns(t *testing.T) {
	t.Parallel()
	r := boot(t, bothPages(map[string]string{"LOG_LEVEL": "ERROR"}))
	page := r.pages["debug_address"] + "/log-level"
	r.get("/health/live") // a probe, so at DEBUG
	if status, text := r.ask("PUT", page, "DEBUG"); status != 200 || text != "DEBUG\n" {
		t.Fatalf("answered %d %q", status, text)
	}
	r.waitFor(`"level":"INFO","msg":"log level changed","old":"ERROR","new":"DEBUG"}`)
	if strings.Contains(r.log.String(), `"path":"/health/live"`) {
		t.Error("a line from before the change is there")
	}
	r.get("/health/live")
	r.waitFor(`"level":"DEBUG","msg":"request"`)
	if status, text := r.ask("PUT", page, "ERROR"); status != 200 || text != "ERROR\n" {
		t.Fatalf("answered %d %q", status, text)
	}
	r.waitFor(`"msg":"log level changed","old":"DEBUG","new":"ERROR"}`)
	before := strings.Count(r.log.String(), "\n")
	r.get("/nope")
	r.stop()
	if err := r.wait(); err != nil {
		t.Error(err)
	}
	if after := strings.Count(r.log.String(), "\n"); after != before {
		t.Errorf("%d lines after the log was made silent", after-before)
	}
}

func TestThePagesAnswerWhileTheServiceDrainsAndNotAfterwards(t *testing.T) {
	t.Parallel()
	r := boot(t, bothPages(map[string]string{"DRAIN_DELAY": "1h", "SHUTDOWN_TIMEOUT": "1h", "READ_TIMEOUT": "1h"}))
	r.hang()
	r.stop()
	r.waitFor(`"msg":"draining"`)
	r.waitForMetric(`journey_api_draining 1`)
	r.waitForMetric(`journey_api_ready 0`)
	r.stopAgain() // waits for requests no more
	if err := r.wait(); err == nil {
		t.Error("a second signal ended as if all had been well")
	}
	for name, url := range r.pages {
		if conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://")); err == nil {
			_ = conn.Close()
			t.Errorf("%s is still open", name)
		}
	}
}

func TestACallerWhoReadsNothingDoesNotHoldTheEnd(t *testing.T) {
	t.Parallel()
	r := boot(t, bothPages(nil))
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.pages["debug_address"], "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "GET /debug/pprof/trace?seconds=3600 HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	// Its first bytes say that it is under way.
	if _, err := conn.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	r.stop()
	if err := r.wait(); err != nil {
		t.Errorf("ended with %v", err)
	}
	if took := time.Since(began); took > wait.Limit {
		t.Errorf("took %v", took)
	}
}

func TestAnOperatorsPortThatIsTakenIsSaid(t *testing.T) {
	t.Parallel()
	for _, setting := range []string{"METRICS_ADDR", "DEBUG_ADDR"} {
		taken, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		values := environment.Absent(t)
		values[setting] = taken.Addr().String()
		_, port, _ := net.SplitHostPort(values[setting])
		code, _, stderr := run(values, "serve", "--env-file", emptyFile(t))
		want := "port " + port + " is taken by another program: stop that one, or set " + setting + " to a free port"
		if code != cli.ExitCouldNot || !strings.Contains(stderr, want) || strings.Contains(stderr, "listens on") {
			t.Errorf("%s: ended with %d: %s", setting, code, stderr)
		}
		_ = taken.Close()
	}
}
