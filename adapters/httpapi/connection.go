package httpapi

import (
	"errors"
	"net"
	"os"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

const (
	// lingerBytes and lingerTime bound what is still read from a caller who was refused in the middle of sending.
	lingerBytes = 8 << 20
	lingerTime  = 500 * time.Millisecond
	// crowdedTime is how long a request may take to arrive on a connection that is one too many.
	crowdedTime = time.Second
)

// connection can be closed with grace: it reads on for a moment when it is closed on a caller who is still sending.
// Closing at once would make the kernel reset the connection, and the caller would never see the reply that says why
// (RFC 9112, section 9.6).
type connection struct {
	net.Conn
	register *connections
	// overLimit reports whether there were too many others when it came: it is told so, and closed.
	overLimit bool
	linger    atomic.Bool
	// spoke reports whether anything was ever received.
	spoke atomic.Bool
	// idleSince is when the last reply was written, or the connection taken if there was none yet, in nanoseconds since
	// 1970; 0 while a request is under way.
	idleSince atomic.Int64
	// late reports whether a request did not arrive in time.
	late bool
	// timed reports whether what is written next has a deadline of its own.
	timed bool
}

// connectionOf is nil if the request came by no listener of ours.
func connectionOf(rc *fasthttp.RequestCtx) *connection {
	conn, _ := rc.Conn().(*connection)
	return conn
}

func (c *connection) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && !c.spoke.Load() {
		c.spoke.Store(true)
	}
	c.late = errors.Is(err, os.ErrDeadlineExceeded)
	return n, err
}

// SetReadDeadline comes with each request, once for all of its bytes: whoever sends them one at a time gains nothing.
func (c *connection) SetReadDeadline(at time.Time) error {
	c.timed = false
	if c.overLimit {
		if soon := time.Now().Add(crowdedTime); at.IsZero() || soon.Before(at) {
			at = soon
		}
	}
	return c.Conn.SetReadDeadline(at)
}

// SetWriteDeadline comes with each reply, once for all of its bytes.
func (c *connection) SetWriteDeadline(at time.Time) error {
	c.timed = true
	return c.Conn.SetWriteDeadline(at)
}

// Write gives a deadline to what fasthttp sends without one: a refusal of what is no request, the word to go on. The
// deadline of the last reply may be over by then.
func (c *connection) Write(p []byte) (int, error) {
	if !c.timed {
		if err := c.SetWriteDeadline(time.Now().Add(c.register.writeTimeout)); err != nil {
			return 0, err
		}
	}
	return c.Conn.Write(p)
}

// lingerOn has the request's connection closed with grace.
func lingerOn(c *fiber.Ctx) {
	if conn := connectionOf(c.Context()); conn != nil {
		conn.linger.Store(true)
	}
}

// Close closes the sending half first where the caller may still be sending.
func (c *connection) Close() error {
	defer c.register.remove(c)
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok || !c.linger.Swap(false) {
		return c.Conn.Close()
	}
	if half.CloseWrite() == nil && c.Conn.SetReadDeadline(time.Now().Add(lingerTime)) == nil {
		discard(c.Conn, lingerBytes)
	}
	return c.Conn.Close()
}

func discard(conn net.Conn, limit int) {
	buffer := make([]byte, 32<<10)
	for limit > 0 {
		n, err := conn.Read(buffer)
		if err != nil {
			return
		}
		limit -= n
	}
}
