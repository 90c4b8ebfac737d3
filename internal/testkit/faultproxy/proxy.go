package faultproxy

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"
)

// Proxy is a proxy in front of one target.
type Proxy struct {
	target  string
	address string
	release func()
	closing chan struct{}
	serving sync.WaitGroup

	mu       sync.Mutex
	now      *state
	listener net.Listener // nil while nobody listens
	links    map[*link]struct{}
	accepted int
	closed   bool
}

// state is one fault from when it was set; over is closed when another takes its place.
type state struct {
	fault Fault
	over  chan struct{}
}

// Start is New for a test, which closes the proxy.
func Start(t testing.TB, target string) *Proxy {
	t.Helper()
	proxy, err := New(target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	return proxy
}

// New listens on a port of its own on 127.0.0.1 and passes everything to target, which is host:port.
func New(target string) (*Proxy, error) {
	address, release, err := reserve()
	if err != nil {
		return nil, fmt.Errorf("fault proxy: %w", err)
	}
	proxy := &Proxy{
		target: target, address: address, release: release,
		closing: make(chan struct{}), now: newState(Pass()), links: map[*link]struct{}{},
	}
	proxy.mu.Lock()
	defer proxy.mu.Unlock()
	if err := proxy.listen(); err != nil {
		release()
		return nil, err
	}
	return proxy, nil
}

func newState(fault Fault) *state { return &state{fault: fault, over: make(chan struct{})} }

// Address returns the address of the proxy, host:port; it never changes.
func (p *Proxy) Address() string { return p.address }

// Set replaces the fault. It fails if the proxy is closed already, or if the port of a proxy that refused can't be
// opened again: Set may be called again then.
func (p *Proxy) Set(fault Fault) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return fmt.Errorf("fault proxy: %w", net.ErrClosed)
	}
	if fault == p.now.fault {
		return nil
	}
	if fault.kind == refuse {
		p.hangUp()
	} else if err := p.listen(); err != nil {
		return err
	}
	close(p.now.over)
	p.now = newState(fault)
	for link := range p.links {
		if link.spoiled || fault.kind == refuse {
			link.cut()
		}
	}
	return nil
}

// Fault returns the current fault.
func (p *Proxy) Fault() Fault { return p.current().fault }

// Accepted returns how many connections the proxy has accepted so far.
func (p *Proxy) Accepted() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.accepted
}

// Open returns how many connections are open now. The end of one that is not read, under Silent, is not noticed.
func (p *Proxy) Open() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.links)
}

// Close ends all connections, frees the port and returns when no goroutine of the proxy is left. It may be called again.
func (p *Proxy) Close() {
	p.mu.Lock()
	if !p.closed {
		p.closed = true
		close(p.closing)
		p.hangUp()
		for link := range p.links {
			link.cut()
		}
		p.release()
	}
	p.mu.Unlock()
	p.serving.Wait()
}

func (p *Proxy) current() *state {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

// listen opens the port if it is not open; the lock is held.
func (p *Proxy) listen() error {
	if p.listener != nil {
		return nil
	}
	listener, err := net.Listen("tcp", p.address)
	if err != nil {
		return fmt.Errorf("fault proxy: %w", err)
	}
	p.listener = listener
	p.serving.Go(func() { p.accept(listener) })
	return nil
}

func (p *Proxy) hangUp() {
	if p.listener != nil {
		_ = p.listener.Close()
		p.listener = nil
	}
}

func (p *Proxy) accept(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // out of descriptors, say
			select {
			case <-time.After(10 * time.Millisecond):
			case <-p.closing:
				return
			}
		default:
			p.take(conn)
		}
	}
}

func (p *Proxy) take(conn net.Conn) {
	client, isTCP := conn.(*net.TCPConn)
	p.mu.Lock()
	defer p.mu.Unlock()
	if !isTCP || p.closed || p.now.fault.kind == refuse {
		_ = conn.Close()
		return
	}
	p.accepted++
	link := &link{proxy: p, client: client, ended: make(chan struct{})}
	p.links[link] = struct{}{}
	p.serving.Go(link.run)
}
