package main

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"
)

const (
	connections = 64
	// stageLimit ends a stage that hangs.
	stageLimit = time.Minute
)

// run is what a load found out.
type run struct {
	requests int
	elapsed  time.Duration
	p50, p99 time.Duration
}

func (r run) perSecond() float64 { return float64(r.requests) / r.elapsed.Seconds() }

// loadFor keeps all connections busy for a length of time.
func loadFor(address string, request []byte, length time.Duration) (run, error) {
	return load(address, request, func(_ int, elapsed time.Duration) bool { return elapsed < length })
}

// loadTimes sends a number of requests, the same on each connection; it rounds up.
func loadTimes(address string, request []byte, requests int) (run, error) {
	each := (requests + connections - 1) / connections
	return load(address, request, func(done int, _ time.Duration) bool { return done < each })
}

// load lets each connection send for as long as goOn says so of what that connection has done. One bad reply fails it.
func load(address string, request []byte, goOn func(done int, elapsed time.Duration) bool) (run, error) {
	deadline := time.Now().Add(stageLimit)
	opened := make([]*connection, 0, connections)
	defer func() {
		for _, c := range opened {
			_ = c.Close()
		}
	}()
	for range connections {
		c, err := dial(address, request, deadline)
		if err != nil {
			return run{}, fmt.Errorf("connect: %w", err)
		}
		opened = append(opened, c)
	}

	latencies := make([][]time.Duration, connections)
	faults := make([]error, connections)
	var sending sync.WaitGroup
	began := time.Now()
	for i, c := range opened {
		sending.Go(func() { latencies[i], faults[i] = send(c, began, goOn) })
	}
	sending.Wait()
	elapsed := time.Since(began)
	if err := cmp.Or(faults...); err != nil {
		return run{}, fmt.Errorf("load: %w", err)
	}
	all := slices.Concat(latencies...)
	slices.Sort(all)
	return run{requests: len(all), elapsed: elapsed, p50: percentile(all, 50), p99: percentile(all, 99)}, nil
}

func send(c *connection, began time.Time, goOn func(int, time.Duration) bool) ([]time.Duration, error) {
	var latencies []time.Duration
	for last := began; goOn(len(latencies), last.Sub(began)); {
		sent := time.Now()
		if err := c.exchange(); err != nil {
			return nil, err
		}
		last = time.Now()
		latencies = append(latencies, last.Sub(sent))
	}
	return latencies, nil
}
