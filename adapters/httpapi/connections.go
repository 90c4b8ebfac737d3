package httpapi

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

const (
	// connectionsPerRequest is how many connections are served for each request that may be in flight: most of them idle,
	// some slow. An open one takes about 27 KiB, or less if it has never sent anything.
	connectionsPerRequest = 4
	// idleEnough is how long a connection must have been idle to make room for a new one. Of this many, taken at random, it
	// is the one that has been idle for longest: looking at all of them would make a flood dear.
	idleEnough  = time.Second
	idleSamples = 64
	// quietTime is how long kept connections are still served once no new one is taken: each reply closes its connection,
	// so that after it only the idle ones are left.
	quietTime = 500 * time.Millisecond
)

// connections are those that are open.
type connections struct {
	// most is how many are served. As many as crowd are taken beyond it, to be told that there are too many.
	most, crowd int
	// writeTimeout bounds what is written outside of a reply.
	writeTimeout time.Duration

	lock sync.Mutex
	open map[*connection]struct{}
}

func newConnections(config Config) *connections {
	return &connections{
		most: connectionsPerRequest * config.MaxInFlight, crowd: config.MaxInFlight,
		writeTimeout: config.WriteTimeout, open: map[*connection]struct{}{},
	}
}

// add registers a new connection, and closes an idle one if there are too many: whoever holds connections without using
// them must not keep others out, probes above all. False means that there is not even room to say that there is none.
func (r *connections) add(accepted net.Conn) (*connection, bool) {
	now := time.Now()
	r.lock.Lock()
	idle := r.makeRoom(now)
	full, overLimit := len(r.open) >= r.most+r.crowd, len(r.open) >= r.most
	conn := &connection{Conn: accepted, register: r, overLimit: overLimit}
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
func (r *connections) makeRoom(now time.Time) *connection {
	if len(r.open) < r.most {
		return nil
	}
	var longest *connection
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

// note hears from the server when a request begins on a connection and when its reply is written.
func (*connections) note(conn net.Conn, state fasthttp.ConnState) {
	known, ok := conn.(*connection)
	switch {
	case !ok:
	case state == fasthttp.StateActive:
		known.idleSince.Store(0)
	case state == fasthttp.StateIdle:
		known.idleSince.Store(time.Now().UnixNano())
	}
}

func (r *connections) remove(conn *connection) {
	r.lock.Lock()
	defer r.lock.Unlock()
	delete(r.open, conn)
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
