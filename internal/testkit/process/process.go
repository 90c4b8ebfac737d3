//go:build unix

package process

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"syscall"
	"testing"
	"time"

	"github.com/journey-os/journey-api/internal/testkit/wait"
)

// endLimit is how long a program may take to end: a service may have 30 s to answer what it was asked.
const endLimit = 2 * wait.Limit

// Process is a program that was started.
type Process struct {
	Command        *exec.Cmd
	Stdout, Stderr Output // Stdout is empty if Command has another
	t              testing.TB
	ended          context.Context // done when Command.ProcessState tells how it ended
}

// Start starts command. If it still runs when the test ends, it is killed with all of its process group.
func Start(t testing.TB, command *exec.Cmd) *Process {
	t.Helper()
	ended, end := context.WithCancel(context.WithoutCancel(t.Context()))
	p := &Process{Command: command, t: t, ended: ended}
	if command.Stdout == nil {
		command.Stdout = &p.Stdout
	}
	command.Stderr, command.SysProcAttr = &p.Stderr, &syscall.SysProcAttr{Setpgid: true}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = command.Wait()
		end()
	}()
	t.Cleanup(p.kill)
	return p
}

// Await waits until one of the program's outputs matches, and returns the match and its groups.
func (p *Process) Await(output *Output, pattern *regexp.Regexp) (found []string) {
	p.t.Helper()
	wait.For(func() bool {
		isOver := p.ended.Err() != nil
		found = pattern.FindStringSubmatch(output.String())
		return isOver || found != nil
	})
	if found == nil {
		p.t.Fatalf("it does not write %q: %s%s", pattern, &p.Stdout, &p.Stderr)
	}
	return found
}

// Signal sends a signal to the program alone, and not to those that it started.
func (p *Process) Signal(signal os.Signal) {
	p.t.Helper()
	if err := p.Command.Process.Signal(signal); err != nil {
		p.t.Fatal(err)
	}
}

// Wait returns the exit code, which is -1 if a signal ended the program, and how long that took from now. A program that
// does not end is killed.
func (p *Process) Wait() (code int, took time.Duration) {
	began := time.Now()
	select {
	case <-p.ended.Done():
	case <-time.After(endLimit):
		p.kill()
	}
	return p.Command.ProcessState.ExitCode(), time.Since(began)
}

func (p *Process) kill() {
	if p.ended.Err() == nil {
		_ = syscall.Kill(-p.Command.Process.Pid, syscall.SIGKILL)
		<-p.ended.Done()
	}
}
