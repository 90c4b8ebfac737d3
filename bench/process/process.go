//go:build unix

// Package process starts the programs that are measured, each in a process group of its own, and returns what the group
// uses of the machine.
package process

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"github.com/prometheus/procfs"
)

// stopLimit is how long a process may take to end when it is asked to.
const stopLimit = 15 * time.Second

// Program is what to start.
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
	started.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
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
		return nil // it was asked to end, and ended well
	}
	return p.err
}

// HasEnded reports whether the process is gone.
func (p *Process) HasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// Complaint is what the process has written to stderr, once it has ended; "" before.
func (p *Process) Complaint() string {
	if !p.HasEnded() {
		return ""
	}
	return string(bytes.TrimSpace(p.stderr.Bytes()))
}

// Usage is what the process and those that it started use now: bytes of memory, and processor time so far. It is 0 if the
// system does not show it.
func (p *Process) Usage() (resident int64, processor time.Duration) {
	all, _ := procfs.AllProcs()
	for _, one := range all {
		if stat, err := one.Stat(); err == nil && stat.PGRP == p.command.Process.Pid {
			resident += int64(stat.ResidentMemory())
			processor += time.Duration(stat.CPUTime() * float64(time.Second))
		}
	}
	return resident, processor
}

// FreePort is a port of loopback that was free a moment ago.
func FreePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	address, _ := listener.Addr().(*net.TCPAddr)
	return strconv.Itoa(address.Port), listener.Close()
}
