package faultproxy_test

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/journey-os/journey-api/internal/testkit/faultproxy"
	"github.com/journey-os/journey-api/internal/testkit/goroutines"
	"github.com/journey-os/journey-api/internal/testkit/wait"
)

func TestMain(m *testing.M) { goroutines.Main(m) }

// room is what a busy machine may take for what comes at once.
const room = wait.Limit

// echo answers with what it was sent, until the test ends.
func echo(t *testing.T) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	t.Cleanup(func() {
		_ = listener.Close()
		serving.Wait()
	})
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				_, _ = io.Copy(conn, conn)
				_ = conn.Close()
			})
		}
	})
	return listener.Addr().String()
}

func proxyFor(t *testing.T, fault faultproxy.Fault) *faultproxy.Proxy {
	t.Helper()
	proxy := faultproxy.Start(t, echo(t))
	set(t, proxy, fault)
	return proxy
}

func set(t *testing.T, proxy *faultproxy.Proxy, fault faultproxy.Fault) {
	t.Helper()
	if err := proxy.Set(fault); err != nil {
		t.Fatal(err)
	}
	if got := proxy.Fault(); got != fault {
		t.Fatalf("the fault is %v, want %v", got, fault)
	}
}

func dial(t *testing.T, proxy *faultproxy.Proxy) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", proxy.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn.(*net.TCPConn)
}

func say(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
}

func wantReply(t *testing.T, conn net.Conn, want string) {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(room))
	got := make([]byte, len(want))
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != want {
		t.Fatalf("read %q, %v; want %q", got, err, want)
	}
}

// wantNothing waits long enough for what would come to come.
func wantNothing(t *testing.T, conn net.Conn) {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, err := conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("read %d bytes, %v; want none", n, err)
	}
}

// wantEnd reads until the connection ends, and wants it to end as told: nil is FIN.
func wantEnd(t *testing.T, conn net.Conn, want error) {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(room))
	rest, err := io.ReadAll(conn)
	if len(rest) > 0 || !errors.Is(err, want) {
		t.Fatalf("it ended with %q, %v; want %v", rest, err, want)
	}
}

// wantHungUp wants the connection to end, by FIN or, if bytes were on their way, by RST.
func wantHungUp(t *testing.T, conn net.Conn) {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(room))
	if n, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("it stands: read %d bytes, %v", n, err)
	}
}

func TestNoFaultIsPass(t *testing.T) {
	proxy := faultproxy.Start(t, echo(t))
	conn := dial(t, proxy)
	long := strings.Repeat("journey ", 32<<10)
	go func() { _, _ = io.WriteString(conn, long) }()
	wantReply(t, conn, long)
	if proxy.Accepted() != 1 || proxy.Open() != 1 {
		t.Errorf("%d accepted, %d open; want 1 of each", proxy.Accepted(), proxy.Open())
	}
	_ = conn.CloseWrite()
	wantEnd(t, conn, nil)
	if !wait.For(func() bool { return proxy.Open() == 0 }) {
		t.Fatal("it is still open")
	}
}

func TestRefuseClosesThePortAndWhatStandsAndComesBackOnTheSamePort(t *testing.T) {
	proxy := faultproxy.Start(t, echo(t))
	for range 5 {
		conn := dial(t, proxy)
		say(t, conn, "a")
		wantReply(t, conn, "a")
		set(t, proxy, faultproxy.Refuse())
		wantHungUp(t, conn)
		if _, err := net.Dial("tcp", proxy.Address()); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("a new connection: %v", err)
		}
		set(t, proxy, faultproxy.Pass())
	}
}

func TestSwallowReadsAllAndAnswersNothing(t *testing.T) {
	proxy := proxyFor(t, faultproxy.Swallow())
	conn := dial(t, proxy)
	say(t, conn, strings.Repeat("x", 8<<20)) // more than any buffer between holds
	wantNothing(t, conn)
	set(t, proxy, faultproxy.Pass())
	wantHungUp(t, conn)
}

func TestSilentNeverReadsAndTheConversationGoesOnAfterwards(t *testing.T) {
	proxy := proxyFor(t, faultproxy.Silent())
	conn := dial(t, proxy)
	_ = conn.SetWriteDeadline(time.Now().Add(200 * time.Millisecond))
	sent, err := io.Copy(conn, io.LimitReader(zeros{}, 64<<20))
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%d bytes were taken: %v", sent, err)
	}
	second := dial(t, proxy)
	say(t, second, "are you there?")
	wantNothing(t, second)
	set(t, proxy, faultproxy.Pass())
	wantReply(t, second, "are you there?")
}

type zeros struct{}

func (zeros) Read(into []byte) (int, error) { return len(into), nil }

func TestDelayAndTrickleAreLateAndWhole(t *testing.T) {
	for _, test := range []struct {
		fault faultproxy.Fault
		least time.Duration
	}{
		{faultproxy.Delay(100 * time.Millisecond), 100 * time.Millisecond},
		{faultproxy.Trickle(20 * time.Millisecond), 80 * time.Millisecond},
	} {
		t.Run(test.fault.String(), func(t *testing.T) {
			conn := dial(t, proxyFor(t, test.fault))
			began := time.Now()
			say(t, conn, "hello")
			wantReply(t, conn, "hello")
			if took := time.Since(began); took < test.least {
				t.Errorf("it took %v, want %v at least", took, test.least)
			}
		})
	}
}

func TestWhatWaitsGoesOnAtOnceWhenTheFaultIsOver(t *testing.T) {
	for _, fault := range []faultproxy.Fault{faultproxy.Delay(time.Hour), faultproxy.Trickle(time.Hour), faultproxy.Silent()} {
		t.Run(fault.String(), func(t *testing.T) {
			proxy := faultproxy.Start(t, echo(t))
			conn := dial(t, proxy)
			say(t, conn, "before ")
			wantReply(t, conn, "before ")
			set(t, proxy, fault)
			say(t, conn, "after")
			set(t, proxy, faultproxy.Pass())
			wantReply(t, conn, "after")
		})
	}
}

func TestRepliesAreCutAfterSoManyBytes(t *testing.T) {
	for _, test := range []struct {
		fault faultproxy.Fault
		got   string
		end   error
	}{
		{faultproxy.ResetAfter(0), "", syscall.ECONNRESET},
		{faultproxy.ResetAfter(3), "hel", syscall.ECONNRESET},
		{faultproxy.ResetAfter(5), "hello", syscall.ECONNRESET},
		{faultproxy.HalfCloseAfter(0), "", nil},
		{faultproxy.HalfCloseAfter(3), "hel", nil},
		{faultproxy.HalfCloseAfter(5), "hello", nil},
	} {
		t.Run(test.fault.String(), func(t *testing.T) {
			proxy := faultproxy.Start(t, echo(t))
			conn := dial(t, proxy)
			say(t, conn, "before ")
			wantReply(t, conn, "before ")
			set(t, proxy, test.fault)
			say(t, conn, "hello")
			wantReply(t, conn, test.got)
			wantEnd(t, conn, test.end)
			if test.end == nil {
				say(t, conn, "this is still read")
			}
		})
	}
}

func TestWrongBytesAreAsManyAndNoneIsRight(t *testing.T) {
	proxy := proxyFor(t, faultproxy.WrongBytes())
	conn := dial(t, proxy)
	say(t, conn, "hello\n")
	wantReply(t, conn, "\x97\x9a\x93\x93\x90\n")
	set(t, proxy, faultproxy.Pass())
	wantEnd(t, conn, nil)
}

func TestATargetThatIsDownClosesTheConnection(t *testing.T) {
	target := faultproxy.Start(t, echo(t))
	set(t, target, faultproxy.Refuse())
	conn := dial(t, faultproxy.Start(t, target.Address()))
	say(t, conn, "hello")
	wantEnd(t, conn, nil)
}

func TestCloseEndsConnectionsUnderEveryFault(t *testing.T) {
	for _, fault := range []faultproxy.Fault{
		faultproxy.Pass(), faultproxy.Swallow(), faultproxy.Silent(), faultproxy.Delay(time.Hour),
		faultproxy.Trickle(time.Hour), faultproxy.HalfCloseAfter(2), faultproxy.WrongBytes(),
	} {
		t.Run(fault.String(), func(t *testing.T) {
			proxy, err := faultproxy.New(echo(t))
			if err != nil {
				t.Fatal(err)
			}
			set(t, proxy, fault)
			say(t, dial(t, proxy), "hello")
			proxy.Close()
			proxy.Close()
			if proxy.Open() != 0 {
				t.Errorf("%d are open", proxy.Open())
			}
			if err := proxy.Set(faultproxy.Pass()); !errors.Is(err, net.ErrClosed) && fault != faultproxy.Pass() {
				t.Errorf("Set after Close: %v", err)
			}
		})
	}
}

func TestFaultsComeAndGoUnderLoad(t *testing.T) {
	proxy := faultproxy.Start(t, echo(t))
	stop := make(chan struct{})
	var clients sync.WaitGroup
	for range 8 {
		clients.Go(func() { talkUntil(proxy.Address(), stop) })
	}
	for range 20 {
		for _, fault := range []faultproxy.Fault{
			faultproxy.Refuse(), faultproxy.Swallow(), faultproxy.Silent(), faultproxy.Delay(time.Millisecond),
			faultproxy.Trickle(time.Millisecond), faultproxy.ResetAfter(2), faultproxy.HalfCloseAfter(2), faultproxy.WrongBytes(),
		} {
			set(t, proxy, fault)
			set(t, proxy, faultproxy.Pass())
		}
	}
	conn := dial(t, proxy)
	say(t, conn, "well again")
	wantReply(t, conn, "well again")
	close(stop)
	clients.Wait()
}

func talkUntil(address string, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		conn, err := net.Dial("tcp", address)
		if err != nil {
			<-time.After(time.Millisecond)
			continue
		}
		_ = conn.SetDeadline(time.Now().Add(20 * time.Millisecond))
		if _, err := io.WriteString(conn, "hello"); err == nil {
			_, _ = io.ReadFull(conn, make([]byte, 5))
		}
		_ = conn.Close()
	}
}
