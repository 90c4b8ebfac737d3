package check

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// patience is how long a program may take to do anything; the longest is a build.
const patience = 3 * time.Minute

// program is one under test.
type program struct {
	command *exec.Cmd
	lines   chan string
	ended   chan error
}

// start runs a program until the test ends, if not stopped before.
func start(t *testing.T, command *exec.Cmd) *program {
	t.Helper()
	p := &program{command: command, lines: make(chan string, 1<<16), ended: make(chan error, 1)}
	reader, writer := io.Pipe()
	command.Stdout, command.Stderr = writer, writer
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		scanner := bufio.NewScanner(reader)
		for scanner.Scan() {
			p.lines <- scanner.Text()
		}
		close(p.lines)
	}()
	go func() {
		p.ended <- command.Wait()
		_ = writer.Close()
	}()
	t.Cleanup(func() { _ = command.Process.Kill() })
	return p
}

// waitFor reads on until a line of the output has words in it.
func (p *program) waitFor(t *testing.T, words string) {
	t.Helper()
	var said []string
	late := time.After(patience)
	for {
		select {
		case line, more := <-p.lines:
			if !more {
				t.Fatalf("ended without %q:\n%s", words, strings.Join(said, "\n"))
			}
			if strings.Contains(line, words) {
				return
			}
			said = append(said, line)
		case <-late:
			t.Fatalf("no %q:\n%s", words, strings.Join(said, "\n"))
		}
	}
}

// stop sends a signal and returns the exit code.
func (p *program) stop(t *testing.T, signal os.Signal) int {
	t.Helper()
	if err := p.command.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-p.ended:
		return exitCode(t, err)
	case <-time.After(patience):
		t.Fatalf("does not end on %s", signal)
		return 0
	}
}

func exitCode(t *testing.T, err error) int {
	t.Helper()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	t.Fatal(err)
	return 0
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

// publicDir is an empty directory that every user may enter, unlike t.TempDir.
func publicDir(t *testing.T) string {
	t.Helper()
	directory, err := os.MkdirTemp("", "journey-check-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(directory) })
	if err := os.Chmod(directory, 0o755); err != nil {
		t.Fatal(err)
	}
	return filepath.Clean(directory)
}
