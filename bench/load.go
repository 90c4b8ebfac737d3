package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/valyala/fasthttp"
)

// connections is how many requests of good callers wait at any time.
const connections = 64

// source fills in the next request of one of the connections, which has got a reply to the one before; it is empty first.
type source func(connection int, to *fasthttp.Request, last *fasthttp.Response)

// run is what a load found out. Requests of status are in latency, in microseconds; the others were turned away.
type run struct {
	latency    *hdrhistogram.Histogram
	turnedAway int
	elapsed    time.Duration
	// processor is what the server used, allocated what it allocated, each for all requests.
	processor time.Duration
	allocated allocation
}

func (r run) perSecond() float64 { return float64(r.latency.TotalCount()) / r.elapsed.Seconds() }
func (r run) ms(percentile float64) float64 {
	return float64(r.latency.ValueAtQuantile(percentile)) / 1000
}

// load keeps so many connections busy until ctx ends or there were so many requests; 0 is without end. A reply has to
// have one of the statuses; the first is what is counted. It sends by fasthttp's client: vegeta's needs three times the
// processor for a request, 88 µs beside 26, and the load would be slower than what it measures.
func load(ctx context.Context, s *server, next source, connections, requests int, statuses ...int) (run, error) {
	client := &fasthttp.HostClient{Addr: s.address, MaxConns: connections, ReadTimeout: startLimit, MaxIdemponentCallAttempts: 1}
	defer client.CloseIdleConnections()
	all := run{latency: hdrhistogram.New(1, time.Minute.Microseconds(), 3)}
	_, before := s.Usage()
	began, memory := time.Now(), s.memory()
	var sending sync.WaitGroup
	var lock sync.Mutex
	var fault error
	for number := range connections {
		sending.Go(func() {
			own, turnedAway, err := send(ctx, client, func(to *fasthttp.Request, last *fasthttp.Response) { next(number, to, last) }, requests/connections, statuses)
			lock.Lock()
			defer lock.Unlock()
			all.latency.Merge(own)
			all.turnedAway += turnedAway
			fault = errors.Join(fault, err)
		})
	}
	sending.Wait()
	all.elapsed = time.Since(began)
	_, after := s.Usage()
	all.processor, all.allocated = after-before, s.memory().since(memory)
	if fault != nil {
		fault = fmt.Errorf("%s: %.500w", s.name, fault)
	}
	return all, fault
}

func send(ctx context.Context, client *fasthttp.HostClient, next func(*fasthttp.Request, *fasthttp.Response), requests int, statuses []int) (own *hdrhistogram.Histogram, turnedAway int, err error) {
	own = hdrhistogram.New(1, time.Minute.Microseconds(), 3)
	var request fasthttp.Request
	var response fasthttp.Response
	for sent := 0; ctx.Err() == nil && (requests == 0 || sent < requests); sent++ {
		request.Reset()
		next(&request, &response)
		request.SetHost("localhost")
		began := time.Now()
		if err := client.Do(&request, &response); err != nil {
			return own, turnedAway, err
		}
		took := time.Since(began)
		switch at := slices.Index(statuses, response.StatusCode()); {
		case at == 0 && len(response.Body()) > 0:
			err = own.RecordValue(max(1, took.Microseconds()))
		case at > 0:
			turnedAway++
		default:
			err = fmt.Errorf("%s answered %d: %s", request.URI().Path(), response.StatusCode(), response.Body())
		}
		if err != nil {
			return own, turnedAway, err
		}
	}
	return own, turnedAway, nil
}

// allocation is how often a program has allocated memory, and how many bytes.
type allocation struct{ Mallocs, Bytes float64 }

func (a allocation) since(before allocation) allocation {
	return allocation{a.Mallocs - before.Mallocs, a.Bytes - before.Bytes}
}

// memory is what the server has allocated so far; 0 if it does not show it.
func (s *server) memory() allocation {
	if s.allocated == nil {
		return allocation{}
	}
	got, _ := s.allocated(s)
	return got
}

// fromMemory reads what a program of bench/rival shows.
func fromMemory(s *server) (got allocation, err error) {
	body, err := s.fetch(s.address, "/memory")
	if err == nil {
		err = json.Unmarshal(body, &got)
	}
	return got, err
}

var goMetrics = regexp.MustCompile(`(?m)^go_memstats_(mallocs|alloc_bytes)_total (\S+)$`)

// fromMetrics reads the service's metrics.
func fromMetrics(s *server) (got allocation, err error) {
	body, err := s.fetch(s.metrics, "/metrics")
	for _, found := range goMetrics.FindAllStringSubmatch(string(body), -1) {
		value, _ := strconv.ParseFloat(found[2], 64)
		if found[1] == "mallocs" {
			got.Mallocs = value
		} else {
			got.Bytes = value
		}
	}
	return got, err
}

// awaitLines waits until the log of a server that logs has so many lines, and empties it.
func (s *server) awaitLines(want int) error {
	lines := 0
	for deadline := time.Now().Add(startLimit); s.logs && lines < want; time.Sleep(lookPause) {
		content, err := os.ReadFile(s.log)
		if lines = bytes.Count(content, []byte("\n")); err != nil || time.Now().After(deadline) {
			return fmt.Errorf("%s: %d requests left %d lines in the log: %w", s.name, want, lines, err)
		}
	}
	return s.forgetLog()
}

func (s *server) forgetLog() error { return os.Truncate(s.log, 0) }

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
