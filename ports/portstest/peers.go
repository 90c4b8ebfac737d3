package portstest

import (
	"io"
	"net"
	"sync"
	"testing"
)

func listen(t *testing.T, address string) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

// refusingAddress is an address on loopback on which nobody listens.
func refusingAddress(t *testing.T) string {
	t.Helper()
	listener := listen(t, "127.0.0.1:0")
	_ = listener.Close()
	return listener.Addr().String()
}

type silence struct {
	address string
	// spokenTo is closed when the first bytes came in.
	spokenTo chan struct{}
}

// silentPeer reads everything and sends nothing.
func silentPeer(t *testing.T) silence {
	t.Helper()
	spokenTo := make(chan struct{})
	var once sync.Once
	address := peer(t, func(conn net.Conn) {
		if _, err := conn.Read(make([]byte, 1)); err == nil {
			once.Do(func() { close(spokenTo) })
		}
		_, _ = io.Copy(io.Discard, conn)
	})
	return silence{address: address, spokenTo: spokenTo}
}

// peer gives each connection to handle, and closes them all at the end of the test.
func peer(t *testing.T, handle func(net.Conn)) (address string) {
	t.Helper()
	listener := listen(t, "127.0.0.1:0")
	var (
		serving sync.WaitGroup
		mu      sync.Mutex
		conns   []net.Conn
	)
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, conn)
			mu.Unlock()
			serving.Go(func() { handle(conn) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		mu.Lock()
		for _, conn := range conns {
			_ = conn.Close()
		}
		mu.Unlock()
		serving.Wait()
	})
	return listener.Addr().String()
}
