package httpapi_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/journey-os/journey-api/internal/testkit/apitest"
)

// get is a whole request line with the headers that every request needs.
const (
	line = "GET /health/live HTTP/1.1\r\n"
	host = "Host: x\r\n"
	// post is a request with a body by a caller who may send one, up to its length.
	post    = "POST /api/example/own HTTP/1.1\r\n" + host + "Authorization: Bearer faculty-director\r\n"
	chunked = post + "Transfer-Encoding: chunked\r\n\r\n"
)

func TestWhatIsNoRequestIsAnsweredInTheEnvelope(t *testing.T) {
	t.Parallel()
	bad := failed{Status: 400, Code: "BAD_REQUEST", Message: "The request is not valid HTTP"}
	tests := map[string]struct {
		bytes string
		want  failed
	}{
		"no HTTP at all":                     {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", bad},
		"words":                              {"hello, is anybody there\r\n\r\n", bad},
		"an HTTP version of its own":         {"GET / HTTP/x.y\r\n" + host + "\r\n", bad},
		"no host":                            {line + "\r\n", bad},
		"an empty host":                      {line + "Host:\r\n\r\n", bad},
		"two hosts":                          {line + host + "Host: y\r\n\r\n", bad},
		"two hosts before it was the rule":   {"GET /health/live HTTP/1.0\r\n" + host + "Host: y\r\n\r\n", bad},
		"an empty host before it was":        {"GET /health/live HTTP/1.0\r\nHost:\r\n\r\n", bad},
		"two lengths":                        {"POST /health/live HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", bad},
		"the same length twice":              {"POST /health/live HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na", bad},
		"a length beside chunked":            {"POST /health/live HTTP/1.1\r\n" + host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", bad},
		"chunked beside a length":            {"POST /health/live HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", bad},
		"a length that hides behind a space": {"POST /health/live HTTP/1.1\r\n" + host + "Content-Length : 5\r\n\r\n", bad},
		"a negative length":                  {"POST /health/live HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\n", bad},
		"an encoding that nobody knows":      {"POST /health/live HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip\r\n\r\n", bad},
		"a version of the future":            {"GET /health/live HTTP/2.0\r\n" + host + "\r\n", bad},
		"chunked before its time":            {"POST /health/live HTTP/1.0\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", bad},
		"a target that is not encoded":       {"GET /health/live\xff HTTP/1.1\r\n" + host + "\r\n", bad},
		"a header without a colon":           {line + host + "nonsense\r\n\r\n", bad},
		"a null character in a header":       {line + host + "X-Correlation-ID: a\x00b\r\n\r\n", bad},
		"a null character after a timeout":   {line + host + "X-Word: timeout\x00\r\n\r\n", bad},
		"an id beside what makes it no HTTP": {line + host + "Host: y\r\nX-Correlation-ID: from-the-caller\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n", bad},
		"an encoding that changes nothing":   {"POST /health/live HTTP/1.1\r\n" + host + "Transfer-Encoding: identity\r\n\r\n", bad},
		"a fragment in the target":           {"GET /docs#%zz HTTP/1.1\r\n" + host + "\r\n", bad},
		"a fragment that parses":             {"GET /docs#x HTTP/1.1\r\n" + host + "\r\n", bad},
		"a broken escape in the path":        {"GET /docs/%zz HTTP/1.1\r\n" + host + "\r\n", bad},
		"a broken escape in the user":        {"GET http://%zz@x/docs HTTP/1.1\r\n" + host + "\r\n", bad},
		"a target that begins with a colon":  {"GET ://x/docs HTTP/1.1\r\n" + host + "\r\n", bad},
		"headers over the limit": {
			line + host + "Authorization: Bearer " + strings.Repeat("x", 20<<10) + "\r\n\r\n",
			failed{Status: 431, Code: "HEADERS_TOO_LARGE", Message: "The request line and headers are too large"},
		},
		"a path over the limit": {
			"GET /" + strings.Repeat("x", 20<<10) + " HTTP/1.1\r\n" + host + "\r\n",
			failed{Status: 431, Code: "HEADERS_TOO_LARGE", Message: "The request line and headers are too large"},
		},
	}
	s := start(t, func(o *options) { o.Config.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := s.Raw(tt.bytes)
			wantFailure(t, got, tt.want)
			if !got.Closes {
				t.Error("the connection is kept after what could not be read")
			}
			logged := s.Line(got.Header.Get("X-Correlation-ID"))
			if logged["status"] != float64(tt.want.Status) || logged["path"] != nil || logged["method"] != nil || logged["client_ip"] != "127.0.0.1" {
				t.Errorf("the log line is %v", logged)
			}
		})
	}
}

// Balancers probe with HTTP/1.0, which asks for no Host (RFC 9112, section 3.2).
func TestHTTP10NeedsNoHost(t *testing.T) {
	t.Parallel()
	s := start(t)
	for path, want := range map[string]int{
		"/": 302, "/health": 200, "/health/live": 200, "/health/ready": 200, "/docs": 200, "/docs/swagger-ui.css": 200,
		"/openapi.json": 200, "/openapi.yaml": 200, "/api/me": 401, "/nope": 404,
	} {
		if got := s.Raw("GET " + path + " HTTP/1.0\r\n\r\n"); got.Status != want || !got.Closes {
			t.Errorf("%s was answered %d, closing %v", path, got.Status, got.Closes)
		}
	}
	for name, tt := range map[string]struct {
		bytes string
		want  int
	}{
		"a token":         {"GET /api/me HTTP/1.0\r\nAuthorization: Bearer student\r\n\r\n", 200},
		"a body":          {"POST /api/example/own HTTP/1.0\r\nAuthorization: Bearer faculty-director\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"score\":7}", 201},
		"a host":          {"GET /health/live HTTP/1.0\r\n" + host + "\r\n", 200},
		"a whole address": {"GET http://x/health/live HTTP/1.0\r\n\r\n", 200},
	} {
		if got := s.Raw(tt.bytes); got.Status != tt.want {
			t.Errorf("%s was answered %d %s", name, got.Status, got.Body)
		}
	}
	conn := s.Dial()
	reader := bufio.NewReader(conn)
	for range 2 { // kept if the caller asks for it
		if _, err := io.WriteString(conn, "GET /health/live HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if got := answered(t, reader); got.Status != http.StatusOK {
			t.Errorf("answered %d", got.Status)
		}
	}
}

func TestNothingOfAnUnreadableRequestIsLogged(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, bytes := range []string{
		"planted-secret nonsense\r\n\r\n",
		line + host + "Authorization: Bearer planted-secret" + strings.Repeat("x", 20<<10) + "\r\n\r\n",
		line + "Authorization: Bearer planted-secret\r\n\r\n",
		line + host + "Bad Header: planted-secret\r\n\r\n",
	} {
		got := s.Raw(bytes)
		s.Line(got.Header.Get("X-Correlation-ID"))
		if strings.Contains(got.Body+s.Log.String(), "planted-secret") {
			t.Errorf("bytes of the request got out: %s %s", got.Body, s.Log)
		}
	}
}

func TestABodyOverTheLimitIsToldToWhoeverStillSends(t *testing.T) {
	t.Parallel()
	s := start(t)
	got := s.Do(request{
		Method: http.MethodPost, Path: "/api/example/own", Token: "faculty-director", Body: strings.Repeat("x", 2<<20),
		Header: http.Header{"X-Correlation-Id": {"two-megabytes"}, "Origin": {origin}},
	})
	wantFailure(t, got, failed{Status: 413, Code: "PAYLOAD_TOO_LARGE", Message: "The body is too large"})
	if id := got.Header.Get("X-Correlation-ID"); id != "two-megabytes" {
		t.Errorf("the caller's correlation id became %q", id)
	}
	if allowed := got.Header.Get("Access-Control-Allow-Origin"); allowed != origin {
		t.Errorf("the origin is not allowed to read it: %q", allowed)
	}
}

func TestABodyOfExactlyTheLimitFits(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) { o.Config.MaxBodyBytes = 1000 })
	body := `{"score":1,"note":"` + strings.Repeat("x", 20) + `"}`
	body += strings.Repeat(" ", 1000-len(body))
	for size, want := range map[int]int{1000: http.StatusCreated, 1001: http.StatusRequestEntityTooLarge} {
		padded := body + strings.Repeat(" ", size-len(body))
		if got := s.Do(request{Method: http.MethodPost, Path: "/api/example/own", Token: "faculty-director", Body: padded}); got.Status != want {
			t.Errorf("%d bytes answered %d %s", size, got.Status, got.Body)
		}
	}
}

func TestATokenOfTenKilobytesFits(t *testing.T) {
	t.Parallel()
	got := start(t).Do(request{Path: "/api/me", Token: strings.Repeat("x", 10<<10)})
	if got.Status != http.StatusUnauthorized || got.Failure(t).Reason != "signature_invalid" {
		t.Errorf("answered %d %s", got.Status, got.Body)
	}
}

func TestARequestThatDoesNotArriveInTimeIs408(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"nothing comes":            "",
		"the headers stop":         line + "Ho",
		"a chunk stops half-way":   chunked + "5\r\nhal",
		"a chunk's size stops":     chunked + "5",
		"a chunk's line stops":     chunked + "5\r",
		"a chunk's words stop":     chunked + "5;word",
		"a chunk's end is missing": chunked + "5\r\nhalfw",
		"the trailer stops":        chunked + "0\r\nX-A: b",
		"the body stops half-way":  "POST /health/live HTTP/1.1\r\n" + host + "Content-Length: 10\r\n\r\nhalf",
		"a large body stops":       post + "Content-Length: 10000\r\n\r\nhalf",
	}
	for name, bytes := range tests {
		t.Run(name, func(t *testing.T) {
			s := start(t, func(o *options) { o.Config.ReadTimeout = 100 * time.Millisecond })
			wantFailure(t, s.Raw(bytes), failed{Status: 408, Code: "REQUEST_TIMEOUT", Message: "The request did not arrive in time"})
		})
	}
}

func TestAKeptConnectionThatIsIdleIsClosedWithoutAWord(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) { o.Config.IdleTimeout, o.Config.ReadTimeout = 50*time.Millisecond, time.Hour })
	conn := s.Dial()
	reader := bufio.NewReader(conn)
	if _, err := io.WriteString(conn, line+host+"\r\n"); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	apitest.Read(t, response)
	if rest, err := io.ReadAll(reader); err != nil || len(rest) > 0 {
		t.Errorf("read %q (%v) before the end", rest, err)
	}
}

func TestStrangePathsAreOrdinaryRequests(t *testing.T) {
	t.Parallel()
	s := start(t)
	for path, want := range map[string]int{
		"/api/../health/live":            404,
		"/health/../health/live":         404,
		"/api/me/..%2f..%2fhealth":       404,
		"/%2e%2e/health":                 404,
		"//health/live":                  404,
		"/health/live/":                  404,
		"/HEALTH/live":                   404,
		"/health%2Flive":                 404,
		"/health/live%00":                404,
		"/api/example/%00":               405,
		"/docs/..%2f..%2fetc%2fpasswd":   404,
		"/docs/../docs":                  404,
		"/docs/":                         404,
		"/health/live?a=%zz&b=%00":       200,
		"*":                              404,
		"http://x/health/live":           200,
		"/" + strings.Repeat("a/", 4000): 404,
	} {
		got := s.Raw("GET " + path + " HTTP/1.1\r\n" + host + "\r\n")
		if got.Status != want {
			t.Errorf("%.40q answered %d, want %d", path, got.Status, want)
		}
		if got.Status >= http.StatusBadRequest {
			got.Failure(t)
		}
	}
}

func TestRequestsBehindOneAnotherEachGetTheirOwn(t *testing.T) {
	t.Parallel()
	s := start(t)
	conn := s.Dial()
	var pipeline strings.Builder
	for i := range 50 {
		fmt.Fprintf(&pipeline, "GET /api/me HTTP/1.1\r\n%sX-Correlation-ID: request-%d\r\nAuthorization: Bearer %s\r\n\r\n",
			host, i, []string{"student", "faculty", "wrong"}[i%3])
	}
	if _, err := io.WriteString(conn, pipeline.String()); err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(conn)
	for i := range 50 {
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := apitest.Read(t, response)
		if id := got.Header.Get("X-Correlation-ID"); id != fmt.Sprintf("request-%d", i) {
			t.Errorf("reply %d is for %s", i, id)
		}
		if want := []int{200, 200, 401}[i%3]; got.Status != want {
			t.Errorf("reply %d is %d, want %d", i, got.Status, want)
		}
	}
}

func TestCallersNeverSeeOneAnothersData(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) { o.Config.MaxInFlight = 1000 })
	var callers sync.WaitGroup
	for i := range 16 {
		callers.Go(func() {
			note := strings.Repeat(string(rune('a'+i)), 60)
			for n := range 50 {
				id := fmt.Sprintf("caller-%d-%d", i, n)
				got := s.Do(request{
					Method: http.MethodPost, Path: "/api/example/own", Token: "faculty-director",
					Body: `{"score":1,"note":"` + note + `"}`, Header: http.Header{"X-Correlation-Id": {id}},
				})
				want := `{"data":{"institution_id":"own","by":"user-faculty","score":1,"note":"` + note + `"},"error":null}`
				if got.Body != want || got.Header.Get("X-Correlation-ID") != id {
					t.Errorf("%s got %s", id, got.Body)
					return
				}
			}
		})
	}
	callers.Wait()
}

func TestOverTheLimitOfRequestsInFlightProbesAreStillAnswered(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	s := start(t, func(o *options) {
		o.Config.MaxInFlight = 2
		o.Verifier = holdingVerifier(arrived, release)
	})
	var busy sync.WaitGroup
	for range 2 {
		busy.Go(func() { s.Do(request{Path: "/api/me", Token: "student"}) })
	}
	for range 2 {
		<-arrived // both are in flight
	}
	wantFailure(t, s.Do(request{Path: "/api/me", Token: "student"}),
		failed{Status: 503, Code: "SERVICE_UNAVAILABLE", Message: "The service is overloaded", Reason: "overloaded"})
	for _, path := range []string{"/health", "/health/live", "/health/ready"} {
		if got := s.get(path); got.Status != http.StatusOK {
			t.Errorf("%s answered %d", path, got.Status)
		}
	}
	close(release)
	busy.Wait()
	if got := s.get("/openapi.json"); got.Status != http.StatusOK {
		t.Errorf("afterwards answered %d", got.Status)
	}
}

func TestAConnectionIsClosedWhateverWayItIsAskedFor(t *testing.T) {
	t.Parallel()
	s := start(t)
	for header, want := range map[string]bool{
		"": false, "Connection: keep-alive\r\n": false, "Connection: close\r\n": true, "Connection: Close\r\n": true,
		"Connection: TE, close\r\n": true, "Connection: close, TE\r\n": true, "Connection: close\r\nConnection: keep-alive\r\n": true,
	} {
		if got := s.Raw(line + host + header + "\r\n"); got.Closes != want {
			t.Errorf("%q: closes %v", header, got.Closes)
		}
	}
}

func TestMediaTypesAreComparedWithoutCase(t *testing.T) {
	t.Parallel()
	s := start(t)
	for name, header := range map[string]http.Header{
		"upper case": {"Content-Type": {"Application/JSON; Charset=UTF-8"}}, "identity": {"Content-Encoding": {"Identity"}},
	} {
		got := s.Do(request{Method: http.MethodPost, Path: "/api/example/own", Token: "faculty-director", Body: `{"score":1}`, Header: header})
		if got.Status != http.StatusCreated {
			t.Errorf("%s: answered %d %s", name, got.Status, got.Body)
		}
	}
}

func TestAReplyDoesNotGrowWithWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := start(t)
	for name, body := range map[string]string{
		"many violations": `{"score":1,"tags":[` + strings.Repeat("1,", 50_000) + `1]}`,
		"a long name":     `{"score":1,"` + strings.Repeat("x", 100_000) + `":1}`,
	} {
		got := s.Do(request{Method: http.MethodPost, Path: "/api/example/own", Token: "faculty-director", Body: body})
		if got.Status != http.StatusUnprocessableEntity || len(got.Body) > 20_000 || len(got.Failure(t).Violations) > 101 {
			t.Errorf("%s: answered %d with %d bytes", name, got.Status, len(got.Body))
		}
	}
}

func TestAReplyWithDataThatIsNoUTF8IsNoFailure(t *testing.T) {
	t.Parallel()
	got := start(t).get("/api/example/failing/bytes")
	if got.Status != http.StatusOK || got.Body != `{"data":"a\ufffdb","error":null}` && got.Body != "{\"data\":\"a\ufffdb\",\"error\":null}" {
		t.Errorf("answered %d %q", got.Status, got.Body)
	}
}
