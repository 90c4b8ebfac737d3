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
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/valyala/fasthttp"

	"github.com/journey-os/journey-api/internal/testkit/wait"
)

const (
	// connections is how many requests of good callers wait at any time.
	connections = 64
	replyLimit  = 20 * time.Second
	// floodRate is forged tokens a second. floodConnections are more than the requests that the service serves at once: were
	// a flood made to wait without a limit, nobody else would be served.
	floodRate, floodConnections = 5_000, 1_100
)

// measured is what a load found out. Requests of the first status are in latency, in microseconds; the others were turned
// away.
type measured struct {
	latency    *hdrhistogram.Histogram
	turnedAway int64
	elapsed    time.Duration
	used       usage   // by the server for all requests
	refused    float64 // forged tokens a second that were sent beside it
}

// load keeps so many connections busy until ctx ends. A reply has to have one of the statuses; the first is what is
// counted. It sends by fasthttp's client: vegeta's needs three times the
// processor for a request, 88 µs beside 26, and the load would be slower than what it measures.
func load(ctx context.Context, address string, next source, connections int, statuses ...int) (measured, error) {
	client := &fasthttp.HostClient{
		Addr: address, MaxConns: connections, ReadTimeout: replyLimit, MaxIdemponentCallAttempts: 1,
	}
	defer client.CloseIdleConnections()
	all := measured{latency: hdrhistogram.New(1, time.Minute.Microseconds(), 3)}
	began, faults := time.Now(), make(chan error, connections)
	var lock sync.Mutex
	var sending sync.WaitGroup
	for number := range connections {
		sending.Go(func() {
			var request fasthttp.Request
			var response fasthttp.Response
			for ctx.Err() == nil {
				request.Reset()
				next(number, &request, &response)
				took, at, err := send(client, &request, &response, statuses)
				if err != nil {
					faults <- err
					return
				}
				lock.Lock()
				if at > 0 {
					all.turnedAway++
				} else {
					_ = all.latency.RecordValue(max(1, took.Microseconds())) // the client's time-out bounds it
				}
				lock.Unlock()
			}
		})
	}
	sending.Wait()
	close(faults)
	all.elapsed = time.Since(began)
	return all, <-faults
}

// send returns how long a reply took, and the place of its status among those that it may have.
func send(
	client *fasthttp.HostClient, request *fasthttp.Request, response *fasthttp.Response, statuses []int,
) (took time.Duration, at int, err error) {
	request.SetHost("localhost")
	began := time.Now()
	err = client.Do(request, response)
	took, at = time.Since(began), slices.Index(statuses, response.StatusCode())
	if err == nil && (at < 0 || len(response.Body()) == 0) {
		err = fmt.Errorf("%s answered %d: %.500s", request.URI().Path(), response.StatusCode(), response.Body())
	}
	return took, at, err
}

// flood sends each forged token when it is due at floodRate, or as soon after that as a connection is free, until ctx
// ends. Each has to be refused: with a 401, or a 503 if the service has no time for it. It returns how many a second.
func flood(ctx context.Context, address string, forge func() string) (float64, error) {
	began := time.Now()
	var made atomic.Int64
	sent, err := load(ctx, address, func(connection int, to *fasthttp.Request, last *fasthttp.Response) {
		time.Sleep(time.Until(began.Add(time.Duration(made.Add(1)) * time.Second / floodRate)))
		get("/api/me", forge())(connection, to, last)
	}, floodConnections, http.StatusUnauthorized, http.StatusServiceUnavailable)
	return float64(sent.turnedAway)/sent.elapsed.Seconds() + sent.perSecond(), err
}

// check asks each row for what its reply has to be.
func (b *bench) check(r *row) error {
	body, err := b.servers[r.server].ask(r.next)
	if reply := b.replies[r.want]; err == nil && reply != "" {
		err = wantSame(reply, body)
	} else if err == nil && !strings.Contains(body, r.want) {
		err = errors.New("it lacks " + r.want)
	}
	return err
}

// wantSame lets the members of an object stand in any order, which costs no more and no less.
func wantSame(want, got string) error {
	want, got = strings.TrimSpace(want), strings.TrimSpace(got)
	var wanted, given any
	if err := errors.Join(json.Unmarshal([]byte(want), &wanted), json.Unmarshal([]byte(got), &given)); err != nil {
		return err
	}
	if len(want) != len(got) || !reflect.DeepEqual(wanted, given) {
		return errors.New("it does not answer the same as the service: " + want)
	}
	return nil
}

// awaitLines waits until the log of a server that logs has so many lines.
func (s *server) awaitLines(want int) error {
	if s.logs && !wait.For(func() bool {
		content, err := os.ReadFile(s.log.Name())
		return err == nil && bytes.Count(content, []byte("\n")) >= want
	}) {
		return fmt.Errorf("its log lacks some of %d requests", want)
	}
	return nil
}

// measureRounds lets each round begin with another row. Before the first, every row has one that is not measured.
func (b *bench) measureRounds(ctx context.Context) error {
	for round := range b.rounds + 1 {
		for i := range b.rows {
			r := b.rows[(round+i)%len(b.rows)]
			var checkErr error
			if round == 0 {
				checkErr = b.check(r)
			}
			got, err := b.measureRow(ctx, r)
			if err := errors.Join(checkErr, err, ctx.Err()); err != nil {
				return fmt.Errorf("%s: %w", r.label, err)
			}
			if round == 0 {
				r.resident = got.used.resident
				continue
			}
			r.runs = append(r.runs, got)
		}
	}
	return nil
}

// measureRow is one round of one row. If it wants a reply, each request has to be in the log of a server that logs.
func (b *bench) measureRow(ctx context.Context, r *row) (got measured, err error) {
	s := b.servers[r.server]
	truncateErr := s.log.Truncate(0)
	ctx, end := context.WithTimeout(ctx, b.length)
	defer end()
	var flooding sync.WaitGroup
	var refused float64
	var floodErr error
	if r.flood != nil {
		flooding.Go(func() { refused, floodErr = flood(ctx, s.Address, r.flood) })
	}
	before := s.usage()
	got, err = load(ctx, s.Address, r.next, cmp.Or(r.readers, connections), append([]int{http.StatusOK}, r.others...)...)
	got.used = s.usage().since(before)
	flooding.Wait()
	got.refused = refused
	if r.want != "" && err == nil {
		err = s.awaitLines(int(got.latency.TotalCount()))
	}
	return got, errors.Join(truncateErr, err, floodErr)
}
