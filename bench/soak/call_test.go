package soak

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptrace"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/journey-os/journey-api/internal/testkit/contract"
)

// replyLimit ends an exchange that hangs. Nothing takes longer than waiting for a key, 2 s.
const replyLimit = 15 * time.Second

// call is one request of a row. Its dice are its own.
type call struct {
	*soak
	*rand.Rand
	// id is its correlation id; "" if the service can't read it and makes one.
	name, id, method, path, route, body, want string
	header                                    http.Header
	person                                    *person
	closes                                    bool                // whether the connection ends with the reply
	judge                                     func(*reply) string // says what is wrong with a reply that is wanted
	sent                                      time.Time
}

// draw draws a request by the rows' shares, for many callers at once.
func (s *soak) draw(rows ...row) *call {
	s.lock.Lock()
	s.drawn++
	c := &call{soak: s, Rand: newDice(s.dice.Uint64()), id: fmt.Sprintf("soak-%d", s.drawn)}
	s.lock.Unlock()
	sum := 0
	for _, one := range rows {
		sum += one.share
	}
	var drawn row
	for at, i := c.IntN(sum), 0; at >= 0; i++ {
		drawn = rows[i]
		at -= drawn.share
	}
	c.name, c.want, c.header = drawn.name, drawn.want, http.Header{"X-Correlation-Id": {c.id}}
	c.method, c.path, _ = strings.Cut(drawn.request, " ")
	c.route, _, _ = strings.Cut(c.path, "?")
	for _, one := range drawn.with {
		one(c)
	}
	return c
}

func (c *call) request(ctx context.Context) *http.Request {
	request, err := http.NewRequestWithContext(ctx, c.method, "http://"+c.service.Address+c.path, strings.NewReader(c.body))
	if err != nil {
		panic(err) // the rows are written here
	}
	request.Host, request.Header = "soak.example", c.header
	return request
}

// attack has so many workers hit until ctx ends, all of them together so often a second at most.
func attack(ctx context.Context, workers int, most rate.Limit, hit func()) {
	pace := rate.NewLimiter(most, 1)
	var running sync.WaitGroup
	defer running.Wait()
	for range workers {
		running.Go(func() {
			for pace.Wait(ctx) == nil {
				hit()
			}
		})
	}
}

// of hits by one of the rows.
func (s *soak) of(rows ...row) func() { return func() { s.send(s.draw(rows...)) } }

// waitsForNothing matches the routes that do no more than to read the database. If one takes long, the service or its
// database does not get its share of this machine, and others may be late too.
var waitsForNothing = regexp.MustCompile("^/(health|api/bank|api/bkt/mastery)")

func (s *soak) stall() {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.stalls = append(s.stalls, time.Now())
}

func (s *soak) hasStalled(from, to time.Time) bool {
	s.lock.Lock()
	defer s.lock.Unlock()
	return slices.ContainsFunc(s.stalls, func(at time.Time) bool { return at.After(from) && at.Before(to) })
}

// send sends a call and judges the reply. The transport sends a request again if its connection is lost, which no client
// of the service should need.
func (s *soak) send(c *call) *reply {
	ctx, cancel := context.WithTimeout(context.Background(), replyLimit)
	defer cancel()
	connections := 0
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connections++ }}
	request := c.request(httptrace.WithClientTrace(ctx, trace))
	c.sent = time.Now()
	stall := time.AfterFunc(stallLimit, func() {
		if waitsForNothing.MatchString(c.route) {
			s.stall()
		}
	})
	response, err := s.transport.RoundTrip(request)
	stall.Stop()
	if time.Since(c.sent) > stallLimit && waitsForNothing.MatchString(c.route) {
		s.stall() // it lasted until now
	}
	if connections > 1 {
		err = errors.Join(err, errors.New("its first connection was lost"))
	}
	return s.take(c, response, err)
}

// take reads and judges the reply to a call, counts it, and pairs it with its line in the log. It is nil if there is
// none, which is right only on a new connection to a service that stops.
func (s *soak) take(c *call, response *http.Response, err error) *reply {
	got := &reply{sent: c.sent}
	if err == nil {
		got.Reply, err = contract.Read(response)
	}
	if dial, over := new(net.OpError), s.over.Load(); over != nil && errors.As(err, &dial) && dial.Op == "dial" {
		(*over)()
		return nil
	} else if err != nil {
		s.complain(c.name, c.id, "no reply: %v", err)
		return nil
	}
	got.received = time.Now()
	if complaint := got.check(c); complaint != "" {
		s.complain(c.name, c.id, "%s: %s (%.300s)", got.outcome, complaint, got.Body)
	}
	s.count(c.name, got.outcome)
	s.log.reply(got.Header.Get("X-Correlation-ID"), entry{got.Status, c.method, c.route})
	return got
}
