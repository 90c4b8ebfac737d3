// Package sockets is where connections come in: it bounds how many are open, closes those that have been idle for longest
// to make room, gives every read and write a deadline, closes with grace while the caller still sends, and ends without
// losing a request that is on its way. It knows bytes and deadlines, and nothing of what is asked.
package sockets

import (
	"errors"
	"net"
	"os"
	"sync/atomic"
	"time"
)

const (
	// lingerBytes and lingerTime bound what is still read from a caller who was refused in the middle of sending.
	lingerBytes = 8 << 20
	lingerTime  = 500 * time.Millisecond
	// overLimitTime is how long a request may take to arrive on a connection that is one too many.
	overLimitTime = time.Second
)

// Connection can be closed with grace: it reads on for a moment when it is closed on a caller who is still sending.
// Closing at once would make the kernel reset the connection, and the caller would never see the reply that says why
// (RFC 9112, section 9.6).
type Connection struct {
	net.Conn
	register        *Connections
	overLimit, late bool
	linger          atomic.Bool
	// spoke reports whether anything was ever received.
	spoke atomic.Bool
	// idleSince is when the last reply was written, or the connection taken if there was none yet, in nanoseconds since
	// 1970; 0 while a request is under way.
	idleSince atomic.Int64
	// timed reports whether what is written next has a deadline of its own.
	timed bool
}

// Of is the Connection that conn is; nil if it came by no Listener. A nil one is within every limit and never late.
func Of(conn net.Conn) *Connection {
	known, _ := conn.(*Connection)
	return known
}

// IsOverLimit reports whether there were too many others when it came: it is to be told so, and closed.
func (c *Connection) IsOverLimit() bool { return c != nil && c.overLimit }

// IsLate reports whether a request did not arrive in time.
func (c *Connection) IsLate() bool { return c != nil && c.late }

// Read notes whether the other side ever sent anything, and whether it was too late.
func (c *Connection) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && !c.spoke.Load() {
		c.spoke.Store(true)
	}
	c.late = errors.Is(err, os.ErrDeadlineExceeded)
	return n, err
}

// SetReadDeadline comes with each request, once for all of its bytes: whoever sends them one at a time gains nothing.
func (c *Connection) SetReadDeadline(at time.Time) error {
	c.timed = false
	if c.overLimit {
		if soon := time.Now().Add(overLimitTime); at.IsZero() || soon.Before(at) {
			at = soon
		}
	}
	return c.Conn.SetReadDeadline(at)
}

// SetWriteDeadline comes with each reply, once for all of its bytes.
func (c *Connection) SetWriteDeadline(at time.Time) error {
	c.timed = true
	return c.Conn.SetWriteDeadline(at)
}

// Write gives a deadline to what fasthttp sends without one: a refusal of what is no request, the word to go on. The
// deadline of the last reply may be over by then.
func (c *Connection) Write(p []byte) (int, error) {
	if !c.timed {
		if err := c.SetWriteDeadline(time.Now().Add(c.register.limits.WriteTimeout)); err != nil {
			return 0, err
		}
	}
	return c.Conn.Write(p)
}

// Linger has it closed with grace.
func (c *Connection) Linger() {
	if c != nil {
		c.linger.Store(true)
	}
}

// Close closes the sending half first if the caller may still be sending.
func (c *Connection) Close() error {
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
