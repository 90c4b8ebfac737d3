package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/valyala/fasthttp"

	"github.com/journey-os/journey-api/bench/measure"
	"github.com/journey-os/journey-api/internal/testkit/wait"
)

const (
	// connections is how many requests of good callers wait at any time.
	connections = 64
	// floodRate is forged tokens a second. floodConnections are more than the requests that the service serves at once: were
	// a flood made to wait without a limit, nobody else would be served.
	floodRate, floodConnections = 5_000, 1_100
)

// source fills in the next request of one of the connections, which has got a reply to the one before; it is empty first.
type source func(connection int, to *fasthttp.Request, last *fasthttp.Response)

// measured is what a load found out. Requests of the first status are in latency, in microseconds; the others were turned
// away.
type measured struct {
	latency    *hdrhistogram.Histogram
	turnedAway int64
	elapsed    time.Duration
	// processor is what the server used; mallocs and bytes are what it allocated, each for all requests.
	processor      time.Duration
	mallocs, bytes float64
	// refused is forged tokens a second that were sent beside it; resident is the server's memory after it, in MB.
	refused, resident float64
}

func (m measured) perSecond() float64 { return float64(m.latency.TotalCount()) / m.elapsed.Seconds() }
func (m measured) ms(percentile float64) float64 {
	return float64(m.latency.ValueAtQuantile(percentile)) / 1000
}

// load keeps so many connections busy until ctx ends or there were so many requests; 0 is without end. A reply has to
// have one of the statuses; the first is what is counted. It sends by fasthttp's client: vegeta's needs three times the
// processor for a request, 88 µs beside 26, and the load would be slower than what it measures.
func load(ctx context.Context, s *server, next source, connections, requests int, statuses ...int) (measured, error) {
	client := &fasthttp.HostClient{Addr: s.address, MaxConns: connections, ReadTimeout: startLimit, MaxIdemponentCallAttempts: 1}
	defer client.CloseIdleConnections()
	all := measured{latency: hdrhistogram.New(1, time.Minute.Microseconds(), 3)}
	_, before := s.Usage()
	memory, _ := measure.Scrape(s.metrics)
	began := time.Now()
	var sending sync.WaitGroup
	var lock sync.Mutex
	var fault error
	take := func(took time.Duration, at int) {
		lock.Lock()
		defer lock.Unlock()
		if at > 0 {
			all.turnedAway++
		} else {
			_ = all.latency.RecordValue(max(1, took.Microseconds())) // the client's time-out bounds it
		}
	}
	for number := range connections {
		sending.Go(func() {
			var request fasthttp.Request
			var response fasthttp.Response
			for sent := 0; ctx.Err() == nil && (requests == 0 || sent < requests/connections); sent++ {
				request.Reset()
				next(number, &request, &response)
				took, at, err := send(client, &request, &response, statuses)
				if err != nil {
					lock.Lock()
					fault = fmt.Errorf("%s: %.500w", s.name, err)
					lock.Unlock()
					return
				}
				take(took, at)
			}
		})
	}
	sending.Wait()
	all.elapsed = time.Since(began)
	resident, after := s.Usage()
	all.processor, all.resident = after-before, float64(resident)/(1<<20)
	allocated, _ := measure.Scrape(s.metrics) // FastAPI shows none
	all.mallocs = allocated.Sum("go_memstats_mallocs_total") - memory.Sum("go_memstats_mallocs_total")
	all.bytes = allocated.Sum("go_memstats_alloc_bytes_total") - memory.Sum("go_memstats_alloc_bytes_total")
	return all, fault
}

// send returns how long a reply took, and the place of its status among those that it may have.
func send(client *fasthttp.HostClient, request *fasthttp.Request, response *fasthttp.Response, statuses []int) (took time.Duration, at int, err error) {
	request.SetHost("localhost")
	began := time.Now()
	if err := client.Do(request, response); err != nil {
		return 0, 0, err
	}
	took, at = time.Since(began), slices.Index(statuses, response.StatusCode())
	if at < 0 || len(response.Body()) == 0 {
		err = fmt.Errorf("%s answered %d: %s", request.URI().Path(), response.StatusCode(), response.Body())
	}
	return took, at, err
}

// flood sends each forged token when it is due at floodRate, or as soon after that as a connection is free, until ctx
// ends. Each has to be refused: with a 401, or a 503 if the service has no time for it. It returns how many a second.
func flood(ctx context.Context, s *server, forge func() string) (float64, error) {
	began := time.Now()
	var made atomic.Int64
	sent, err := load(ctx, s, func(connection int, to *fasthttp.Request, last *fasthttp.Response) {
		time.Sleep(time.Until(began.Add(time.Duration(made.Add(1)) * time.Second / floodRate)))
		get("/api/me", forge())(connection, to, last)
	}, floodConnections, 0, http.StatusUnauthorized, http.StatusServiceUnavailable)
	return float64(sent.turnedAway)/sent.elapsed.Seconds() + sent.perSecond(), err
}

// warmUp asks each row for what its reply has to be, and then so often that the server's memory can be read. Each request
// has to be in the log of a server that logs.
func (b *bench) warmUp(ctx context.Context) error {
	for _, r := range b.rows {
		s := b.servers[r.server]
		body, err := s.ask(r.next)
		if err == nil && r.reply != "" {
			err = wantSame(b.replies[r.reply], body)
		}
		if err != nil || !bytes.Contains(body, []byte(r.first)) {
			return fmt.Errorf("%s: %w: %s", r.label, err, body)
		}
		if r.warm == 0 {
			continue
		}
		if err := s.forgetLog(); err != nil {
			return err
		}
		sent, err := load(ctx, s, r.next, cmp.Or(r.readers, connections), r.warm, http.StatusOK)
		if err == nil {
			err = s.awaitLines(int(sent.latency.TotalCount()))
		}
		if err != nil {
			return err
		}
		r.resident, _ = s.Usage()
	}
	return nil
}

// wantSame lets the members of an object stand in any order, which costs no more and no less.
func wantSame(want, got []byte) error {
	want, got = bytes.TrimSpace(want), bytes.TrimSpace(got)
	var wanted, given any
	if err := errors.Join(json.Unmarshal(want, &wanted), json.Unmarshal(got, &given)); err != nil {
		return err
	}
	if len(want) != len(got) || !reflect.DeepEqual(wanted, given) {
		return fmt.Errorf("it does not answer the same:\nservice %s\nother   %s", want, got)
	}
	return nil
}

// awaitLines waits until the log of a server that logs has so many lines, and empties it.
func (s *server) awaitLines(want int) error {
	if !s.logs || wait.For(func() bool {
		content, err := os.ReadFile(s.log)
		return err == nil && bytes.Count(content, []byte("\n")) >= want
	}) {
		return s.forgetLog()
	}
	return fmt.Errorf("%s: its log lacks some of %d requests", s.name, want)
}

func (s *server) forgetLog() error { return os.Truncate(s.log, 0) }

// measureRounds lets each round begin with another row.
func (b *bench) measureRounds(ctx context.Context) error {
	for round := range b.rounds {
		for i := range b.rows {
			r := b.rows[(round+i)%len(b.rows)]
			got, err := b.measureRow(ctx, r)
			if err := errors.Join(err, b.servers[r.server].forgetLog(), ctx.Err()); err != nil {
				return err
			}
			r.runs = append(r.runs, got)
		}
	}
	return nil
}

func (b *bench) measureRow(ctx context.Context, r *row) (measured, error) {
	ctx, end := context.WithTimeout(ctx, b.length)
	defer end()
	var flooding sync.WaitGroup
	var refused float64
	var floodErr error
	if r.flood != nil {
		flooding.Go(func() { refused, floodErr = flood(ctx, b.servers[r.server], r.flood) })
	}
	got, err := load(ctx, b.servers[r.server], r.next, cmp.Or(r.readers, connections), 0, append([]int{http.StatusOK}, r.others...)...)
	flooding.Wait()
	got.refused = refused
	return got, errors.Join(err, floodErr)
}
