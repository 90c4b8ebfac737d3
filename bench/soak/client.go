package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptrace"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

const (
	// exchangeLimit ends an exchange that hangs. Nothing takes longer than waiting for a key, 2 s.
	exchangeLimit = 15 * time.Second
	// checkedShare is how many replies there are for one that is held to the OpenAPI document, which takes a while.
	checkedShare = 64
	// stallLimit is how long a request may take that waits for nothing; if it takes longer, the machine does not give the
	// service its share.
	stallLimit, lookEvery = healthTimeout / 2, 100 * time.Millisecond
)

// newTransport never uses a connection that the service may be about to close.
func newTransport() http.RoundTripper {
	return &http.Transport{MaxIdleConnsPerHost: 1000, IdleConnTimeout: idleTimeout / 2, DisableCompression: true}
}

// http is the client for vegeta, whose own follows redirects.
func (s *soak) http() *http.Client {
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &http.Client{Transport: s, Timeout: exchangeLimit, CheckRedirect: stay}
}

// targets draws the rows' requests. Many workers ask at once.
func (s *soak) targets(rows []row) vegeta.Targeter {
	return func(to *vegeta.Target) error {
		asked := s.draw(rows)
		s.pending.Store(asked.id, asked)
		*to = asked.target(s.address)
		return nil
	}
}

// RoundTrip sends the request of a call and judges the reply. The transport sends a request again if its connection is
// lost, which no client of the service should need.
func (s *soak) RoundTrip(request *http.Request) (*http.Response, error) {
	found, _ := s.pending.LoadAndDelete(request.Header.Get("X-Correlation-ID"))
	asked, _ := found.(*call)
	connections := 0
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connections++ }}
	asked.sent = time.Now()
	response, err := s.transport.RoundTrip(request.WithContext(httptrace.WithClientTrace(request.Context(), trace)))
	if connections > 1 {
		err = errors.Join(err, errors.New("its first connection was lost"))
	}
	got, err := readReply(response, err)
	s.took(asked, got, err)
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(got.body))
	if s.document.T != nil && rand.IntN(checkedShare) == 0 {
		if err := s.document.Check(request, got.status, got.header, got.body); err != nil {
			s.complain("document", asked.id, err.Error())
		}
	}
	return response, nil
}

// took judges the reply to a call, counts it, and pairs it with its line in the log. No reply is right only on a new
// connection to a service that stops.
func (s *soak) took(asked *call, got *reply, err error) {
	if asked.done != nil {
		defer asked.done()
	}
	if dial := new(net.OpError); s.draining.Load() && errors.As(err, &dial) && dial.Op == "dial" {
		s.over()
		return
	} else if err != nil {
		s.complain(asked.row.name, asked.id, fmt.Sprintf("no reply: %v", err))
		return
	}
	got.sent, got.received = asked.sent, time.Now()
	id := got.header.Get("X-Correlation-ID")
	complaint := got.check(asked, s.draining.Load())
	if complaint == "" {
		complaint = asked.judge(got)
	}
	if complaint != "" {
		s.complain(asked.row.name, id, fmt.Sprintf("%s: %s (%.300s)", got.outcome(), complaint, got.body))
	}
	s.count(asked.row.name, got.outcome())
	s.log.reply(id, entry{got.status, asked.loggedMethod(), asked.route})
}

// once sends one request of a row and returns the body of its reply.
func (s *soak) once(ctx context.Context, r row) []byte {
	var target vegeta.Target
	_ = s.targets([]row{r})(&target)
	request, err := target.Request()
	if err != nil {
		return nil
	}
	response, err := s.http().Do(request.WithContext(ctx))
	if err != nil {
		return nil // it is noted already
	}
	defer func() { _ = response.Body.Close() }()
	body, _ := io.ReadAll(response.Body) // it was read before
	return body
}

// watchForStalls asks for liveness again and again, however long the others wait, and notes when it is late itself.
func (s *soak) watchForStalls(ctx context.Context) {
	for began := time.Now(); pause(ctx, lookEvery); began = time.Now() {
		s.once(context.WithoutCancel(ctx), lookCase())
		s.noteStall(time.Since(began) - lookEvery)
	}
}

// noteStall notes how long took what waits for nothing.
func (s *soak) noteStall(took time.Duration) {
	if took > stallLimit {
		s.stalled.Store(time.Now().UnixNano())
	}
}
