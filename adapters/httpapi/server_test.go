package httpapi_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/apitest"
	"github.com/journey-os/journey-api/internal/testkit/wait"
)

// answering registers GET /api/answer, which answers what handle says.
func answering(handle func(context.Context) (string, error)) func(*options) {
	return func(o *options) {
		o.Engines = []httpapi.Routes{func(r *httpapi.Registry) {
			httpapi.Handle(r, httpapi.Route{
				Method: http.MethodGet, Path: "/api/answer", Tag: "Example", Access: core.Public(), Summary: "Answer",
			}, func(ctx context.Context, _ *struct{}) (httpapi.Reply[string], error) {
				answer, err := handle(ctx)
				return httpapi.OK(answer), err
			})
		}}
	}
}

func TestAHandlerCanPassTheCorrelationIDOn(t *testing.T) {
	t.Parallel()
	s := start(t, answering(func(ctx context.Context) (string, error) {
		return string(core.CorrelationIDFrom(ctx)), nil
	}))
	got := s.Do(request{Path: "/api/answer", Header: http.Header{"X-Correlation-Id": {"passed-on"}}})
	if want := `{"data":"passed-on","error":null}`; got.Body != want {
		t.Errorf("answered %s, want %s", got.Body, want)
	}
}

func TestRequestsThatHaveComeOnKeptConnectionsAreAnsweredInSpiteOfShutdown(t *testing.T) {
	t.Parallel()
	s := start(t)
	kept := make([]net.Conn, 64)
	readers := make([]*bufio.Reader, len(kept))
	for i := range kept {
		kept[i] = s.Dial()
		readers[i] = bufio.NewReader(kept[i])
		ask(t, kept[i])
		answered(t, readers[i])
	}
	for _, conn := range kept {
		ask(t, conn)
	}
	if err := s.Server.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	for _, reader := range readers {
		if got := answered(t, reader); got.Status != http.StatusOK {
			t.Errorf("answered %d", got.Status)
		}
	}
}

func ask(t *testing.T, conn net.Conn) {
	t.Helper()
	if _, err := io.WriteString(conn, line+host+"\r\n"); err != nil {
		t.Fatal(err)
	}
}

func answered(t *testing.T, reader *bufio.Reader) reply {
	t.Helper()
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatalf("a request was lost: %v", err)
	}
	return apitest.Read(t, response)
}

func TestShutdownThatIsOutOfTimeEndsWhatHandlersWaitFor(t *testing.T) {
	t.Parallel()
	waiting, ended := make(chan struct{}), make(chan error, 1)
	s := start(t, func(o *options) { o.Config.RequestTimeout = time.Hour }, answering(func(ctx context.Context) (string, error) {
		close(waiting)
		<-ctx.Done()
		ended <- ctx.Err()
		return "", ctx.Err()
	}))
	if _, err := io.WriteString(s.Dial(), "GET /api/answer HTTP/1.1\r\n"+host+"\r\n"); err != nil {
		t.Fatal(err)
	}
	<-waiting
	outOfTime, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Server.Shutdown(outOfTime); !errors.Is(err, context.Canceled) {
		t.Errorf("shut down with %v", err)
	}
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the handler's context ended with %v", err)
		}
	case <-time.After(wait.Limit):
		t.Fatal("the handler still waits")
	}
}

func TestARequestInFlightIsFinishedAndClosesItsConnection(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(*service){
		"when draining begins": func(s *service) { s.Server.Drain() },
		"when shutdown begins": func(s *service) {
			ended := make(chan error, 1)
			go func() { ended <- s.Server.Shutdown(context.WithoutCancel(s.t.Context())) }()
			s.t.Cleanup(func() {
				if err := <-ended; err != nil {
					s.t.Error(err)
				}
			})
			if !wait.For(func() bool {
				conn, err := net.DialTimeout("tcp", s.Address, 10*time.Millisecond)
				if err == nil {
					_ = conn.Close()
				}
				return errors.Is(err, syscall.ECONNREFUSED)
			}) {
				s.t.Fatal("the port still answers")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			waiting, release := make(chan struct{}), make(chan struct{})
			s := start(t, answering(func(context.Context) (string, error) {
				close(waiting)
				<-release
				return "", nil
			}))
			conn := s.Dial()
			if _, err := io.WriteString(conn, "GET /api/answer HTTP/1.1\r\n"+host+"\r\n"); err != nil {
				t.Fatal(err)
			}
			<-waiting
			stop(s)
			close(release)
			if got := apitest.ReadRaw(t, conn); got.Status != http.StatusOK || !got.Closes {
				t.Errorf("answered %d, closing %v", got.Status, got.Closes)
			}
		})
	}
}

func TestServingAfterShutdownEndsAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	if err := s.Server.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Server.Serve(listener) }()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(wait.Limit):
		_ = listener.Close()
		t.Fatal("it serves on")
	}
	if conn, err := net.Dial("tcp", listener.Addr().String()); err == nil {
		_ = conn.Close()
		t.Error("the port still answers")
	}
}
