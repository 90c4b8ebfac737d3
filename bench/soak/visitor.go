package main

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"time"
)

const (
	// exchangeLimit ends an exchange that hangs. Nothing takes longer than waiting for a key, 2 s.
	exchangeLimit = 15 * time.Second
	// Of a thousand turns, so many are several requests at once, a request that can't be read, and a new connection.
	pipelinedTurns, spoiledTurns, newTurns = 25, 5, 10
	mostPipelined                          = 6
)

// visitor sends one request after the other, on a connection that it keeps for a while, and judges every reply.
type visitor struct {
	name    string
	address string
	kinds   []kind
	town    *town
	dice    *rand.Rand
	tally   *tally
	ledger  *ledger
	wrong   *complaints
	// rests is how long it waits between two turns; one that never rests pipelines and spoils as well.
	rests time.Duration
	// draining is set once the service was told to stop: a reply that closes the connection is the visitor's last then.
	draining *atomic.Bool

	sent   int
	conn   net.Conn
	reader *bufio.Reader
}

// run sends until ctx ends, or the service says goodbye.
func (v *visitor) run(ctx context.Context) {
	defer v.hangUp()
	for ctx.Err() == nil {
		if v.conn == nil && !v.dial() {
			return
		}
		if !v.turn() {
			return
		}
		if v.rests > 0 && !pause(ctx, v.rests) {
			return
		}
	}
}

// dial is false if nobody listens any more.
func (v *visitor) dial() bool {
	conn, err := net.DialTimeout("tcp", v.address, exchangeLimit)
	if err != nil {
		if !v.draining.Load() {
			v.wrong.add("connect", "", err.Error())
		}
		return false
	}
	v.conn, v.reader = conn, bufio.NewReader(conn)
	return true
}

func (v *visitor) hangUp() {
	if v.conn != nil {
		_ = v.conn.Close()
		v.conn = nil
	}
}

// turn is one exchange, of one request or of several; false ends the visit.
func (v *visitor) turn() bool {
	what := v.dice.IntN(1000)
	if v.rests > 0 {
		what = 1000
	}
	switch {
	case what < spoiledTurns:
		return v.exchange([]string{"no request at all"}, []request{spoiled(v.dice)})
	case what < spoiledTurns+pipelinedTurns:
		var names []string
		var asked []request
		for range 2 + v.dice.IntN(mostPipelined-1) {
			if name, one := v.draw(); !one.closes {
				names, asked = append(names, name), append(asked, one)
			}
		}
		return len(asked) == 0 || v.exchange(names, asked)
	case what < spoiledTurns+pipelinedTurns+newTurns:
		v.hangUp()
		return true
	}
	name, asked := v.draw()
	return v.exchange([]string{name}, []request{asked})
}

func (v *visitor) draw() (name string, asked request) {
	k := pick(v.kinds, v.dice)
	v.sent++
	return k.name, k.draft(v.town, v.dice).build(fmt.Sprintf("%s-%d", v.name, v.sent))
}

// exchange sends requests at once, and reads and judges the replies in their order.
func (v *visitor) exchange(names []string, asked []request) bool {
	bytes := asked[0].bytes
	for _, one := range asked[1:] {
		bytes = append(bytes, one.bytes...)
	}
	sent := time.Now()
	_ = v.conn.SetDeadline(sent.Add(exchangeLimit))
	_, writeErr := v.conn.Write(bytes) // a reply may be there all the same
	for i := range asked {
		got, err := read(v.reader, &asked[i])
		if err != nil {
			v.wrong.add(names[i], asked[i].id, fmt.Sprintf("no reply: %v (sending: %v)", err, writeErr))
			v.hangUp()
			return !v.draining.Load()
		}
		got.sent, got.received = sent, time.Now()
		if v.rests == 0 && len(asked) == 1 {
			v.tally.latency.add(got.received.Sub(sent))
			v.town.climate.noteLatency(got.received, got.received.Sub(sent))
		}
		v.note(names[i], &asked[i], got)
		if got.isClosing() {
			v.hangUp()
			if !asked[i].closes && v.draining.Load() {
				return false
			}
			break
		}
	}
	return true
}

// note judges a reply and counts it.
func (v *visitor) note(name string, asked *request, got *reply) {
	id := got.header.get("X-Correlation-ID")
	complaint := got.check(asked, v.draining.Load())
	if complaint == "" {
		complaint = asked.judge(got)
	}
	if complaint != "" {
		v.wrong.add(name, id, fmt.Sprintf("%s: %s (%.300s)", got.outcome(), complaint, got.body))
	}
	v.tally.count(name, got.outcome())
	v.ledger.reply(id, entry{got.status, asked.method, asked.route})
}
