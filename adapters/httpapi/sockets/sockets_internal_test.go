package sockets

import (
	"errors"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/valyala/fasthttp"

	"github.com/journey-os/journey-api/internal/testkit/wait"
)

// chatterer is a connection whose other side never stops sending. It records the calls on it.
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
	conn := &Connection{Conn: caller, register: New(Limits{})}
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
	if err := (&Connection{Conn: caller, register: New(Limits{})}).Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"close"}, caller.did); diff != "" || caller.read > 0 {
		t.Errorf("read %d bytes (-want +got):\n%s", caller.read, diff)
	}
}

// exhausted is a listener whose system has no room for the first connections.
type exhausted struct {
	net.Listener
	errors []error
}

func (l *exhausted) Accept() (net.Conn, error) {
	if len(l.errors) > 0 {
		err := l.errors[0]
		l.errors = l.errors[1:]
		return nil, &net.OpError{Op: "accept", Err: os.NewSyscallError("accept4", err)}
	}
	return &chatterer{}, nil
}

func TestWantOfRoomForConnectionsIsWaitedOut(t *testing.T) {
	register := New(Limits{Served: 4, Refused: 1})
	listener := register.Listen(&exhausted{errors: []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.EHOSTUNREACH}})
	if conn, err := listener.Accept(); err != nil || conn == nil || register.Count() != 1 {
		t.Errorf("accepted %v, %v", conn, err)
	}
	broken := register.Listen(&exhausted{errors: []error{syscall.EINVAL}})
	if _, err := broken.Accept(); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("another fault was %v", err)
	}
}

func TestWhatWaitsInTheKernelsQueueIsStillAccepted(t *testing.T) {
	t.Parallel()
	queue, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		conn, err := net.Dial("tcp", queue.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
	listener := New(Limits{Served: 80, Refused: 20}).Listen(queue)
	finished := make(chan struct{})
	go func() { listener.Finish(t.Context()); close(finished) }()
	if !wait.For(listener.closing.Load) { // nobody has accepted yet
		t.Fatal("it does not close")
	}
	accepted := 0
	for conn, err := listener.Accept(); ; conn, err = listener.Accept() {
		if err != nil {
			if !errors.Is(err, net.ErrClosed) {
				t.Errorf("ended with %v", err)
			}
			break
		}
		accepted++
		_ = conn.Close()
	}
	<-finished
	if accepted != 20 {
		t.Errorf("%d of 20 were accepted", accepted)
	}
	if conn, err := net.Dial("tcp", queue.Addr().String()); err == nil {
		_ = conn.Close()
		t.Error("the port still answers")
	}
}

func TestAListenerThatNobodyAcceptsFromIsClosedAllTheSame(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		queue, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		listener := New(Limits{Served: 4, Refused: 1}).Listen(queue)
		listener.Finish(t.Context())
		if _, err := listener.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("accepting ended with %v", err)
		}
	})
}

func TestWhoHoldsConnectionsWithoutUsingThemMakesRoomForOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		register := New(Limits{Served: 4, Refused: 1}) // so four connections, and a fifth to be told that it is one too many
		come := func() (*Connection, net.Conn) {
			ours, theirs := net.Pipe()
			conn, ok := register.add(ours)
			if !ok {
				t.Fatal("there is no room at all")
			}
			t.Cleanup(func() { _, _ = ours.Close(), theirs.Close() })
			<-time.After(minIdle / 10)
			return conn, theirs
		}
		asking, _ := come()
		register.StateChanged(asking, fasthttp.StateActive)
		longest, theirs := come()
		fresh, _ := come()
		another, _ := come()
		for _, conn := range []*Connection{fresh, another} {
			register.StateChanged(conn, fasthttp.StateActive)
			register.StateChanged(conn, fasthttp.StateIdle)
		}
		tooMany, _ := come()
		if !tooMany.overLimit {
			t.Error("a connection was closed that nobody could call idle")
		}
		register.remove(tooMany)
		<-time.After(minIdle)
		conn, _ := come()
		if _, err := theirs.Write([]byte("x")); err == nil || conn.overLimit {
			t.Errorf("overLimit: %v, writing on the one idle for longest: %v", conn.overLimit, err)
		}
		if _, known := register.open[longest]; known || register.Count() != 4 {
			t.Errorf("%d connections are known, the closed one: %v", register.Count(), known)
		}
	})
}
