package main

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/journey-os/journey-api/bootstrap/cli"
	"github.com/journey-os/journey-api/internal/testkit/environment"
	"github.com/journey-os/journey-api/internal/testkit/process"
	"github.com/journey-os/journey-api/internal/testkit/wait"
)

// program is the service, running as a process of its own.
type program struct {
	*process.Process
	t       *testing.T
	address string
}

// binaryFolder is where the binary is, once a test has asked for it; TestMain removes it.
var binaryFolder string

// binary is made once, as `make build` does.
var binary = sync.OnceValues(func() (path string, err error) {
	binaryFolder, err = os.MkdirTemp("", "journey-api-test-")
	if err != nil {
		return "", err
	}
	path = filepath.Join(binaryFolder, "journey-api")
	if output, err := exec.Command("go", "build", "-ldflags=-s -w", "-o", path, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w: %s", err, output)
	}
	return path, nil
})

func build(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("it builds the binary")
	}
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var listensOn = regexp.MustCompile(`listens on http://localhost:(\d+)`)

// start starts a command that runs the service.
func start(t *testing.T, environment map[string]string, command ...string) *program {
	t.Helper()
	made := exec.Command(command[0], command[1:]...)
	made.Env = []string{}
	for name, value := range environment {
		made.Env = append(made.Env, name+"="+value)
	}
	return &program{Process: process.Start(t, made), t: t}
}

// launch starts a command that runs the service, and waits until it listens.
func launch(t *testing.T, change map[string]string, command ...string) *program {
	t.Helper()
	values := environment.Absent(t)
	maps.Copy(values, change)
	p := start(t, values, command...)
	p.address = "127.0.0.1:" + p.Await(&p.Stderr, listensOn)[1]
	return p
}

// phases are the messages of the log from the first signal on that say how long something took.
func (p *program) phases() []string {
	var said []string
	for line := range strings.Lines(p.Stdout.String()) {
		if message := regexp.MustCompile(`"msg":"(draining|stopping|closing|stopped|requests were cut off)"`).FindStringSubmatch(line); message != nil {
			said = append(said, message[1])
			p.t.Log(strings.TrimSpace(line))
		}
	}
	return said
}

// traffic is what callers met, who ask again and again until nobody takes their connections.
type traffic struct {
	answered, lost, queued, refused atomic.Int64
	// firstRefusal is when the port stopped answering.
	firstRefusal sync.Once
	refusedAt    time.Time
}

// call asks over one connection until it is closed as announced, and opens the next.
func (f *traffic) call(address, target string) {
	for {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			f.firstRefusal.Do(func() { f.refusedAt = time.Now() })
			f.refused.Add(1)
			return
		}
		reader := bufio.NewReader(conn)
		for n := 0; ; n++ {
			_, err := io.WriteString(conn, "GET "+target+" HTTP/1.1\r\nHost: x\r\n\r\n")
			var response *http.Response
			if err == nil {
				response, err = http.ReadResponse(reader, nil)
			}
			if err != nil && n == 0 {
				f.queued.Add(1)
			} else if err != nil {
				f.lost.Add(1)
			}
			if err != nil {
				break
			}
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
			f.answered.Add(1)
			if response.Close {
				break
			}
		}
		_ = conn.Close()
	}
}

func TestAProcessThatIsStoppedUnderLoadLosesNoRequest(t *testing.T) {
	t.Parallel()
	path := build(t)
	for _, delay := range []time.Duration{0, 3 * time.Second} {
		t.Run("after "+delay.String(), func(t *testing.T) {
			p := launch(t, map[string]string{"DRAIN_DELAY": delay.String(), "LOG_LEVEL": "INFO"}, path)
			var met traffic
			var callers sync.WaitGroup
			for i := range 32 {
				callers.Go(func() { met.call(p.address, []string{"/health/live", "/api/me", "/health"}[i%3]) })
			}
			if !wait.For(func() bool { return met.answered.Load() >= 1000 }) {
				t.Fatalf("only %d were answered", met.answered.Load())
			}
			began := time.Now()
			p.Signal(syscall.SIGTERM)
			saidNo := p.waitUntilDraining(began)
			callers.Wait()
			code, _ := p.Wait()
			t.Logf("%d answered, %d lost, %d new connections reset; readiness said no after %v, the port after %v, ended after %v",
				met.answered.Load(), met.lost.Load(), met.queued.Load(), saidNo, met.refusedAt.Sub(began), time.Since(began))
			if met.lost.Load() > 0 || met.queued.Load() > 0 || code != cli.ExitOK {
				t.Errorf("%d requests on kept connections and %d on new ones were lost, exit code %d", met.lost.Load(), met.queued.Load(), code)
			}
			// Without a delay the port may be closed before anybody could ask.
			if open := met.refusedAt.Sub(began); open < delay || delay > 0 && saidNo > delay {
				t.Errorf("readiness said no after %v, and the port after %v", saidNo, open)
			}
			if took := time.Since(began); took > delay+wait.Limit {
				t.Errorf("it took %v", took)
			}
			if got := p.phases(); !slices.Equal(got, []string{"draining", "stopping", "closing", "stopped"}) {
				t.Errorf("the phases were %v", got)
			}
		})
	}
}

// waitUntilDraining asks for readiness until it is 503, and returns when that was, or until nobody answers.
func (p *program) waitUntilDraining(began time.Time) time.Duration {
	p.t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if !wait.For(func() bool {
		response, err := client.Get("http://" + p.address + "/health/ready")
		if err != nil {
			return true
		}
		_ = response.Body.Close()
		return response.StatusCode == http.StatusServiceUnavailable
	}) {
		p.t.Error("it does not drain")
	}
	return time.Since(began)
}

// signalAgain sends a second signal. Sooner it would count as the first one, or as one with it if that is not seen yet.
func (p *program) signalAgain(signal syscall.Signal) {
	p.t.Helper()
	p.waitUntilDraining(time.Now())
	<-time.After(500 * time.Millisecond)
	p.Signal(signal)
}

// hang sends half of a request, so that the service waits for the rest.
func (p *program) hang() {
	p.t.Helper()
	conn, err := net.Dial("tcp", p.address)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, "GET /health/live HTTP/1.1\r\n"); err != nil {
		p.t.Fatal(err)
	}
	if response, err := http.Get("http://" + p.address + "/health/live"); err == nil { // so that the connection before it was accepted
		_ = response.Body.Close()
	}
}

func TestHowAProcessWithAHungRequestEnds(t *testing.T) {
	t.Parallel()
	path := build(t)
	for name, tt := range map[string]struct {
		timeout          string
		again            bool
		code             int
		atLeast, atMost  time.Duration
		complaint, signs string
	}{
		"at SHUTDOWN_TIMEOUT, as it was asked to": {"1s", false, cli.ExitOK, time.Second, wait.Limit, "", "requests were cut off"},
		"at once with a second signal":            {"1h", true, cli.ExitCouldNot, 0, wait.Limit, "ended at once by a second signal", "requests were cut off"},
	} {
		t.Run(name, func(t *testing.T) {
			p := launch(t, map[string]string{"SHUTDOWN_TIMEOUT": tt.timeout, "READ_TIMEOUT": "1h"}, path)
			p.hang()
			p.Signal(syscall.SIGTERM)
			if tt.again {
				p.signalAgain(syscall.SIGTERM)
			}
			code, took := p.Wait()
			if code != tt.code || took < tt.atLeast || took > tt.atMost {
				t.Errorf("ended with %d after %v: %s", code, took, &p.Stderr)
			}
			if tt.complaint != "" && !strings.Contains(p.Stderr.String(), tt.complaint) {
				t.Errorf("stderr says %s", &p.Stderr)
			}
			if got := p.phases(); !slices.Equal(got, []string{"draining", "stopping", tt.signs, "closing", "stopped"}) {
				t.Errorf("the phases were %v", got)
			}
		})
	}
}

// make passes SIGTERM on to what it runs, which has got it already if the whole group is signalled. It does not pass
// on the terminal's SIGINT.
func TestAGroupThatIsStoppedWithItsMakeDrains(t *testing.T) {
	t.Parallel()
	path := build(t)
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("there is no make")
	}
	makefile := filepath.Join(t.TempDir(), "Makefile")
	write(t, makefile, "run:\n\t@exec "+path+" serve\n") // as the project's own has it
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(signal.String(), func(t *testing.T) {
			p := launch(t, map[string]string{"DRAIN_DELAY": "500ms", "PATH": "/usr/bin:/bin"}, "make", "-f", makefile, "run")
			if err := syscall.Kill(-p.Command.Process.Pid, signal); err != nil {
				t.Fatal(err)
			}
			p.Wait()
			if !strings.Contains(p.Stdout.String(), `"msg":"stopped"`) {
				t.Fatalf("it did not stop: %s%s", &p.Stdout, &p.Stderr)
			}
			if strings.Contains(p.Stderr.String(), "second signal") {
				t.Errorf("one signal counted twice: %s", &p.Stderr)
			}
		})
	}
}

func TestAFloodThatTakesEveryDescriptorDoesNotEndTheProcess(t *testing.T) {
	t.Parallel()
	p := launch(t, map[string]string{"READ_TIMEOUT": "1s", "PATH": "/usr/bin:/bin"}, "sh", "-c", "ulimit -n 60; exec "+build(t)+" serve")
	for range 100 {
		conn, err := net.Dial("tcp", p.address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
	client := &http.Client{Timeout: wait.Limit}
	response, err := client.Get("http://" + p.address + "/health/live")
	if err != nil {
		t.Fatalf("%v: %s%s", err, &p.Stdout, &p.Stderr)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("answered %d", response.StatusCode)
	}
	p.end(syscall.SIGTERM)
}

// A log shipper that died keeps its end of the pipe open and reads no more.
func TestAProcessWhoseLogNobodyReadsServesAndEnds(t *testing.T) {
	t.Parallel()
	path := build(t)
	for name, then := range map[string]func(t *testing.T, p *program, pipe string){
		"with a signal": func(t *testing.T, p *program, _ string) {
			p.Signal(syscall.SIGTERM)
			if code, took := p.Wait(); code != cli.ExitOK || took > wait.Limit {
				t.Errorf("ended with %d after %v: %s", code, took, &p.Stderr)
			}
		},
		"with a second signal": func(t *testing.T, p *program, _ string) {
			p.hang()
			p.Signal(syscall.SIGTERM)
			p.signalAgain(syscall.SIGTERM)
			if code, took := p.Wait(); code != cli.ExitCouldNot || took > wait.Limit {
				t.Errorf("ended with %d after %v: %s", code, took, &p.Stderr)
			}
		},
		"once somebody reads it again": func(t *testing.T, _ *program, pipe string) {
			reader, err := os.OpenFile(pipe, os.O_RDONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = reader.Close() })
			if err := reader.SetReadDeadline(time.Now().Add(wait.Limit)); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(reader)
			for lines.Scan() {
				if strings.Contains(lines.Text(), `"msg":"log lines were dropped","lines":`) {
					return
				}
			}
			t.Errorf("no line tells of those that were dropped: %v", lines.Err())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pipe := filepath.Join(t.TempDir(), "stdout")
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Skipf("no pipe with a name: %v", err)
			}
			p := launch(t, map[string]string{"READ_TIMEOUT": "1h", "SHUTDOWN_TIMEOUT": "1h"}, "sh", "-c", `exec "$0" serve 1<>"$1"`, path, pipe)
			p.fillLog(4000)
			if status, _ := p.ask("/health/live"); status != http.StatusOK {
				t.Errorf("a probe was answered %d", status)
			}
			then(t, p, pipe)
		})
	}
}

// fillLog makes so many requests, each of which makes a line of more than 300 bytes.
func (p *program) fillLog(requests int) {
	p.t.Helper()
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			for range requests / 8 {
				status, took := p.ask("/nope/" + strings.Repeat("x", 200))
				if status != http.StatusNotFound || took > wait.Limit {
					p.t.Errorf("answered %d after %v", status, took)
					return
				}
			}
		})
	}
	callers.Wait()
}

func (p *program) ask(target string) (status int, took time.Duration) {
	p.t.Helper()
	began := time.Now()
	client := &http.Client{Timeout: wait.Limit}
	response, err := client.Get("http://" + p.address + target)
	if err != nil {
		p.t.Error(err)
		return 0, time.Since(began)
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	return response.StatusCode, time.Since(began)
}
