package sockets

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

const (
	// minIdle is how long a connection must have been idle to be closed for a new one. The one that has been idle for
	// longest is chosen from this many at random: comparing all would make a flood expensive.
	minIdle     = time.Second
	idleSamples = 64
	// keepAliveGrace is how long kept connections are still served once no new one is accepted: each reply closes its
	// connection, so that after it only idle ones are left.
	keepAliveGrace = 500 * time.Millisecond
)

// Connections are the open connections.
type Connections struct {
	limits Limits

	lock sync.Mutex
	open map[*Connection]struct{}
}

// Limits bounds connections.
type Limits struct {
	// Served is how many are served. Up to Refused more are accepted, only to answer that there are too many.
	Served, Refused int
	// WriteTimeout bounds writes outside of a reply.
	WriteTimeout time.Duration
}

// New returns Connections without any.
func New(limits Limits) *Connections {
	return &Connections{limits: limits, open: map[*Connection]struct{}{}}
}

// Max returns how many connections are served.
func (r *Connections) Max() int { return r.limits.Served }

// add registers a new connection, and closes an idle one if there are too many, so that unused connections keep nobody
// out, above all no probes. It returns false if there is not even room to refuse the connection with a reply.
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

// makeRoom removes an idle connection if the limit is reached, and returns it; nil if there is none.
func (r *Connections) makeRoom(now time.Time) *Connection {
	if len(r.open) < r.limits.Served {
		return nil
	}
	var longest *Connection
	since, looked := now.Add(-minIdle).UnixNano(), 0
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

// StateChanged is called by the server when a request begins on a connection and when its reply is written.
func (*Connections) StateChanged(conn net.Conn, state fasthttp.ConnState) {
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

// CloseSilent gives the callers of kept connections time to send what they are about to send. Then it closes the
// connections on which nothing was ever sent, for which fasthttp would wait.
func (r *Connections) CloseSilent(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, keepAliveGrace)
	defer cancel()
	look := time.NewTicker(keepAliveGrace / 50)
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

// Count returns how many are open.
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
