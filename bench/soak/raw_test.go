package soak

import (
	"bufio"
	"bytes"
	"context"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"time"
)

const (
	// stuckByte is a pause after each byte with which no request arrives in time.
	stuckByte = 250 * time.Millisecond
	// rawRest lies between two connections.
	rawRest = 20 * time.Millisecond

	cutOff = "a request cut off"
)

// script is what a client does on the bytes of a connection of its own that HTTP libraries do not: what it sends, with
// which pause after each byte, and the reply, after which the service hangs up. Without a reply it sends a good request, or
// a part of one, and goes.
type script struct {
	name, text string
	each       time.Duration
	want       string
}

func scripts() []script {
	const line = "GET /api/me HTTP/1.1\r\nHost: soak.example\r\n"
	const tooSlow = "408 REQUEST_TIMEOUT"
	return []script{
		{"no HTTP", "hello, is anybody there\r\n\r\n", 0, "400 BAD_REQUEST"},
		{"a large header", line + "X-Filler: " + strings.Repeat("x", 20<<10) + "\r\n\r\n", 0, "431 HEADERS_TOO_LARGE"},
		{"a silent connection", "", 0, tooSlow},
		{"a caller who never ends", line[:readTimeout/stuckByte/2], stuckByte, tooSlow},
		{cutOff, "", 0, ""},
		{cutOff, "", 0, ""},
	}
}

// raw is one connection of such a client.
type raw struct {
	*soak
	net.Conn
	*rand.Rand
	script
}

// rawClient plays scripts until ctx ends.
func (s *soak) rawClient(ctx context.Context, dice *rand.Rand) {
	for all := scripts(); pause(ctx, rawRest); {
		conn, err := net.DialTimeout("tcp", s.service.Address, replyLimit)
		if err != nil {
			s.complain("connect", "", "%v", err)
			return
		}
		raw{s, conn, dice, all[dice.IntN(len(all))]}.play(ctx)
		_ = conn.Close()
	}
}

func (r raw) play(ctx context.Context) {
	c, text := r.prepare()
	if r.name == cutOff && r.IntN(2) == 0 {
		text = text[:1+r.IntN(len(text)-2)]
	}
	if !r.say(ctx, text) || r.name == cutOff {
		if tcp, ok := r.Conn.(*net.TCPConn); ok && r.IntN(2) == 0 {
			_ = tcp.SetLinger(0) // a reset, and no orderly end
		}
		r.count(cutOff, "unanswered")
		return
	}
	c.sent = time.Now()
	_ = r.SetDeadline(time.Now().Add(replyLimit))
	response, err := http.ReadResponse(bufio.NewReader(r.Conn), nil)
	r.take(c, response, err)
}

// prepare makes the call of the script, with its bytes. One that the service can't read gets an id of the service's own.
func (r raw) prepare() (c *call, text []byte) {
	c = r.draw(row{r.name, 1, live, r.want, steps{careless}})
	if r.want != "" {
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
