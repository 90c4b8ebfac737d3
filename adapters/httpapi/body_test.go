package httpapi_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/apitest"
	"github.com/journey-os/journey-api/internal/testkit/wait"
)

// scored is a body of the example route that takes this many bytes.
func scored(size int) string {
	const begins = `{"score":7`
	return begins + strings.Repeat(" ", size-len(begins)-1) + "}"
}

// inChunksOf is a body in chunks.
func inChunksOf(size int, body string) string {
	var chunks strings.Builder
	for len(body) > 0 {
		n := min(size, len(body))
		fmt.Fprintf(&chunks, "%x\r\n%s\r\n", n, body[:n])
		body = body[n:]
	}
	return chunks.String() + "0\r\n\r\n"
}

// A refusal that needs nothing of the body does not wait for it.
func TestARefusalDoesNotWaitForABody(t *testing.T) {
	t.Parallel()
	s := start(t)
	const announces = "Content-Length: 900000\r\n\r\n"
	for name, tt := range map[string]struct {
		bytes string
		want  failed
	}{
		"no token":        {"POST /api/example/own HTTP/1.1\r\n" + host + announces, failed{Status: 401, Code: "AUTHENTICATION_ERROR", Reason: "token_missing"}},
		"a forged token":  {"POST /api/example/own HTTP/1.1\r\n" + host + "Authorization: Bearer forged\r\n" + announces, failed{Status: 401, Code: "AUTHENTICATION_ERROR", Reason: "signature_invalid"}},
		"another role":    {"POST /api/example/own HTTP/1.1\r\n" + host + "Authorization: Bearer student\r\n" + announces, failed{Status: 403, Code: "FORBIDDEN", Reason: "role_not_allowed"}},
		"an unknown path": {"POST /nope HTTP/1.1\r\n" + host + announces, failed{Status: 404, Code: "NOT_FOUND"}},
		"another method":  {"POST /api/me HTTP/1.1\r\n" + host + announces, failed{Status: 405, Code: "METHOD_NOT_ALLOWED"}},
		"over the limit":  {"POST /nope HTTP/1.1\r\n" + host + "Content-Length: 2000000\r\n\r\n", failed{Status: 413, Code: "PAYLOAD_TOO_LARGE"}},
		"over the route's limit": {
			"POST /api/records HTTP/1.1\r\n" + host + "Authorization: Bearer student\r\nContent-Length: 65537\r\n\r\n", failed{Status: 413, Code: "PAYLOAD_TOO_LARGE"},
		},
		"in chunks, no token": {"POST /api/example/own HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n", failed{Status: 401, Code: "AUTHENTICATION_ERROR", Reason: "token_missing"}},
	} {
		got := s.Raw(tt.bytes)
		failure := got.Failure(t)
		if tt.want.Message = failure.Message; !got.Closes {
			t.Errorf("%s: the connection is kept, with a body on its way", name)
		}
		wantFailure(t, got, tt.want)
	}
}

func TestARouteWithoutABodyIgnoresASmallOne(t *testing.T) {
	t.Parallel()
	s := start(t)
	get := "GET /api/me HTTP/1.1\r\n" + host + "Authorization: Bearer student\r\n"
	for name, tt := range map[string]struct {
		bytes  string
		status int
		closes bool
	}{
		"none":                            {get + "\r\n", 200, false},
		"of no length":                    {get + "Content-Length: 0\r\n\r\n", 200, false},
		"of 4 KiB":                        {get + "Content-Length: 4096\r\n\r\n" + strings.Repeat("x", 4096), 200, false},
		"over 4 KiB":                      {get + "Content-Length: 4097\r\n\r\n", 413, true},
		"of 4 KiB in chunks":              {get + "Transfer-Encoding: chunked\r\n\r\n" + inChunksOf(1000, strings.Repeat("x", 4096)), 200, false},
		"over 4 KiB in chunks":            {get + "Transfer-Encoding: chunked\r\n\r\n" + inChunksOf(1000, strings.Repeat("x", 4097)), 413, true},
		"of a probe, which looks at none": {line + host + "Content-Length: 5000\r\n\r\n", 200, true},
	} {
		if got := s.Raw(tt.bytes); got.Status != tt.status || got.Closes != tt.closes {
			t.Errorf("%s: answered %d, closing %v: %s", name, got.Status, got.Closes, got.Body)
		}
	}
}

func TestABodyIsReadToItsEndAndNoFurther(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) { o.Config.MaxBodyBytes = 20_000 })
	length := func(size int) string { return fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", post, size, scored(size)) }
	for name, bytes := range map[string]string{
		"a small one":                 length(20),
		"of what is read ahead":       length(4096),
		"one more than that":          length(4097),
		"the largest":                 length(20_000),
		"in chunks":                   chunked + inChunksOf(7, scored(100)),
		"in chunks, the largest":      chunked + inChunksOf(4096, scored(20_000)),
		"in chunks, with words":       chunked + "14;a=b\r\n" + scored(20) + "\r\n0\r\n\r\n",
		"in chunks, with a trailer":   chunked + "14\r\n" + scored(20) + "\r\n0\r\nX-A: b\r\n\r\n",
		"after asking to go on":       post + "Expect: 100-continue\r\nContent-Length: 20\r\n\r\n" + scored(20),
		"a large one after asking":    post + "Expect: 100-continue\r\nContent-Length: 5000\r\n\r\n" + scored(5000),
		"one in chunks, after asking": post + "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n" + inChunksOf(50, scored(100)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := s.Dial()
			if _, err := io.WriteString(conn, bytes+line+host+"\r\n"); err != nil {
				t.Fatal(err)
			}
			reader := bufio.NewReader(conn)
			if strings.Contains(bytes, "Expect") {
				if said, err := reader.ReadString('\n'); err != nil || said != "HTTP/1.1 100 Continue\r\n" {
					t.Fatalf("it said %q, %v", said, err)
				}
				if _, err := reader.ReadString('\n'); err != nil {
					t.Fatal(err)
				}
			}
			if got := answered(t, reader); got.Status != http.StatusCreated {
				t.Errorf("answered %d %s", got.Status, got.Body)
			}
			if next := answered(t, reader); next.Status != http.StatusOK || !strings.Contains(next.Body, `"status":"ok"`) {
				t.Errorf("the next request was answered %d %s", next.Status, next.Body)
			}
		})
	}
}

// What is left of a body that nobody reads must not be taken for a request.
func TestTheRestOfABodyIsNoRequest(t *testing.T) {
	t.Parallel()
	s := start(t)
	smuggled := line + host + "X-Correlation-ID: smuggled\r\n\r\n"
	for name, bytes := range map[string]string{
		"a caller who may not":  fmt.Sprintf("POST /api/example/own HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n%s", host, 5000+len(smuggled), strings.Repeat("x", 5000)+smuggled),
		"an unknown path":       fmt.Sprintf("POST /nope HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n%s", host, 5000+len(smuggled), smuggled+strings.Repeat("x", 5000)),
		"in chunks":             "POST /nope HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n" + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(smuggled), smuggled),
		"in chunks, over limit": chunked + inChunksOf(1<<20, strings.Repeat("x", 1<<20)+smuggled),
		"broken chunks":         chunked + "zz\r\n" + smuggled,
		"a chunk without end":   chunked + "3\r\nabcd" + smuggled,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := s.Dial()
			if _, err := io.WriteString(conn, bytes); err != nil {
				t.Fatal(err)
			}
			reader := bufio.NewReader(conn)
			if got := answered(t, reader); got.Status < 400 || !got.Closes {
				t.Errorf("answered %d, closing %v", got.Status, got.Closes)
			}
			if rest, _ := io.ReadAll(reader); len(rest) > 0 || strings.Contains(s.Log.String(), "smuggled") {
				t.Errorf("something else was answered: %s", rest)
			}
		})
	}
}

func TestABodyThatCannotBeReadIsRefusedUnderItsOwnID(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) { o.Config.MaxBodyBytes = 100_000 })
	withID := strings.Replace(chunked, host, host+"X-Correlation-ID: mine\r\nOrigin: "+origin+"\r\n", 1)
	for name, tt := range map[string]struct {
		bytes string
		want  failed
	}{
		"a chunk of no length": {withID + "zz\r\n", failed{Status: 400, Code: "BAD_REQUEST", Message: "The request is not valid HTTP"}},
		"chunks over the limit": {
			withID + inChunksOf(50_000, strings.Repeat("x", 150_000)), failed{Status: 413, Code: "PAYLOAD_TOO_LARGE", Message: "The body is too large"},
		},
	} {
		got := s.Raw(tt.bytes)
		wantFailure(t, got, tt.want)
		if got.Header.Get("X-Correlation-ID") != "mine" || got.Header.Get("Access-Control-Allow-Origin") != origin || !got.Closes {
			t.Errorf("%s: closing %v, %v", name, got.Closes, got.Header)
		}
	}
}

// slowly sends the beginning of a body as a caller, and returns the connection.
func (s *service) slowly(token string, size int) net.Conn {
	s.t.Helper()
	conn := s.Dial()
	begin := strings.Replace(post, "faculty-director", token, 1)
	if _, err := fmt.Fprintf(conn, "%sX-Correlation-ID: slow\r\nContent-Length: %d\r\n\r\n%s", begin, size, scored(size)[:size-1]); err != nil {
		s.t.Fatal(err)
	}
	return conn
}

func finishes(t *testing.T, conn net.Conn) {
	t.Helper()
	if _, err := io.WriteString(conn, "}"); err != nil {
		t.Fatal(err)
	}
	if got := apitest.ReadRaw(t, conn); got.Status != http.StatusCreated {
		t.Errorf("answered %d %s", got.Status, got.Body)
	}
}

func TestWhoeverSendsSlowlyTakesNoPlaceFromOthers(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) {
		o.Config.MaxInFlight, o.Config.RequestTimeout, o.Config.MaxBodyBytes = 2, 3*time.Second, 20_000
	})
	var slow []net.Conn
	for _, token := range []string{"faculty-director", "institutional_admin", "superadmin"} { // more than may be in flight
		slow = append(slow, s.slowly(token, 10_000))
	}
	for range 2 {
		if got := s.Do(request{Path: "/api/me", Token: "student"}); got.Status != http.StatusOK {
			t.Errorf("another caller was answered %d %s", got.Status, got.Body)
		}
	}
	<-time.After(3100 * time.Millisecond) // longer than a handler may take
	for _, conn := range slow {
		finishes(t, conn)
	}
}

func TestNoCallerTakesAllTheMemoryForBodies(t *testing.T) {
	t.Parallel()
	// Eight shares of 64 KiB.
	s := start(t, func(o *options) { o.Config.MaxInFlight, o.Config.MaxBodyBytes = 8, 64<<10 })
	held := s.slowly("faculty-director", 40_000)
	waitForBodies(t, s, 40_000)
	again := s.Do(request{Method: http.MethodPost, Path: "/api/example/own", Token: "faculty-director", Body: scored(40_000)})
	wantFailure(t, again, failed{Status: 503, Code: "SERVICE_UNAVAILABLE", Reason: "overloaded", Message: "The service is overloaded"})
	if again.Header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After is %q", again.Header.Get("Retry-After"))
	}
	for _, fits := range []request{
		{Method: http.MethodPost, Path: "/api/example/own", Token: "superadmin", Body: scored(40_000)},
		{Method: http.MethodPost, Path: "/api/example/own", Token: "faculty-director", Body: scored(25_000)},
		{Method: http.MethodPost, Path: "/api/example/own", Token: "faculty-director", Body: scored(4096)},
	} {
		if got := s.Do(fits); got.Status != http.StatusCreated {
			t.Errorf("%d bytes of %s: answered %d %s", len(fits.Body), fits.Token, got.Status, got.Body)
		}
	}
	finishes(t, held)
	waitForBodies(t, s, 0)
}

// waitForBodies waits until the bodies that are held take this many bytes.
func waitForBodies(t *testing.T, s *service, want int) {
	t.Helper()
	var got int
	if !wait.For(func() bool { got = s.Server.Stats().BodyBytes; return got == want }) {
		t.Fatalf("bodies take %d bytes, want %d", got, want)
	}
}

func TestARouteHasATimeOfItsOwn(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) { o.Config.RequestTimeout = time.Hour })
	wantFailure(t, s.answer("slow", nil), failed{Status: 503, Code: "SERVICE_UNAVAILABLE", Reason: "dependency_unavailable", Message: "The request took too long"})
}

func TestAnOptionalBodyMayBeMissing(t *testing.T) {
	t.Parallel()
	type optional struct {
		Body *struct {
			Score int `json:"score" minimum:"1"`
		}
	}
	s := start(t, func(o *options) {
		o.Engines = []httpapi.Routes{func(r *httpapi.Registry) {
			httpapi.Handle(r, httpapi.Route{Method: http.MethodPost, Path: "/api/optional", Access: core.Public(), Tag: "Example", Summary: "Take or leave"},
				func(_ context.Context, in *optional) (httpapi.Reply[bool], error) {
					return httpapi.OK(in.Body != nil), nil
				})
		}}
	})
	for body, want := range map[string]string{"": `"data":false`, "{\"score\":1}": `"data":true`, "{}": "score", "null": "VALIDATION_ERROR"} {
		if got := s.Do(request{Method: http.MethodPost, Path: "/api/optional", Body: body}); !strings.Contains(got.Body, want) {
			t.Errorf("%q: answered %d %s", body, got.Status, got.Body)
		}
	}
}

func TestAWholeNumberIsOneHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	s := start(t)
	for number, want := range map[string]string{"43": "43", "43.0": "43", "4.3e1": "43", "43.5": "", "-1.0": ""} {
		got := s.Do(request{Method: http.MethodPost, Path: "/api/example/own", Token: "faculty-director", Body: `{"note":"1.0","score":` + number + `}`})
		if taken := got.Status == http.StatusCreated; taken != (want != "") || taken && !strings.Contains(got.Body, `"score":`+want+`,"note":"1.0"`) {
			t.Errorf("%s answered %d %s, want %q", number, got.Status, got.Body, want)
		}
	}
}
