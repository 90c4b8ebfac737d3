package soak

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"time"
)

const (
	// slowByte lets a short request arrive in time, and stuckByte never does.
	slowByte, stuckByte = 10 * time.Millisecond, 100 * time.Millisecond
	// patience is how long a connection is waited for that the service should have closed; rawRest lies between two.
	patience, rawRest = 5 * time.Second, 20 * time.Millisecond

	cutOff, idling = "a request cut off", "the last before idling"
)

// script is what a client does on the bytes of a connection of its own that HTTP libraries do not: what it sends, with
// which pause after each byte, and the reply, after which the service hangs up. If that is 200, it sends a good request.
type script struct {
	name, text string
	each       time.Duration
	want       string
}

func scripts() []script {
	const line = "GET /api/me HTTP/1.1\r\nHost: soak.example\r\n"
	const badRequest, tooSlow = "400 BAD_REQUEST", "408 REQUEST_TIMEOUT"
	return []script{
		{"no HTTP", "hello, is anybody there\r\n\r\n", 0, badRequest},
		{"no Host", "GET /api/me HTTP/1.1\r\n\r\n", 0, badRequest},
		{"two lengths", line + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 0, badRequest},
		{"no header line", line + "nonsense\r\n\r\n", 0, badRequest},
		{"a large header", line + "X-Filler: " + strings.Repeat("x", 20<<10) + "\r\n\r\n", 0, "431 HEADERS_TOO_LARGE"},
		{"a silent connection", "", 0, tooSlow},
		{"a caller who never ends", line[:readTimeout/stuckByte/2], stuckByte, tooSlow},
		{"a slow caller", "", slowByte, "200"},
		{idling, "", 0, "200"},
		{cutOff, "", 0, "200"},
		{cutOff, "", 0, "200"},
	}
}

// raw is one connection of such a client.
type raw struct {
	*soak
	net.Conn
	*rand.Rand
	script
	reader *bufio.Reader
}

// rawClient plays scripts until ctx ends.
func (s *soak) rawClient(ctx context.Context, dice *rand.Rand) {
	for all := scripts(); pause(ctx, rawRest); {
		conn, err := net.DialTimeout("tcp", s.service.Address, replyLimit)
		if err != nil {
			s.complain("connect", "", "%v", err)
			return
		}
		raw{s, conn, dice, all[dice.IntN(len(all))], bufio.NewReader(conn)}.play(ctx)
		_ = conn.Close()
	}
}

func (r raw) play(ctx context.Context) {
	c, text := r.prepare()
	began := time.Now()
	if r.name == cutOff && r.IntN(2) == 0 {
		text = text[:1+r.IntN(len(text)-2)]
	}
	isSaid := r.say(ctx, text)
	// A machine so busy that a slow request comes too late shows nothing.
	if !isSaid || r.name == cutOff || r.each == slowByte && time.Since(began) > readTimeout*2/3 {
		if tcp, ok := r.Conn.(*net.TCPConn); ok && r.IntN(2) == 0 {
			_ = tcp.SetLinger(0) // a reset, and no orderly end
		}
		r.count(cutOff, "unanswered")
		return
	}
	c.sent = time.Now()
	_ = r.SetDeadline(time.Now().Add(replyLimit))
	response, err := http.ReadResponse(r.reader, &http.Request{Method: c.method})
	if got := r.take(c, response, err); got == nil || got.Closes {
		return
	}
	if r.name == idling {
		_ = r.SetReadDeadline(time.Now().Add(idleTimeout + patience))
		if _, err := r.reader.ReadByte(); !errors.Is(err, io.EOF) {
			r.complain(idling, c.id, "the connection is not closed, but: %v", err)
		}
	}
}

// prepare makes the call of the script, with its bytes. One that the service can't read gets an id of the service's own.
func (r raw) prepare() (c *call, text []byte) {
	c = r.draw(row{r.name, 1, live, r.want, steps{careless}})
	if r.want != "200" {
		c.id, c.method, c.route, c.closes = "", "", "", true
		return c, []byte(r.text)
	}
	c.id = mayCome + c.id
	c.header.Set("X-Correlation-ID", c.id)
	var bytes bytes.Buffer
	_ = c.request(context.Background()).Write(&bytes) // which has all of it
	return c, bytes.Bytes()
}

// say sends bytes, and reports whether all went out before ctx ended.
func (r raw) say(ctx context.Context, text []byte) bool {
	_ = r.SetDeadline(time.Now().Add(replyLimit))
	if r.each == 0 {
		_, _ = r.Write(text) // there is no reply then
		return true
	}
	for i := range text {
		if _, err := r.Write(text[i : i+1]); err != nil || !pause(ctx, r.each) {
			return false
		}
	}
	return true
}
