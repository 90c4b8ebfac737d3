package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

const (
	// replyLimit ends an exchange that hangs. Nothing takes longer than waiting for a key, 2 s.
	replyLimit = 15 * time.Second
	// checkedShare is how many replies there are for one that is held to the OpenAPI document, which takes a while.
	checkedShare = 64
)

// call is one request of a row. Its dice are its own.
type call struct {
	*soak
	*rand.Rand
	row *row
	// id is its correlation id; "" if the service can't read it and makes one.
	id, method, path, route, body, want string
	header                              http.Header
	person                              *person
	closes                              bool                // whether the connection ends with the reply
	judge                               func(*reply) string // says what is wrong with a reply that is wanted
	sent                                time.Time
}

// step fills in a part of a call.
type step func(*call)

// draw draws a request by the rows' shares, for many callers at once.
func (s *soak) draw(rows []row) *call {
	s.lock.Lock()
	s.drawn++
	c := &call{soak: s, Rand: newDice(s.dice.Uint64(), 0), id: fmt.Sprintf("soak-%d", s.drawn)}
	s.lock.Unlock()
	sum := 0
	for _, one := range rows {
		sum += one.share
	}
	for at, i := c.IntN(sum), 0; at >= 0; i++ {
		c.row = &rows[i]
		at -= rows[i].share
	}
	c.method, c.path, _ = strings.Cut(c.row.request, " ")
	c.route, _, _ = strings.Cut(c.path, "?")
	c.want, c.header = c.row.want, http.Header{"X-Correlation-Id": {c.id}}
	c.row.as(c)
	if c.row.with != nil {
		c.row.with(c)
	}
	if c.closes && c.body == "" { // what is too large is not asked to close, and does
		c.header.Set("Connection", "close")
	}
	return c
}

func (c *call) request(ctx context.Context) *http.Request {
	request, err := http.NewRequestWithContext(ctx, c.method, "http://"+c.address+c.path, strings.NewReader(c.body))
	if err != nil {
		panic(err) // the rows are written here
	}
	request.Host, request.Header = "soak.example", c.header
	return request
}

// hit is what takes the place of a request of vegeta's, which gets an empty reply.
type hit func()

// RoundTrip is that of a transport for vegeta.
func (h hit) RoundTrip(*http.Request) (*http.Response, error) {
	h()
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}

// attack hits by so many workers, at a rate a second or at full speed, until ctx ends.
func (s *soak) attack(ctx context.Context, workers uint64, rate int, one hit) {
	client := &http.Client{Transport: one}
	attacker := vegeta.NewAttacker(vegeta.Client(client), vegeta.Workers(workers), vegeta.MaxWorkers(workers))
	defer context.AfterFunc(ctx, func() { attacker.Stop() })()
	target := vegeta.NewStaticTargeter(vegeta.Target{Method: http.MethodGet, URL: "http://" + s.address})
	for range attacker.Attack(target, vegeta.ConstantPacer{Freq: rate, Per: time.Second}, 0, "") {
		continue // what came is counted by what was asked
	}
}

// of is a hit by one of the rows.
func (s *soak) of(rows []row) hit {
	return func() { _, _ = s.send(s.draw(rows)) }
}

// send sends a call and judges the reply. The transport sends a request again if its connection is lost, which no client
// of the service should need.
func (s *soak) send(c *call) (*reply, error) {
	ctx, cancel := context.WithTimeout(context.Background(), replyLimit)
	defer cancel()
	connections := 0
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connections++ }}
	request := c.request(httptrace.WithClientTrace(ctx, trace))
	c.sent = time.Now()
	response, err := s.transport.RoundTrip(request) //nolint:bodyclose // take closes it
	if connections > 1 {
		err = errors.Join(err, errors.New("its first connection was lost"))
	}
	got, err := s.take(c, response, err)
	if err == nil && s.document.T != nil && c.IntN(checkedShare) == 0 {
		if err := s.document.Check(request, got.status, got.header, got.body); err != nil {
			s.complain("document", c.id, err.Error())
		}
	}
	return got, err
}

// take reads and judges the reply to a call, counts it, and pairs it with its line in the log. No reply is right only on
// a new connection to a service that stops.
func (s *soak) take(c *call, response *http.Response, err error) (*reply, error) {
	got, err := read(response, err)
	if dial := new(net.OpError); s.draining.Load() && errors.As(err, &dial) && dial.Op == "dial" {
		s.over()
		return nil, err
	} else if err != nil {
		s.complain(c.row.name, c.id, fmt.Sprintf("no reply: %v", err))
		return nil, err
	}
	got.sent, got.received = c.sent, time.Now()
	if complaint := got.check(c); complaint != "" {
		s.complain(c.row.name, c.id, fmt.Sprintf("%s: %s (%.300s)", got.outcome, complaint, got.body))
	}
	if s.count(c.row.name, got.outcome); c.row.name == knownTokens {
		s.record(got.received.Sub(c.sent))
	}
	if strings.HasPrefix(c.route, "/health") && got.received.Sub(c.sent) > stallLimit { // it waits for nothing
		s.stalled.Store(got.received.UnixNano())
	}
	method := c.method // as the log has it
	if !slices.Contains([]string{"", "GET", "HEAD", "POST", "OPTIONS"}, method) {
		method = "OTHER"
	}
	s.log.reply(got.header.Get("X-Correlation-ID"), entry{got.status, method, c.route})
	return got, nil
}

// at asks about one student, concept or session.
func (c *call) at(id string) {
	if from, to := strings.Index(c.path, "{"), strings.Index(c.path, "}"); from >= 0 {
		c.path = c.path[:from] + id + c.path[to+1:]
	}
}

// sends adds a JSON body and an idempotency key, if there are any.
func (c *call) sends(body, key string) {
	if c.body = body; body != "" {
		c.header.Set("Content-Type", "application/json")
	}
	if key != "" {
		c.header.Set("Idempotency-Key", key)
	}
}
