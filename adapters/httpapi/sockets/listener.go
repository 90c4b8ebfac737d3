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
	// queueTime is how long connections on their way or in the kernel's queue are still accepted when the service
	// stops.
	queueTime = 50 * time.Millisecond
	// queueEmptyTime is how long the queue must be empty at the end of it.
	queueEmptyTime = 5 * time.Millisecond
	// abandonedTime is how long the listener stays open for a server that does not accept.
	abandonedTime = time.Second
	// shortageTime is the pause if the system has no room for a further connection.
	shortageTime = 20 * time.Millisecond
)

// Listener registers every connection that it accepts.
type Listener struct {
	net.Listener
	register *Connections
	closing  atomic.Bool
	// looked reports whether the queue's time has passed once. On a busy machine the queue may not have been read by
	// then.
	looked bool
	// ended is closed when nothing more is accepted.
	ended chan struct{}
	end   sync.Once
}

// Listen returns a Listener that accepts from listener.
func (r *Connections) Listen(listener net.Listener) *Listener {
	return &Listener{Listener: listener, register: r, ended: make(chan struct{})}
}

// Accept waits while there is no room for a connection. It does not fail, since a flood would then end the service.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		accepted, err := l.Listener.Accept()
		switch {
		case err == nil:
			if conn, ok := l.register.add(accepted); ok {
				return conn, nil
			}
			_ = accepted.Close()
		case isTemporary(err) && !l.closing.Load():
			select {
			case <-time.After(shortageTime):
			case <-l.ended:
			}
		case l.closing.Load() && errors.Is(err, os.ErrDeadlineExceeded):
			if l.looked || !l.acceptFor(queueEmptyTime) {
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

// Finish accepts the connections that wait in the kernel's queue, and then closes the listener. Closing resets those
// that are still in the queue, with their requests.
func (l *Listener) Finish(ctx context.Context) {
	l.closing.Store(true)
	dropSYNs(l.Listener)
	if l.acceptFor(queueTime) {
		select {
		case <-l.ended:
		case <-time.After(abandonedTime): // nobody accepts
		case <-ctx.Done():
		}
	}
	_ = l.Close()
}

// acceptFor makes Accept end after d; it returns false if this listener can't.
func (l *Listener) acceptFor(d time.Duration) bool {
	timed, ok := l.Listener.(interface{ SetDeadline(at time.Time) error })
	return ok && timed.SetDeadline(time.Now().Add(d)) == nil
}

// isTemporary reports whether accepting can go on: the process or the system has no descriptor or memory left for a
// connection, or the error is that of one connection or of the network (accept(2), "Error handling").
func isTemporary(err error) bool {
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
