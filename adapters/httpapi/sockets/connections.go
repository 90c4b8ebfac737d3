package sockets

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

const (
	// idleEnough is how long a connection must have been idle to make room for a new one. Of this many, taken at random, it
	// is the one that has been idle for longest: looking at all of them would make a flood dear.
	idleEnough  = time.Second
	idleSamples = 64
	// quietTime is how long kept connections are still served once no new one is taken: each reply closes its connection,
	// so that after it only the idle ones are left.
	quietTime = 500 * time.Millisecond
)

// Connections are those that are open.
type Connections struct {
	limits Limits

	lock sync.Mutex
	open map[*Connection]struct{}
}

// Limits bounds connections.
type Limits struct {
	// Served is how many are served. As many as Refused are taken beyond it, to be told that there are too many.
	Served, Refused int
	// WriteTimeout bounds what is written outside of a reply.
	WriteTimeout time.Duration
}

// New has no connection open.
func New(limits Limits) *Connections {
	return &Connections{limits: limits, open: map[*Connection]struct{}{}}
}

// Max is how many connections are served.
func (r *Connections) Max() int { return r.limits.Served }

// add registers a new connection, and closes an idle one if there are too many: whoever holds connections without using
// them must not keep others out, probes above all. False means that there is not even room to say that there is none.
func (r *Connections) add(accepted net.Conn) (*Connection, bool) {
	now := time.Now()
	r.lock.Lock()
	idle := r.makeRoom(now)
	full, overLimit := len(r.open) >= r.limits.Served+r.limits.Refused, len(r.open) >= r.limits.Served
	conn := &Connection{Conn: accepted, register: r, overLimit: overLimit}
	conn.idleSince.Store(now.UnixNano())
	if !full {
		r.open[conn] = struct{}{}
	}
	r.lock.Unlock()
	if idle != nil {
		_ = idle.Conn.Close()
	}
	return conn, !full
}

// makeRoom takes a connection that is idle out of the register, if that is full; nil if there is none.
func (r *Connections) makeRoom(now time.Time) *Connection {
	if len(r.open) < r.limits.Served {
		return nil
	}
	var longest *Connection
	since, looked := now.Add(-idleEnough).UnixNano(), 0
	for conn := range r.open { // in no order
		if idle := conn.idleSince.Load(); idle > 0 && idle <= since {
			longest, since = conn, idle
		}
		if looked++; looked == idleSamples {
			break
		}
	}
	delete(r.open, longest)
	return longest
}

// Note hears from the server when a request begins on a connection and when its reply is written.
func (*Connections) Note(conn net.Conn, state fasthttp.ConnState) {
	known := Of(conn)
	switch {
	case known == nil:
	case state == fasthttp.StateActive:
		known.idleSince.Store(0)
	case state == fasthttp.StateIdle:
		known.idleSince.Store(time.Now().UnixNano())
	}
}

func (r *Connections) remove(conn *Connection) {
	r.lock.Lock()
	defer r.lock.Unlock()
	delete(r.open, conn)
}

// Settle gives the callers of kept connections the time to send what they are about to send, and then closes the
// connections on which nothing was ever sent: fasthttp would wait for them.
func (r *Connections) Settle(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, quietTime)
	defer cancel()
	look := time.NewTicker(quietTime / 50)
	defer look.Stop()
	for r.Count() > 0 && ctx.Err() == nil {
		select {
		case <-look.C:
		case <-ctx.Done():
		}
	}
	for _, silent := range r.silent() {
		_ = silent.Close()
	}
}

// Count is how many are open.
func (r *Connections) Count() int {
	r.lock.Lock()
	defer r.lock.Unlock()
	return len(r.open)
}

func (r *Connections) silent() []*Connection {
	r.lock.Lock()
	defer r.lock.Unlock()
	var silent []*Connection
	for conn := range r.open {
		if !conn.spoke.Load() {
			silent = append(silent, conn)
		}
	}
	return silent
}
