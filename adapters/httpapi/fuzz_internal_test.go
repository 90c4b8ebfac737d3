package httpapi

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/journey-os/journey-api/core"
	corehealth "github.com/journey-os/journey-api/core/health"
	"github.com/journey-os/journey-api/ports/portstest"
)

// FuzzAuthorizationHeader tests the parser against the contract: one header, any case of Bearer, one space at least,
// and a token.
func FuzzAuthorizationHeader(f *testing.F) {
	contract := regexp.MustCompile(`^(?i:bearer) +([^ ][\s\S]*)$`)
	for _, seed := range []string{"", "Bearer", "Bearer ", "bEaReR  a.b.c", "Basic YTpi", "Bearer a b", "Bearer\ta", " Bearer a", "Bearer a ", "Bearer \x00", "\xff"} {
		f.Add(seed, "", uint8(1))
		f.Add(seed, "Bearer a.b.c", uint8(2))
	}
	f.Add("", "", uint8(0))
	f.Fuzz(func(t *testing.T, first, second string, count uint8) {
		if strings.ContainsAny(first+second, "\r\n") {
			t.Skip("on the wire a value has no line break")
		}
		sent := []string{first, second}[:min(int(count), 2)]
		var header fasthttp.RequestHeader
		for _, value := range sent {
			header.Add("Authorization", value)
		}
		token, err := bearerToken(&header)
		want := ""
		if len(sent) == 1 {
			if match := contract.FindStringSubmatch(first); match != nil {
				want = match[1]
			}
		}
		if token != want || (err == nil) != (want != "") {
			t.Fatalf("%q is the token %q (%v), want %q", sent, token, err, want)
		}
		wantReason := core.ReasonTokenMalformed
		if len(sent) == 0 {
			wantReason = core.ReasonTokenMissing
		}
		if known, ok := errors.AsType[*core.Error](err); err != nil && (!ok || known.Code != core.CodeAuthentication || known.Reason != wantReason) {
			t.Fatalf("%q is refused with %v", sent, err)
		}
		if err != nil && len(first) > 60 && strings.Contains(err.Error(), first) {
			t.Fatalf("the refusal quotes %q", first)
		}
	})
}

// FuzzClientAddress: an address that a client writes is believed only if it stands behind trusted proxies alone.
func FuzzClientAddress(f *testing.F) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, seed := range []string{
		"", "1.2.3.4", "1.2.3.4, 10.0.0.9", "9.9.9.9,1.2.3.4,10.0.0.9", "x, 10.0.0.1", "::ffff:1.2.3.4", "fe80::1%eth0", ",,", " 1.2.3.4 ",
		"1.2.3.4:80", "[::1]", "[::1]:80", "[fd00::1]:80", "[::ffff:1.2.3.4]:80", "[fe80::1%eth0]:80", "1.2.3.4:65536",
	} {
		f.Add(seed, seed, "10.0.0.1")
		f.Add(seed, "7.7.7.7", "8.8.8.8")
	}
	f.Fuzz(func(t *testing.T, first, second, peer string) {
		from, err := netip.ParseAddr(peer)
		if err != nil || from.Zone() != "" || strings.ContainsAny(first+second, "\r\n") {
			t.Skip("no address of a connection, or no value of a header")
		}
		s := &Server{config: Config{TrustedProxies: trusted}}
		s.app = newApp(Config{}, nil)
		rc := &fasthttp.RequestCtx{}
		rc.Init(&fasthttp.Request{}, &net.TCPAddr{IP: from.AsSlice()}, nil)
		rc.Request.Header.Add("X-Forwarded-For", first)
		rc.Request.Header.Add("X-Forwarded-For", second)
		c := s.app.AcquireCtx(rc)
		defer s.app.ReleaseCtx(c)
		if got, want := s.clientAddress(c, &exchange{}), believed(from.Unmap(), trusted, []string{first, second}); got != want {
			t.Fatalf("%q and %q from %s are %s, want %s", first, second, peer, got, want)
		}
	})
}

// believed implements the rule again, from the other end: each hop, an address or one with a port, counts only if all
// behind it are trusted.
func believed(peer netip.Addr, trusted []netip.Prefix, sent []string) netip.Addr {
	isTrusted := func(address netip.Addr) bool {
		return slices.ContainsFunc(trusted, func(known netip.Prefix) bool { return known.Contains(address) })
	}
	hops := strings.Split(strings.Join(sent, ","), ",")
	address := peer
	for len(hops) > 0 && isTrusted(address) {
		hop := strings.TrimSpace(hops[len(hops)-1])
		next, err := netip.ParseAddr(hop)
		if withPort, fault := netip.ParseAddrPort(hop); fault == nil {
			next, err = withPort.Addr(), nil
		}
		if err != nil || next.Zone() != "" {
			break
		}
		address, hops = next.Unmap(), hops[:len(hops)-1]
	}
	return address
}

// token is sent in FuzzWire's seeds, and must be nowhere else.
const token = "eyFuzzed-token-of-the-wire"

// FuzzWire sends any bytes to the server: every reply is HTTP in the service's own form, requests that two servers
// could read in two ways are refused, and no token is quoted or logged.
func FuzzWire(f *testing.F) {
	head := "GET /api/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token + "\r\n"
	for _, seed := range []string{
		head + "\r\n", head + "Content-Length: 3\r\n\r\nabc", head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", head + head + "\r\n", head,
		head + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", head + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", head + "Host: y\r\n\r\n",
		head + " folded\r\n\r\n", head + "A : b\r\n\r\n", head + "Transfer-Encoding: identity\r\n\r\n", head + "\r\n" + head + "\r\n", "GET / HTTP/1.0\r\n\r\n", "\r\n\r\nGET /health HTTP/1.1\nHost: x\n\n",
		"BREW /health HTTP/1.1\r\nHost: x\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: x\r\nOrigin: http://a\r\nAccess-Control-Request-Method: GET\r\n\r\n", "GET http://[::1/ HTTP/1.1\r\nHost: x\r\n\r\n",
		"POST /health HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}", "HEAD /docs/%2e%2e/x?\x00 HTTP/1.1\r\nHost: x\r\n\r\n", strings.Repeat("a", 5000),
	} {
		f.Add([]byte(seed))
	}
	var log bytes.Buffer
	s := fuzzedServer(f, &log)
	f.Fuzz(func(t *testing.T, sent []byte) {
		log.Reset()
		conn := &script{in: bytes.NewReader(sent)}
		_ = s.app.Server().ServeConn(conn)
		wantReplies(t, sent, conn.out.Bytes())
		for line := range strings.Lines(log.String()) {
			if !json.Valid([]byte(line)) {
				t.Fatalf("%q is logged as %q", sent, line)
			}
		}
		isElsewhere := bytes.Count(sent, []byte(token)) != bytes.Count(sent, []byte("\r\nAuthorization: Bearer "+token+"\r\n")) || bytes.Contains(sent, []byte("orrelation"))
		if !isElsewhere && strings.Contains(conn.out.String()+log.String(), token) {
			t.Fatalf("%q: the token is quoted in %q or logged in %q", sent, conn.out.String(), log.String())
		}
	})
}

func fuzzedServer(f *testing.F, log io.Writer) *Server {
	f.Helper()
	monitor, err := corehealth.NewMonitor(corehealth.Config{Version: "1", Interval: time.Hour, Timeout: time.Hour, Now: time.Now}, portstest.Neo4jUp())
	if err != nil {
		f.Fatal(err)
	}
	s, err := New(Config{
		Version: "1", CORSOrigins: []string{"http://a"}, MaxBodyBytes: 1 << 10, MaxHeaderBytes: 4 << 10, MaxInFlight: 8, RequestTimeout: time.Minute,
		ReadTimeout: time.Minute, WriteTimeout: time.Minute, IdleTimeout: time.Minute,
	}, Dependencies{Verifier: portstest.VerifierOf(nil), Health: monitor, Log: slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}), Diagnose: func() Diagnostics { return Diagnostics{} }})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(s.abort)
	return s
}

// wantReplies reads all that came back, one reply after the other.
func wantReplies(t *testing.T, sent, said []byte) {
	t.Helper()
	replies := bufio.NewReader(bytes.NewReader(bytes.ReplaceAll(said, []byte("HTTP/1.1 100 Continue\r\n\r\n"), nil)))
	for first := true; ; first = false {
		if _, err := replies.Peek(1); err != nil {
			return
		}
		reply, err := http.ReadResponse(replies, nil)
		if err != nil {
			t.Fatalf("%q is answered with what is no HTTP: %v in %q", sent, err, said)
		}
		if reply.Header.Get("X-Correlation-ID") == "" || reply.Header.Get("X-Content-Type-Options") != "nosniff" || reply.Header.Get("Server") != "" || reply.Header.Get("Cache-Control") == "" {
			t.Fatalf("%q is answered without what every reply has: %v", sent, reply.Header)
		}
		if first && isAmbiguous(sent) && (reply.StatusCode < 400 || reply.StatusCode == http.StatusUnauthorized || reply.StatusCode == http.StatusNotFound) {
			t.Fatalf("%q can be read in two ways and was served: %d", sent, reply.StatusCode)
		}
		if bytes.Contains(sent, []byte("HEAD")) {
			return // its reply announces a body that does not come
		}
		body, err := io.ReadAll(reply.Body)
		if err != nil || reply.Header.Get("Content-Type") == jsonType && !json.Valid(body) {
			t.Fatalf("%q is answered with %q: %v", sent, body, err)
		}
	}
}

var plainHead = regexp.MustCompile(`^[A-Z]+ /[a-z/]* HTTP/1\.([01])\r\n((?:[A-Za-z-]+: [[:graph:]][ [:graph:]]*\r\n)*)\r\n`)

// isAmbiguous knows plain heads alone, so that it can't be wrong: more than one host, none in HTTP/1.1, chunks in HTTP/1.0, or
// more than one way to tell where the body ends.
func isAmbiguous(sent []byte) bool {
	match := plainHead.FindSubmatch(sent)
	if match == nil {
		return false
	}
	count := map[string]int{}
	for line := range strings.Lines(string(match[2])) {
		name, _, _ := strings.Cut(line, ":")
		count[strings.ToLower(name)]++
	}
	if string(match[1]) == "0" && count["host"] == 0 {
		count["host"] = 1
	}
	chunkedTooSoon := string(match[1]) == "0" && count["transfer-encoding"] > 0
	return count["host"] != 1 || chunkedTooSoon || count["content-length"]+count["transfer-encoding"] > 1
}

// script is a connection whose caller has sent everything, and waits.
type script struct {
	net.Conn
	in  *bytes.Reader
	out bytes.Buffer
}

func (s *script) Read(p []byte) (int, error)     { return s.in.Read(p) }
func (s *script) Write(p []byte) (int, error)    { return s.out.Write(p) }
func (*script) Close() error                     { return nil }
func (*script) SetDeadline(time.Time) error      { return nil }
func (*script) SetReadDeadline(time.Time) error  { return nil }
func (*script) SetWriteDeadline(time.Time) error { return nil }
func (*script) LocalAddr() net.Addr              { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }
func (*script) RemoteAddr() net.Addr             { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 2} }
