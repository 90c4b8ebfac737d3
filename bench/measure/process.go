//go:build unix

// Package measure starts the programs that are measured, each in a process group of its own, reads what they use of the
// machine, and turns that into figures.
package measure

import (
	"bytes"
	"net"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"github.com/prometheus/procfs"
)

// stopLimit is how long a process may take to end when it is asked to.
const stopLimit = 15 * time.Second

// Process is a program that was started.
type Process struct {
	command *exec.Cmd
	stderr  bytes.Buffer
	// ended is closed when the process is gone, and err set by then.
	ended chan struct{}
	err   error
}

// Start starts command.
func Start(command *exec.Cmd) (*Process, error) {
	p := &Process{command: command, ended: make(chan struct{})}
	command.Stderr, command.SysProcAttr = &p.stderr, &syscall.SysProcAttr{Setpgid: true}
	if err := command.Start(); err != nil {
		return nil, err
	}
	go func() {
		p.err = command.Wait()
		close(p.ended)
	}()
	return p, nil
}

// Ended is closed when the process is gone.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Stop asks the process to end, and kills it if it does not. It is nil if the process ended with exit code 0.
func (p *Process) Stop() error {
	_ = p.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(stopLimit):
		_ = syscall.Kill(-p.command.Process.Pid, syscall.SIGKILL)
		<-p.ended
	}
	return p.err
}

// Complaint is what the process has written to stderr. Ask once it has ended.
func (p *Process) Complaint() string { return string(bytes.TrimSpace(p.stderr.Bytes())) }

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

// FreeAddress is one of loopback that was free a moment ago, with its port.
func FreeAddress() (address, port string, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", "", err
	}
	at, _ := listener.Addr().(*net.TCPAddr)
	return at.String(), strconv.Itoa(at.Port), listener.Close()
}
