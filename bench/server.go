package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/journey-os/journey-api/bench/process"
)

const (
	startLimit = 10 * time.Second
	pollPause  = time.Millisecond
)

// server is a program under measurement, in a process of its own with one processor.
type server struct {
	*process.Process
	name    string
	address string
	// log is the file that its stdout goes to.
	log string
	// firstReply is the time from its start to its first good reply.
	firstReply time.Duration
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
	port, err := process.FreePort()
	if err != nil {
		return nil, err
	}
	s := &server{name: p.name, address: net.JoinHostPort("127.0.0.1", port), log: filepath.Join(folder, p.name+".log")}
	// Appending, so that emptying the file between rounds leaves no hole.
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()

	began := time.Now()
	s.Process, err = process.Start(ctx, process.Program{
		Line:        on.command(p.path, p.arguments(port)),
		Environment: append(p.environment(port), "GOMAXPROCS=1"),
		Folder:      folder, // no .env there
		Output:      log,
	})
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", p.name, err)
	}
	if err := s.awaitReply(p.ready, began.Add(startLimit)); err != nil {
		s.stop()
		return nil, fmt.Errorf("start %s: %w; it said: %q", p.name, err, s.Complaint())
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
		case <-s.Ended():
			return errors.New("it ended before it answered")
		case <-time.After(pollPause):
		}
	}
}

// stop asks the process to end and waits until it has. How it ends says nothing about its speed.
func (s *server) stop() { _ = s.Stop() }

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
