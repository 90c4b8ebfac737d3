package httpapi

import (
	"net"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// chatterer is a connection whose other side never stops sending. It notes what is done to it.
type chatterer struct {
	net.Conn
	did      []string
	deadline time.Time
	read     int
}

func (c *chatterer) CloseWrite() error { c.did = append(c.did, "close the sending half"); return nil }
func (c *chatterer) Close() error      { c.did = append(c.did, "close"); return nil }

func (c *chatterer) SetReadDeadline(at time.Time) error {
	c.did, c.deadline = append(c.did, "set a deadline"), at
	return nil
}

func (c *chatterer) Read(buffer []byte) (int, error) {
	c.read += len(buffer)
	return len(buffer), nil
}

func TestLingeringEndsTheReplyFirstAndIsBounded(t *testing.T) {
	caller := &chatterer{}
	conn := &connection{Conn: caller, register: newConnections()}
	conn.linger.Store(true)
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"close the sending half", "set a deadline", "close"}, caller.did); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if left := time.Until(caller.deadline); left > 500*time.Millisecond {
		t.Errorf("reads on for %v", left)
	}
	if caller.read < 8<<20 || caller.read > 9<<20 {
		t.Errorf("read %d bytes", caller.read)
	}
}

func TestAConnectionThatNeedNotLingerIsJustClosed(t *testing.T) {
	caller := &chatterer{}
	if err := (&connection{Conn: caller, register: newConnections()}).Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"close"}, caller.did); diff != "" || caller.read > 0 {
		t.Errorf("read %d bytes (-want +got):\n%s", caller.read, diff)
	}
}

func TestEveryTimeoutReachesTheWire(t *testing.T) {
	config := Config{MaxBodyBytes: 1, MaxHeaderBytes: 4096, ReadTimeout: time.Second, WriteTimeout: 2 * time.Second, IdleTimeout: 3 * time.Second}
	server := newApp(config, nil).Server()
	got := []time.Duration{server.ReadTimeout, server.WriteTimeout, server.IdleTimeout}
	if diff := cmp.Diff([]time.Duration{time.Second, 2 * time.Second, 3 * time.Second}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
