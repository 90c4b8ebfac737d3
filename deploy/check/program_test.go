package check

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// root is the repository, seen from here.
const root = "../.."

// patience is how long a program may take to do anything; the longest is a build.
const patience = 5 * time.Minute

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// eventually checks a condition repeatedly, and reports whether it held in time.
func eventually(condition func() bool) bool {
	for late := time.Now().Add(patience); !condition(); <-time.After(20 * time.Millisecond) {
		if time.Now().After(late) {
			return false
		}
	}
	return true
}

// program is one under test. It writes into a file, of which seen bytes were looked at.
type program struct {
	command *exec.Cmd
	log     string
	seen    int
	ended   context.Context // done when command.ProcessState tells how it ended
}

// start runs a program until the test ends, if not stopped before.
func start(t *testing.T, command *exec.Cmd) *program {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	command.Stdout, command.Stderr = log, log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended, end := context.WithCancel(context.WithoutCancel(t.Context()))
	go func() {
		_ = command.Wait()
		end()
	}()
	t.Cleanup(func() {
		_ = command.Process.Kill()
		<-ended.Done()
	})
	return &program{command: command, log: log.Name(), ended: ended}
}

// waitFor reads on until the output has words in it.
func (p *program) waitFor(t *testing.T, words string) {
	t.Helper()
	var output []byte
	found := -1
	eventually(func() bool {
		isOver := p.ended.Err() != nil
		output, _ = os.ReadFile(p.log)
		found = strings.Index(string(output[p.seen:]), words)
		return isOver || found >= 0
	})
	if found < 0 {
		t.Fatalf("it does not write %q:\n%s", words, output)
	}
	p.seen += found + len(words)
}

// stop sends a signal and returns the exit code.
func (p *program) stop(t *testing.T, signal os.Signal) int {
	t.Helper()
	if err := p.command.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	if !eventually(func() bool { return p.ended.Err() != nil }) {
		t.Fatalf("it does not end on %s", signal)
	}
	return p.command.ProcessState.ExitCode()
}

// output runs a program to its end, with exit code 0, and returns what it writes.
func output(t *testing.T, command *exec.Cmd) string {
	t.Helper()
	written, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%q: %v\n%s", command.Args, err, written)
	}
	return string(written)
}

// freePort is one that nothing listened on a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
}

func ask(t *testing.T, method, url string, header http.Header) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header = header
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(reply.Body)
	if err := errors.Join(err, reply.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return reply.StatusCode, string(content)
}
