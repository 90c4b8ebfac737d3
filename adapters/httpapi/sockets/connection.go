// Package sockets accepts connections. It bounds how many are open, closes those that have been idle for longest to
// make room, and gives every read and write a deadline. It closes gracefully while the caller still sends, and stops
// without losing a request that is on its way. It handles bytes and deadlines, not requests.
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
	// overLimitTime is how long a request may take to arrive on a connection over the limit.
	overLimitTime = time.Second
)

// Connection closes gracefully: when it is closed while the caller is still sending, it reads on for a moment. Closing
// at once would make the kernel reset the connection, and the caller would never see the reply (RFC 9112, section 9.6).
type Connection struct {
	net.Conn
	register        *Connections
	overLimit, late bool
	linger          atomic.Bool
	// spoke reports whether anything was ever received.
	spoke atomic.Bool
	// idleSince is when the last reply was written, or the connection accepted if there was none yet, in nanoseconds
	// since 1970; 0 while a request is under way.
	idleSince atomic.Int64
	// timed reports whether the next write has a deadline of its own.
	timed bool
}

// Of returns conn as a Connection; nil if it came from no Listener. A nil Connection is within every limit and never
// late.
func Of(conn net.Conn) *Connection {
	known, _ := conn.(*Connection)
	return known
}

// IsOverLimit reports whether there were too many others when the connection came. The server answers so, and closes
// it.
func (c *Connection) IsOverLimit() bool { return c != nil && c.overLimit }

// IsLate reports whether a request did not arrive in time.
func (c *Connection) IsLate() bool { return c != nil && c.late }

// Read records whether the other side ever sent anything, and whether it was too late.
func (c *Connection) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && !c.spoke.Load() {
		c.spoke.Store(true)
	}
	c.late = errors.Is(err, os.ErrDeadlineExceeded)
	return n, err
}

// SetReadDeadline sets the deadline for all bytes of a request, so that sending them slowly gains no time.
func (c *Connection) SetReadDeadline(at time.Time) error {
	c.timed = false
	if c.overLimit {
		if soon := time.Now().Add(overLimitTime); at.IsZero() || soon.Before(at) {
			at = soon
		}
	}
	return c.Conn.SetReadDeadline(at)
}

// SetWriteDeadline sets the deadline for all bytes of a reply.
func (c *Connection) SetWriteDeadline(at time.Time) error {
	c.timed = true
	return c.Conn.SetWriteDeadline(at)
}

// Write sets a deadline for what fasthttp sends without one: a refusal of a malformed request, or 100 Continue. The
// deadline of the last reply may have passed by then.
func (c *Connection) Write(p []byte) (int, error) {
	if !c.timed {
		if err := c.SetWriteDeadline(time.Now().Add(c.register.limits.WriteTimeout)); err != nil {
			return 0, err
		}
	}
	return c.Conn.Write(p)
}

// Linger makes Close close gracefully.
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
