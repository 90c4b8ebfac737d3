package httpapi_test

import (
	"io"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var uuid7 = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

func TestTheCorrelationIDIsTheCallersIfItIsWellFormed(t *testing.T) {
	t.Parallel()
	s := start(t)
	for name, id := range map[string]string{
		"a UUID": "0f8fad5b-d9cb-469f-a165-70867728950e", "every sign": "aZ09._-", "128 bytes": strings.Repeat("x", 128),
	} {
		if got := s.Do(request{Path: "/health", Header: http.Header{"X-Correlation-Id": {id}}}); got.Header.Get("X-Correlation-ID") != id {
			t.Errorf("%s became %q", name, got.Header.Get("X-Correlation-ID"))
		}
	}
	seen := map[string]bool{}
	for name, id := range map[string]string{
		"none": "", "129 bytes": strings.Repeat("x", 129), "a space": "a b", "a quote": `a"b`, "an umlaut": "ä", "a line's end, escaped": `a\nb`,
	} {
		got := s.Do(request{Path: "/health", Header: http.Header{"X-Correlation-Id": {id}}}).Header.Get("X-Correlation-ID")
		if !uuid7.MatchString(got) || seen[got] {
			t.Errorf("%s became %q, want a fresh UUIDv7", name, got)
		}
		seen[got] = true
	}
}

func TestTheNamesOfHeadersAreSpelledAsTheContractDoes(t *testing.T) {
	t.Parallel()
	s := start(t)
	conn := s.Dial()
	if _, err := conn.Write([]byte("GET /api/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"\r\nX-Correlation-ID: ", "\r\nWWW-Authenticate: ", "\r\nCache-Control: no-store\r\n", "\r\nX-Content-Type-Options: nosniff\r\n"} {
		if !strings.Contains(string(text), name) {
			t.Errorf("no %q in\n%s", name, text)
		}
	}
	if strings.Contains(string(text), "\r\nServer:") {
		t.Errorf("the server tells its name:\n%s", text)
	}
}

func TestOneLineARequest(t *testing.T) {
	t.Parallel()
	s := start(t)
	got := s.Do(request{
		Method: http.MethodPost, Path: "/api/example/own?token=in-the-query", Token: "faculty-director", Body: `{"score":7,"note":"in-the-body"}`,
		Header: http.Header{"X-Correlation-Id": {"one-line"}},
	})
	line := s.Line("one-line")
	if took, ok := line["duration_ms"].(float64); !ok || took < 0 {
		t.Errorf("duration_ms is %v", line["duration_ms"])
	}
	want := map[string]any{
		"level": "INFO", "msg": "request", "correlation_id": "one-line", "method": "POST",
		"route": "/api/example/{institution_id}", "path": "/api/example/own", "status": 201.0,
		"bytes_out": float64(len(got.Body)), "client_ip": "127.0.0.1",
		"user_id": "user-faculty", "role": "faculty", "institution_id": "own",
	}
	ignore := cmpopts.IgnoreMapEntries(func(name string, _ any) bool { return name == "time" || name == "duration_ms" })
	if diff := cmp.Diff(want, line, ignore); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, kept := range []string{"in-the-query", "in-the-body", "faculty-director", "@msm.edu"} {
		if strings.Contains(s.Log.String(), kept) {
			t.Errorf("%q is in the log: %s", kept, s.Log)
		}
	}
}

func TestAHeadRequestTakesNoBytes(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.Do(request{Method: http.MethodHead, Path: "/health", Header: http.Header{"X-Correlation-Id": {"head"}}})
	if line := s.Line("head"); line["method"] != "HEAD" || line["bytes_out"] != 0.0 {
		t.Errorf("the line is %v", line)
	}
}

func TestTheLevelOfALine(t *testing.T) {
	t.Parallel()
	s := start(t)
	for id, tt := range map[string]struct {
		asked request
		level string
		route string
	}{
		"success":          {request{Path: "/api/me", Token: "student"}, "INFO", "/api/me"},
		"caller's mistake": {request{Path: "/api/me"}, "WARN", "/api/me"},
		"unknown route":    {request{Path: "/nope"}, "WARN", "unmatched"},
		"our mistake":      {request{Path: "/api/example/failing/unknown"}, "ERROR", "/api/example/failing/{how}"},
		"a probe":          {request{Path: "/health"}, "DEBUG", "/health"},
		"a preflight":      {request{Method: http.MethodOptions, Path: "/api/me", Header: http.Header{"Origin": {origin}, "Access-Control-Request-Method": {"GET"}}}, "DEBUG", "preflight"},
	} {
		t.Run(id, func(t *testing.T) {
			id = regexp.MustCompile(`[^a-z]`).ReplaceAllString(id, "-")
			if tt.asked.Header == nil {
				tt.asked.Header = http.Header{}
			}
			tt.asked.Header.Set("X-Correlation-Id", id)
			s.Do(tt.asked)
			if line := s.Line(id); line["level"] != tt.level || line["route"] != tt.route {
				t.Errorf("level %v, route %v; want %s, %s", line["level"], line["route"], tt.level, tt.route)
			}
		})
	}
}

func TestAFailingProbeIsLoggedAtDebugToo(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.Server.Drain()
	s.Do(request{Path: "/health/ready", Header: http.Header{"X-Correlation-Id": {"probe"}}})
	if line := s.Line("probe"); line["level"] != "DEBUG" || line["reason"] != "draining" {
		t.Errorf("the line is %v", line)
	}
}

func TestALongPathIsCutInTheLog(t *testing.T) {
	t.Parallel()
	s := start(t)
	got := s.Do(request{Path: "/" + strings.Repeat("ä", 600), Header: http.Header{"X-Correlation-Id": {"long"}}})
	if got.Status != http.StatusNotFound {
		t.Errorf("answered %d", got.Status)
	}
	if path, _ := s.Line("long")["path"].(string); len(path) > 600 {
		t.Errorf("%d bytes of path are logged", len(path))
	}
}

func TestTheClientsAddress(t *testing.T) {
	t.Parallel()
	loopback := netip.MustParsePrefix("127.0.0.0/8")
	private := netip.MustParsePrefix("10.0.0.0/8")
	tests := []struct {
		name      string
		trusted   []netip.Prefix
		forwarded []string
		want      string
	}{
		{"the peer, if nobody is trusted", nil, []string{"1.2.3.4"}, "127.0.0.1"},
		{"the peer, if nothing is forwarded", []netip.Prefix{loopback}, nil, "127.0.0.1"},
		{"the one a trusted proxy speaks for", []netip.Prefix{loopback}, []string{"1.2.3.4"}, "1.2.3.4"},
		{"the rightmost, since the left is the client's own writing", []netip.Prefix{loopback}, []string{"9.9.9.9, 1.2.3.4"}, "1.2.3.4"},
		{"the rightmost that is no trusted proxy", []netip.Prefix{loopback, private}, []string{"9.9.9.9, 1.2.3.4, 10.1.1.1"}, "1.2.3.4"},
		{"over several headers", []netip.Prefix{loopback, private}, []string{"9.9.9.9, 1.2.3.4", "10.1.1.1"}, "1.2.3.4"},
		{"the last that made sense", []netip.Prefix{loopback, private}, []string{"nonsense, 10.1.1.1"}, "10.1.1.1"},
		{"the proxy, if what it says has a zone, which is any text", []netip.Prefix{loopback}, []string{"fe80::1%planted"}, "127.0.0.1"},
		{"an IPv6 one", []netip.Prefix{loopback}, []string{"2001:db8::1"}, "2001:db8::1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t, func(o *options) { o.Config.TrustedProxies = tt.trusted })
			s.Do(request{Path: "/health", Header: http.Header{"X-Correlation-Id": {"client"}, "X-Forwarded-For": tt.forwarded}})
			if got := s.Line("client")["client_ip"]; got != tt.want {
				t.Errorf("logged %v, want %s", got, tt.want)
			}
		})
	}
}
