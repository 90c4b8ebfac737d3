//go:build unix

package process

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"syscall"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/procfs"

	"github.com/journey-os/journey-api/internal/testkit/wait"
)

// StartID is the correlation id of the GET /health/live whose reply shows that a server has started.
const StartID = "start"

// Server is a program that listens on Address for requests, and on Metrics for those of its metrics.
type Server struct {
	*Process
	Address, Metrics string
}

// Serve starts what command makes for a free port and a free address, and waits for its first reply, whatever it is. The
// server is stopped when the test ends.
func Serve(t testing.TB, command func(port, metrics string) *exec.Cmd) *Server {
	t.Helper()
	s := &Server{Address: freeAddress(t), Metrics: freeAddress(t)}
	_, port, _ := net.SplitHostPort(s.Address)
	s.Process = Start(t, command(port, s.Metrics))
	t.Cleanup(func() { _ = s.Stop() })
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.Address+"/health/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Correlation-ID", StartID)
	wait.For(func() bool {
		var response *http.Response
		if response, err = http.DefaultClient.Do(request); err == nil {
			err = response.Body.Close()
		}
		return err == nil || s.ended.Err() != nil
	})
	if err != nil {
		t.Fatalf("it gives no first reply: %v: %s", err, &s.Stderr)
	}
	return s
}

// freeAddress is one that nothing listened on a moment ago.
func freeAddress(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// Stop asks the server to end, and returns nil if its exit code is 0.
func (s *Server) Stop() error {
	_ = s.Command.Process.Signal(syscall.SIGTERM)
	if code, _ := s.Wait(); code != 0 {
		return fmt.Errorf("%v: %s", s.Command.ProcessState, &s.Stderr)
	}
	return nil
}

// Usage is what the server and the processes that it started use: bytes of memory now, and processor time so far. It is 0
// if the system does not show it.
func (s *Server) Usage() (resident int, processor time.Duration) {
	all, _ := procfs.AllProcs()
	for _, one := range all {
		if stat, err := one.Stat(); err == nil && stat.PGRP == s.Command.Process.Pid {
			resident += stat.ResidentMemory()
			processor += time.Duration(stat.CPUTime() * float64(time.Second))
		}
	}
	return resident, processor
}

// Scrape reads the server's page of metrics.
func (s *Server) Scrape() (Metrics, error) {
	client := http.Client{Timeout: 5 * time.Second}
	response, err := client.Get("http://" + s.Metrics + "/metrics")
	if err != nil {
		return nil, fmt.Errorf("its metrics: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	return ReadMetrics(response.Body)
}

// Metrics is a page of metrics by name.
type Metrics map[string]*dto.MetricFamily

// ReadMetrics reads a page of metrics.
func ReadMetrics(page io.Reader) (Metrics, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	return parser.TextToMetricFamilies(page)
}

// Sum adds the values of a gauge or counter, whatever its labels.
func (m Metrics) Sum(name string) (sum float64) {
	for _, one := range m[name].GetMetric() {
		sum += one.GetGauge().GetValue() + one.GetCounter().GetValue()
	}
	return sum
}
