package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

const (
	// slowByte lets a short request arrive in time, and stuckByte never does.
	slowByte, stuckByte = 10 * time.Millisecond, 100 * time.Millisecond
	// patience is what a connection that the service should have closed is waited for.
	patience = 5 * time.Second
	// rudeRest lies between two connections of one rude caller.
	rudeRest = 20 * time.Millisecond
)

// rude are callers who do not keep to the way things are done: one connection each time.
type rude struct {
	visitor
	// cutOff counts the requests that were cut off before they were whole.
	cutOff *atomic.Int64
}

// run is rude in one way after the other until ctx ends.
func (r *rude) run(ctx context.Context) {
	for pause(ctx, rudeRest) {
		conn, err := net.DialTimeout("tcp", r.address, exchangeLimit)
		if err != nil {
			r.wrong.add("connect", "", err.Error())
			return
		}
		r.conn, r.reader = conn, bufio.NewReader(conn)
		switch r.dice.IntN(8) {
		case 0:
			r.crawl(ctx)
		case 1:
			r.stick(ctx)
		case 2:
			r.idle()
		case 3:
			r.silent()
		default:
			r.cut()
		}
		r.hangUp()
	}
}

func (r *rude) short() request {
	r.sent++
	return draft{path: "/health/live", judge: succeeds(http.StatusOK)}.build(fmt.Sprintf("%s-%d", r.name, r.sent))
}

// crawl sends a good request a byte at a time; it arrives, and is answered. Where this machine is so busy that it comes too
// late, there is nothing to be learned of it.
func (r *rude) crawl(ctx context.Context) {
	asked := r.short()
	began := time.Now()
	if !r.dribble(ctx, asked.bytes, slowByte) || time.Since(began) > readTimeout*2/3 {
		r.cutOff.Add(1)
		r.ledger.mayCome(asked.id)
		return
	}
	r.await("a slow caller", &asked)
}

// stick is too slow for any patience: it gets 408.
func (r *rude) stick(ctx context.Context) {
	asked := unreadable("", fails(http.StatusRequestTimeout, codeRequestTimeout, ""))
	short := r.short()
	if !r.dribble(ctx, short.bytes[:readTimeout/stuckByte/2], stuckByte) {
		r.cutOff.Add(1)
		return
	}
	r.await("a caller who never ends", &asked)
}

func (r *rude) dribble(ctx context.Context, bytes []byte, each time.Duration) bool {
	for i := range bytes {
		if !r.say(bytes[i:i+1]) || !pause(ctx, each) {
			return false
		}
	}
	return true
}

func (r *rude) say(bytes []byte) bool {
	_ = r.conn.SetDeadline(time.Now().Add(exchangeLimit))
	_, err := r.conn.Write(bytes)
	return err == nil
}

func (r *rude) await(name string, asked *request) {
	sent := time.Now()
	_ = r.conn.SetDeadline(sent.Add(exchangeLimit))
	got, err := read(r.reader, asked)
	if err != nil {
		r.wrong.add(name, asked.id, fmt.Sprintf("no reply: %v", err))
		return
	}
	got.sent, got.received = sent, time.Now()
	r.note(name, asked, got)
}

// idle says nothing more after a request: the service hangs up.
func (r *rude) idle() {
	asked := r.short()
	r.say(asked.bytes)
	r.await("the first before idling", &asked)
	_ = r.conn.SetReadDeadline(time.Now().Add(idleTimeout + patience))
	if _, err := r.reader.ReadByte(); !errors.Is(err, io.EOF) {
		r.wrong.add("an idle connection", asked.id, fmt.Sprintf("it is not closed, but: %v", err))
	}
	r.tally.unanswered++
}

// silent never says anything: it is told that no request came.
func (r *rude) silent() {
	r.await("a silent connection", new(unreadable("", fails(http.StatusRequestTimeout, codeRequestTimeout, ""))))
}

// cut hangs up in the middle of a request, or once it is sent, with or without an orderly end.
func (r *rude) cut() {
	asked := r.short()
	if length := len(asked.bytes); r.dice.IntN(2) == 0 {
		r.cutOff.Add(1)
		asked.bytes = asked.bytes[:1+r.dice.IntN(length-2)]
	}
	r.ledger.mayCome(asked.id)
	r.say(asked.bytes)
	if tcp, ok := r.conn.(*net.TCPConn); ok && r.dice.IntN(2) == 0 {
		_ = tcp.SetLinger(0)
	}
	r.tally.unanswered++
}

func newDice(seed uint64, number int) *rand.Rand { return rand.New(rand.NewPCG(seed, uint64(number))) }
