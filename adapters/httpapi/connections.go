package httpapi

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
)

const (
	// lingerBytes and lingerTime bound what is still read from a caller who was refused in the middle of sending.
	lingerBytes = 8 << 20
	lingerTime  = 500 * time.Millisecond
	// quietTime is how long kept connections are still served once no new one is taken: each reply closes its connection,
	// so that after it only the idle ones are left.
	quietTime = 500 * time.Millisecond
)

// connections are those that are open.
type connections struct {
	lock sync.Mutex
	open map[*connection]struct{}
}

func newConnections() *connections { return &connections{open: map[*connection]struct{}{}} }

// listen hands every connection of listener to the register.
func (r *connections) listen(listener net.Listener) net.Listener {
	return registeringListener{listener, r}
}

type registeringListener struct {
	net.Listener
	register *connections
}

func (l registeringListener) Accept() (net.Conn, error) {
	accepted, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	conn := &connection{Conn: accepted, register: l.register}
	l.register.lock.Lock()
	defer l.register.lock.Unlock()
	l.register.open[conn] = struct{}{}
	return conn, nil
}

// settle gives the callers of kept connections the time to send what they are about to send, and then closes the
// connections on which nothing was ever sent: fasthttp would wait for them.
func (r *connections) settle(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, quietTime)
	defer cancel()
	look := time.NewTicker(quietTime / 50)
	defer look.Stop()
	for r.count() > 0 && ctx.Err() == nil {
		select {
		case <-look.C:
		case <-ctx.Done():
		}
	}
	for _, silent := range r.silent() {
		_ = silent.Close()
	}
}

func (r *connections) count() int {
	r.lock.Lock()
	defer r.lock.Unlock()
	return len(r.open)
}

func (r *connections) silent() []*connection {
	r.lock.Lock()
	defer r.lock.Unlock()
	var silent []*connection
	for conn := range r.open {
		if !conn.spoke.Load() {
			silent = append(silent, conn)
		}
	}
	return silent
}

// connection can be closed with grace: it reads on for a moment when it is closed on a caller who is still sending.
// Closing at once would make the kernel reset the connection, and the caller would never see the reply that says why
// (RFC 9112, section 9.6).
type connection struct {
	net.Conn
	register *connections
	linger   atomic.Bool
	// spoke says that anything was ever received.
	spoke atomic.Bool
}

func (c *connection) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && !c.spoke.Load() {
		c.spoke.Store(true)
	}
	return n, err
}

// lingerOn has the request's connection closed with grace.
func lingerOn(c *fiber.Ctx) {
	if conn, ok := c.Context().Conn().(*connection); ok {
		conn.linger.Store(true)
	}
}

// Close closes the sending half first where the caller may still be sending.
func (c *connection) Close() error {
	c.register.lock.Lock()
	delete(c.register.open, c)
	c.register.lock.Unlock()
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok || !c.linger.Swap(false) {
		return c.Conn.Close()
	}
	if half.CloseWrite() == nil && c.SetReadDeadline(time.Now().Add(lingerTime)) == nil {
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
