// Package process starts the programs that are measured, each in a process of its own, and says what they use of the
// machine.
package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// stopLimit is how long a process may take to end when it is asked to.
const stopLimit = 15 * time.Second

// Program says what to start.
type Program struct {
	// Line is the path of the program and its arguments.
	Line        []string
	Environment []string
	// Folder is where it runs.
	Folder string
	// Output is where its stdout goes.
	Output *os.File
}

// Process is a program that was started.
type Process struct {
	command *exec.Cmd
	stderr  bytes.Buffer
	cancel  context.CancelFunc
	// ended is closed when the process is gone, and err set by then.
	ended chan struct{}
	err   error
}

// Start starts p. It is asked to end when ctx does, and killed if it does not.
func Start(ctx context.Context, p Program) (*Process, error) {
	started := &Process{ended: make(chan struct{})}
	ctx, started.cancel = context.WithCancel(ctx)
	started.command = exec.CommandContext(ctx, p.Line[0], p.Line[1:]...)
	started.command.Dir, started.command.Env = p.Folder, p.Environment
	started.command.Stdout, started.command.Stderr = p.Output, &started.stderr
	started.command.Cancel = func() error { return started.command.Process.Signal(syscall.SIGTERM) }
	started.command.WaitDelay = stopLimit
	if err := started.command.Start(); err != nil {
		started.cancel()
		return nil, err
	}
	go func() {
		started.err = started.command.Wait()
		close(started.ended)
	}()
	return started, nil
}

// Ended is closed when the process is gone.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Stop asks the process to end and waits until it has. It is nil if the process ended with exit code 0.
func (p *Process) Stop() error {
	p.cancel()
	<-p.ended
	if errors.Is(p.err, context.Canceled) && p.command.ProcessState.Success() {
		return nil // exec says that it was ended, and the process that it ended well
	}
	return p.err
}

// Complaint is what the process has written to stderr. It may be asked for once the process has ended.
func (p *Process) Complaint() string { return string(bytes.TrimSpace(p.stderr.Bytes())) }

// FreePort is a port of loopback that was free a moment ago.
func FreePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err := errors.Join(err, listener.Close()); err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return port, nil
}
