package sockets

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// queueTime is how long connections that are on the way or in the kernel's queue are still accepted when the service
	// stops.
	queueTime = 50 * time.Millisecond
	// lookTime is how long the queue must be found empty at the end of it.
	lookTime = 5 * time.Millisecond
	// abandonedTime is how long the listener stays open for a server that does not accept.
	abandonedTime = time.Second
	// shortageTime is the pause if the system has no room for one more connection, or could not take one.
	shortageTime = 20 * time.Millisecond
)

// Listener hands every connection to those that are open.
type Listener struct {
	net.Listener
	register *Connections
	closing  atomic.Bool
	// looked reports whether the time for the queue was over once. On a busy machine nobody may have looked into it by then.
	looked bool
	// ended is closed when nothing more is accepted.
	ended chan struct{}
	end   sync.Once
}

// Listen takes connections from listener.
func (r *Connections) Listen(listener net.Listener) *Listener {
	return &Listener{Listener: listener, register: r, ended: make(chan struct{})}
}

// Accept never fails for want of room, or a flood would end the service: it waits until others have gone.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		accepted, err := l.Listener.Accept()
		switch {
		case err == nil:
			if conn, ok := l.register.add(accepted); ok {
				return conn, nil
			}
			_ = accepted.Close()
		case passes(err) && !l.closing.Load():
			select {
			case <-time.After(shortageTime):
			case <-l.ended:
			}
		case l.closing.Load() && errors.Is(err, os.ErrDeadlineExceeded):
			if l.looked || !l.acceptFor(lookTime) {
				_ = l.Close()
				return nil, net.ErrClosed
			}
			l.looked = true
		default:
			return nil, err
		}
	}
}

// Close may be called more than once.
func (l *Listener) Close() (err error) {
	l.end.Do(func() {
		err = l.Listener.Close()
		close(l.ended)
	})
	return err
}

// Finish takes the connections that wait in the kernel's queue, and then closes: closing resets those that are still
// there, requests included.
func (l *Listener) Finish(ctx context.Context) {
	l.closing.Store(true)
	ignoreNewcomers(l.Listener)
	if l.acceptFor(queueTime) {
		select {
		case <-l.ended:
		case <-time.After(abandonedTime): // nobody accepts
		case <-ctx.Done():
		}
	}
	_ = l.Close()
}

// acceptFor has Accept end after a while; false means that this listener can't.
func (l *Listener) acceptFor(d time.Duration) bool {
	timed, ok := l.Listener.(interface{ SetDeadline(at time.Time) error })
	return ok && timed.SetDeadline(time.Now().Add(d)) == nil
}

// passes reports whether the listener is well: the process or the system has no descriptor or memory left for a connection, or
// what went wrong was the connection's own fault or the network's (accept(2), "Error handling").
func passes(err error) bool {
	for _, passing := range []error{
		syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.ECONNABORTED, syscall.EPERM, syscall.EPROTO,
		syscall.ENOPROTOOPT, syscall.EOPNOTSUPP, syscall.ENETDOWN, syscall.ENETUNREACH, syscall.EHOSTDOWN, syscall.EHOSTUNREACH,
	} {
		if errors.Is(err, passing) {
			return true
		}
	}
	return false
}
