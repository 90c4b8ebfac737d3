package main

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/journey-os/journey-api/bench/figures"
)

const (
	connections = 64
	// stageLimit ends a stage that hangs.
	stageLimit = 5 * time.Minute
)

// run is what a load found out.
type run struct {
	// requests were answered well, turnedAway with a 503, which a load has to accept.
	requests, turnedAway int
	elapsed              time.Duration
	p50, p99             time.Duration
}

func (r run) perSecond() float64 { return float64(r.requests) / r.elapsed.Seconds() }

// loadFor keeps all connections busy for a length of time.
func loadFor(address string, next source, length time.Duration, accepts ...int) (run, error) {
	return load(address, next, func(_ int, elapsed time.Duration) bool { return elapsed < length }, accepts...)
}

// loadTimes sends a number of requests, the same on each connection; it rounds up.
func loadTimes(address string, next source, requests int) (run, error) {
	each := (requests + connections - 1) / connections
	return load(address, next, func(done int, _ time.Duration) bool { return done < each })
}

// load lets each connection send for as long as goOn says so of what that connection has done. One reply that is neither
// a 200 nor of a status in accepts fails it.
func load(address string, next source, goOn func(done int, elapsed time.Duration) bool, accepts ...int) (run, error) {
	deadline := time.Now().Add(stageLimit)
	opened, err := dialAll(address, connections, deadline)
	defer closeAll(opened)
	if err != nil {
		return run{}, err
	}

	latencies := make([][]time.Duration, connections)
	turnedAway := make([]int, connections)
	faults := make([]error, connections)
	var sending sync.WaitGroup
	began := time.Now()
	for i, c := range opened {
		c.accepts = append(c.accepts, accepts...)
		sending.Go(func() { latencies[i], turnedAway[i], faults[i] = send(c, next, began, goOn) })
	}
	sending.Wait()
	elapsed := time.Since(began)
	if err := cmp.Or(faults...); err != nil {
		return run{}, fmt.Errorf("load: %w", err)
	}
	all := slices.Concat(latencies...)
	slices.Sort(all)
	measured := run{requests: len(all), elapsed: elapsed, p50: figures.Percentile(all, 50), p99: figures.Percentile(all, 99)}
	for _, count := range turnedAway {
		measured.turnedAway += count
	}
	return measured, nil
}

func send(c *connection, next source, began time.Time, goOn func(int, time.Duration) bool) (latencies []time.Duration, turnedAway int, err error) {
	for last := began; goOn(len(latencies), last.Sub(began)); {
		request := next()
		sent := time.Now()
		if err := c.exchange(request); err != nil {
			return nil, 0, err
		}
		last = time.Now()
		if c.status == http.StatusOK {
			latencies = append(latencies, last.Sub(sent))
		} else {
			turnedAway++
		}
	}
	return latencies, turnedAway, nil
}

// dialAll returns what it opened even if it fails.
func dialAll(address string, count int, deadline time.Time) ([]*connection, error) {
	opened := make([]*connection, 0, count)
	for range count {
		c, err := dial(address, deadline)
		if err != nil {
			return opened, fmt.Errorf("connect: %w", err)
		}
		opened = append(opened, c)
	}
	return opened, nil
}

func closeAll(opened []*connection) {
	for _, c := range opened {
		_ = c.Close()
	}
}
