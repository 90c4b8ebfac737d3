//go:build unix

// Package measure starts the servers under measurement, each in a process group of its own, and reads what they use of
// the machine and their metrics.
package measure

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"syscall"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/procfs"
)

const (
	startLimit, stopLimit = 20 * time.Second, 15 * time.Second
	// StartID is the correlation id of the GET /health/live whose reply shows that a server has started.
	StartID = "start"
)

// Server is a program that listens on Address for requests, and on Metrics for those of its metrics.
type Server struct {
	Address, Metrics string
	command          *exec.Cmd
	stderr           bytes.Buffer
	ended            context.Context // done when the process is gone; its cause is how it ended
}

// Start starts what command makes for a free port and a free address, and waits for its first reply, whatever it is.
func Start(command func(port, metrics string) *exec.Cmd) (*Server, error) {
	var free [2]string
	for i := range free {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		free[i] = listener.Addr().String()
		_ = listener.Close() // so it was free a moment ago
	}
	_, port, _ := net.SplitHostPort(free[0])
	s := &Server{Address: free[0], Metrics: free[1], command: command(port, free[1])}
	s.command.Stderr, s.command.SysProcAttr = &s.stderr, &syscall.SysProcAttr{Setpgid: true}
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	ended, end := context.WithCancelCause(context.Background())
	s.ended = ended
	go func() { end(s.command.Wait()) }()
	return s, s.awaitReply()
}

func (s *Server) awaitReply() error {
	request, err := http.NewRequest(http.MethodGet, "http://"+s.Address+"/health/live", nil)
	if err != nil {
		return err
	}
	request.Header.Set("X-Correlation-ID", StartID)
	for deadline := time.Now().Add(startLimit); s.ended.Err() == nil && time.Now().Before(deadline); {
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			return response.Body.Close()
		}
		time.Sleep(time.Millisecond)
	}
	return errors.Join(errors.New("it gives no first reply"), s.Stop())
}

// Stop asks the process to end, and kills it if it does not. It is nil if the process ended with exit code 0, and has
// what the process wrote to stderr.
func (s *Server) Stop() error {
	_ = s.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended.Done():
	case <-time.After(stopLimit):
		_ = syscall.Kill(-s.command.Process.Pid, syscall.SIGKILL)
		<-s.ended.Done()
	}
	if err := context.Cause(s.ended); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(s.stderr.Bytes()))
	}
	return nil
}

// Usage is what the process and those that it started use: bytes of memory now, and processor time so far. It is 0 if
// the system does not show it.
func (s *Server) Usage() (resident int, processor time.Duration) {
	all, _ := procfs.AllProcs()
	for _, one := range all {
		if stat, err := one.Stat(); err == nil && stat.PGRP == s.command.Process.Pid {
			resident += stat.ResidentMemory()
			processor += time.Duration(stat.CPUTime() * float64(time.Second))
		}
	}
	return resident, processor
}

// Metrics is a page of metrics by name.
type Metrics map[string]*dto.MetricFamily

// Scrape reads the server's page of metrics.
func (s *Server) Scrape() (Metrics, error) {
	client := http.Client{Timeout: 5 * time.Second}
	response, err := client.Get("http://" + s.Metrics + "/metrics")
	if err != nil {
		return nil, fmt.Errorf("its metrics: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	return parser.TextToMetricFamilies(response.Body)
}

// Sum adds the values of a gauge or counter, whatever its labels.
func (m Metrics) Sum(name string) (sum float64) {
	for _, one := range m[name].GetMetric() {
		sum += one.GetGauge().GetValue() + one.GetCounter().GetValue()
	}
	return sum
}
