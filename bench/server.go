package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	startLimit = 10 * time.Second
	stopLimit  = 15 * time.Second
	pollPause  = time.Millisecond
	// clockTick is the unit of /proc/PID/stat; Linux shows programs 100 a second on every processor.
	clockTick = time.Second / 100
)

// server is a program under measurement, in a process of its own with one processor.
type server struct {
	name    string
	address string
	// log is the file that its stdout goes to.
	log string
	// firstReply is the time from its start to its first good reply.
	firstReply time.Duration

	command *exec.Cmd
	stderr  *bytes.Buffer
	cancel  context.CancelFunc
	// ended is closed when the process is gone.
	ended chan struct{}
}

// program says how to start a server that listens on the given port of loopback.
type program struct {
	name, path  string
	arguments   func(port string) []string
	environment func(port string) []string
	// ready is the request whose first good reply says that the server is there.
	ready []byte
}

// start starts p, with its log in folder, and waits for its first reply.
func start(ctx context.Context, on cores, p program, folder string) (*server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s := &server{
		name: p.name, address: net.JoinHostPort("127.0.0.1", port), log: filepath.Join(folder, p.name+".log"),
		stderr: &bytes.Buffer{}, ended: make(chan struct{}),
	}
	// Appending, so that emptying the file between rounds leaves no hole.
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()

	ctx, s.cancel = context.WithCancel(ctx)
	line := on.command(p.path, p.arguments(port))
	s.command = exec.CommandContext(ctx, line[0], line[1:]...)
	s.command.Dir = folder // no .env there
	s.command.Env = append(p.environment(port), "GOMAXPROCS=1")
	s.command.Stdout, s.command.Stderr = log, s.stderr
	s.command.Cancel = func() error { return s.command.Process.Signal(syscall.SIGTERM) }
	s.command.WaitDelay = stopLimit

	began := time.Now()
	if err := s.command.Start(); err != nil {
		s.cancel()
		return nil, fmt.Errorf("start %s: %w", p.name, err)
	}
	go func() {
		_ = s.command.Wait() // a server that ends too early is found by its silence
		close(s.ended)
	}()
	if err := s.awaitReply(p.ready, began.Add(startLimit)); err != nil {
		s.stop()
		return nil, fmt.Errorf("start %s: %w; it said: %q", p.name, err, bytes.TrimSpace(s.stderr.Bytes()))
	}
	s.firstReply = time.Since(began)
	return s, nil
}

// awaitReply asks until the server answers. Only a refused connection is asked again: a bad reply stays bad.
func (s *server) awaitReply(request []byte, deadline time.Time) error {
	for {
		conn, err := dial(s.address, deadline)
		if err == nil {
			return errors.Join(conn.exchange(request), conn.Close())
		}
		if time.Now().After(deadline) {
			return err
		}
		select {
		case <-s.ended:
			return errors.New("it ended before it answered")
		case <-time.After(pollPause):
		}
	}
}

// stop asks the process to end and waits until it has.
func (s *server) stop() {
	s.cancel()
	<-s.ended
}

// fetch asks once and returns the body.
func (s *server) fetch(request []byte) ([]byte, error) {
	conn, err := dial(s.address, time.Now().Add(startLimit))
	if err != nil {
		return nil, err
	}
	body, err := conn.fetch(request)
	return body, errors.Join(err, conn.Close())
}

// logged is the number of lines in the log; forgetLog empties it.
func (s *server) logged() (int, error) {
	content, err := os.ReadFile(s.log)
	return bytes.Count(content, []byte("\n")), err
}

func (s *server) forgetLog() error { return os.Truncate(s.log, 0) }

// resident is the memory that the process has in use, in bytes; 0 where the system does not say.
func (s *server) resident() int64 {
	text := procField(fmt.Sprintf("%d/status", s.command.Process.Pid), "VmRSS:")
	kilobytes, _ := strconv.ParseInt(strings.TrimSuffix(text, " kB"), 10, 64)
	return kilobytes << 10
}

// processorTime is what the process has used so far; 0 where the system does not say.
func (s *server) processorTime() time.Duration {
	content, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.command.Process.Pid))
	// The name in parentheses may hold anything; the state follows it, user and system time stand 11 and 12 behind that.
	fields := strings.Fields(string(content[bytes.LastIndexByte(content, ')')+1:]))
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * clockTick
}

// freePort is a port of loopback that was free a moment ago.
func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, errors.Join(err, listener.Close())
}
