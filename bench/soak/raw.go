package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

const (
	// slowByte lets a short request arrive in time, and stuckByte never does.
	slowByte, stuckByte = 10 * time.Millisecond, 100 * time.Millisecond
	// patience is how long a connection is waited for that the service should have closed; rawRest lies between two.
	patience, rawRest = 5 * time.Second, 20 * time.Millisecond
	mostPipelined     = 6
)

// raw is a client that works on the bytes of its connection, one connection each time.
type raw struct {
	*soak
	net.Conn
	reader *bufio.Reader
	dice   *dice
}

// rawClient does what HTTP libraries do not, in turn, until ctx ends.
func (s *soak) rawClient(ctx context.Context, d *dice) {
	all := []func(raw, context.Context){raw.crawl, raw.idle, raw.cut, raw.cut, raw.pipeline, raw.spoil, raw.spoil}
	for pause(ctx, rawRest) {
		conn, err := net.DialTimeout("tcp", s.address, exchangeLimit)
		if err != nil {
			s.complain("connect", "", err.Error())
			return
		}
		all[d.IntN(len(all))](raw{s, conn, bufio.NewReader(conn), d}, ctx)
		_ = conn.Close()
	}
}

// short is a request that is answered at once, with its bytes.
func (r raw) short(name string) (*call, []byte) {
	asked := r.draw([]row{{name, 1, "GET", live, careless, 200, "", "", nil}})
	return asked, asked.bytes()
}

func (c *call) bytes() []byte {
	var text bytes.Buffer
	target := c.target("soak.example")
	request, err := target.Request()
	if err == nil {
		err = request.Write(&text)
	}
	if err != nil {
		panic(err) // the rows are written here
	}
	return text.Bytes()
}

// say sends bytes with a pause after each, and reports whether all went out before ctx ended.
func (r raw) say(ctx context.Context, text []byte, each time.Duration) bool {
	_ = r.SetDeadline(time.Now().Add(exchangeLimit))
	for i := range text {
		if _, err := r.Write(text[i : i+1]); err != nil || !pause(ctx, each) {
			r.cutOff.Add(1)
			return false
		}
	}
	return true
}

// await reads the reply to a call and reports whether more may follow.
func (r raw) await(asked *call) bool {
	if asked.sent.IsZero() {
		asked.sent = time.Now()
	}
	_ = r.SetDeadline(time.Now().Add(exchangeLimit))
	response, err := http.ReadResponse(r.reader, &http.Request{Method: asked.method}) //nolint:bodyclose // readReply closes it
	got, err := readReply(response, err)
	r.took(asked, got, err)
	return err == nil && !got.closes
}

// crawl sends a good request a byte at a time; it is answered. A machine so busy that it comes too late shows nothing.
func (r raw) crawl(ctx context.Context) {
	asked, text := r.short("a slow caller")
	began := time.Now()
	if arrived := r.say(ctx, text, slowByte); arrived && time.Since(began) < readTimeout*2/3 {
		r.await(asked)
		return
	}
	r.log.mayCome(asked.id)
	r.cutOff.Add(1)
}

// idle says nothing more after a request: the service hangs up.
func (r raw) idle(context.Context) {
	asked, text := r.short("the last before idling")
	_, _ = r.Write(text) // there is no reply then
	r.await(asked)
	_ = r.SetReadDeadline(time.Now().Add(idleTimeout + patience))
	if _, err := r.reader.ReadByte(); !errors.Is(err, io.EOF) {
		r.complain("an idle connection", asked.id, fmt.Sprintf("it is not closed, but: %v", err))
	}
}

// cut hangs up in the middle of a request, or once it is sent, with or without an orderly end.
func (r raw) cut(context.Context) {
	asked, text := r.short("a request cut off")
	if r.dice.IntN(2) == 0 {
		r.cutOff.Add(1)
		text = text[:1+r.dice.IntN(len(text)-2)]
	}
	r.log.mayCome(asked.id)
	_, _ = r.Write(text)
	if tcp, ok := r.Conn.(*net.TCPConn); ok && r.dice.IntN(2) == 0 {
		_ = tcp.SetLinger(0)
	}
	r.count(asked.row.name, "unanswered")
}

// pipeline sends several requests at once; the replies come in their order.
func (r raw) pipeline(context.Context) {
	var all []*call
	var text []byte
	for range 2 + r.dice.IntN(mostPipelined-1) {
		asked := r.draw(named(knownTokens, "liveness", "no token"))
		asked.sent = time.Now()
		all, text = append(all, asked), append(text, asked.bytes()...)
	}
	_, _ = r.Write(text)
	for _, asked := range all {
		if !r.await(asked) {
			return
		}
	}
}

// spoil sends what is no request, or not all of one: the service answers under an id of its own and hangs up.
func (r raw) spoil(ctx context.Context) {
	what := unreadCases()[r.dice.IntN(len(unreadCases()))]
	if what.each == 0 {
		_, _ = r.Write([]byte(what.text))
	} else if !r.say(ctx, []byte(what.text), what.each) {
		return
	}
	r.await(&call{row: &row{name: what.name, status: what.status, code: what.code}, closes: true})
}
