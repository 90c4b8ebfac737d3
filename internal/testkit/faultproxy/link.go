package faultproxy

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// dialTimeout bounds dialling the target.
const dialTimeout = 5 * time.Second

// link is one connection of a client, with its connection to the target.
type link struct {
	proxy  *Proxy
	client *net.TCPConn
	ended  chan struct{}
	once   sync.Once

	// The proxy's lock guards these.
	spoiled bool // bytes were lost: the two sides will never understand one another again
	server  *net.TCPConn

	// Only the replies' goroutine uses these: what was let through under which state, when Trickle's latest byte was due
	// (a late one does not make the next late), and that FIN was sent.
	counted  *state
	through  int
	due      time.Time
	finished bool
}

// cut closes both sides at once; the proxy's lock is held.
func (l *link) cut() {
	l.once.Do(func() {
		close(l.ended)
		_ = l.client.Close()
		if l.server != nil {
			_ = l.server.Close()
		}
	})
}

func (l *link) end() {
	l.proxy.mu.Lock()
	defer l.proxy.mu.Unlock()
	l.cut()
}

// spoil records that bytes are lost under a state; false means that the state is over, and nothing is lost yet.
func (l *link) spoil(under *state) bool {
	l.proxy.mu.Lock()
	defer l.proxy.mu.Unlock()
	if l.proxy.now != under {
		return false
	}
	l.spoiled = true
	return true
}

// hasEnded is true once the link was cut.
func (l *link) hasEnded() bool {
	select {
	case <-l.ended:
		return true
	default:
		return false
	}
}

// hold waits until a state is over or the link has ended, and returns true if the pause passed before that. A pause of
// 0 is no bound.
func (l *link) hold(under *state, pause time.Duration) bool {
	var passed <-chan time.Time
	if pause > 0 {
		timer := time.NewTimer(pause)
		defer timer.Stop()
		passed = timer.C
	}
	select {
	case <-passed:
		return true
	case <-under.over:
	case <-l.ended:
	}
	return false
}

// run forwards the client's bytes to the target, until both sides have ended.
func (l *link) run() {
	var answering sync.WaitGroup
	defer func() {
		answering.Wait()
		l.end()
		l.proxy.mu.Lock()
		delete(l.proxy.links, l)
		l.proxy.mu.Unlock()
	}()
	for buffer := make([]byte, 32<<10); !l.hasEnded(); {
		if now := l.proxy.current(); now.fault.kind == silent {
			l.hold(now, 0)
			continue
		}
		n, err := l.client.Read(buffer)
		if n > 0 && !l.send(buffer[:n], &answering) {
			l.end()
			return
		}
		if err != nil {
			l.sentAll(err)
			return
		}
	}
}

// sentAll tells the target that the client is done, or ends the link if there is no target or an error.
func (l *link) sentAll(err error) {
	l.proxy.mu.Lock()
	defer l.proxy.mu.Unlock()
	if l.server == nil || l.spoiled || !errors.Is(err, io.EOF) {
		l.cut()
		return
	}
	_ = l.server.CloseWrite()
}

// send sends a chunk to the target, or drops it; false ends the link.
func (l *link) send(chunk []byte, answering *sync.WaitGroup) bool {
	for !l.hasEnded() {
		now := l.proxy.current()
		switch now.fault.kind {
		case silent:
			l.hold(now, 0)
		case swallow:
			if l.spoil(now) {
				return true
			}
		case refuse:
			return false
		default:
			if l.server == nil && !l.dial(answering) {
				return false
			}
			_, err := l.server.Write(chunk)
			return err == nil
		}
	}
	return false
}

// dial opens the connection to the target. Only run's goroutine does, so that it may read l.server without the lock.
func (l *link) dial(answering *sync.WaitGroup) bool {
	conn, err := net.DialTimeout("tcp", l.proxy.target, dialTimeout)
	if err != nil {
		return false
	}
	server, isTCP := conn.(*net.TCPConn)
	l.proxy.mu.Lock()
	defer l.proxy.mu.Unlock()
	if !isTCP || l.hasEnded() {
		_ = conn.Close()
		return false
	}
	l.server = server
	answering.Go(func() { l.receive(server) })
	return true
}
