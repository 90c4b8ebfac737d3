package httpapi

import (
	"context"
	"net"
	"sync"
	"time"
)

const (
	// connectionsPerRequest is how many connections are served for each request that may be in flight: most of them idle,
	// some slow. An open one takes about 30 KiB, or less where it has never sent anything.
	connectionsPerRequest = 4
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

// add registers a new connection; false says that there is not even room to tell it so.
func (r *connections) add(accepted net.Conn) (*connection, bool) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if len(r.open) >= r.most+r.crowd {
		return nil, false
	}
	conn := &connection{Conn: accepted, register: r, crowded: len(r.open) >= r.most}
	r.open[conn] = struct{}{}
	return conn, true
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
