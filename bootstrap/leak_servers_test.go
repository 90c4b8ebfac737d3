package main

import (
	"bufio"
	"compress/gzip"
	"encoding/base64"
	endian "encoding/binary" // the package has a binary of its own
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/journey-os/journey-api/internal/testkit/process"
	"github.com/journey-os/journey-api/ports/portstest"
)

// Dependencies that quote what they were sent, in every place of a reply that a client may quote in its turn.

// listen serves each connection by itself until the test ends, and returns the address.
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	var open sync.Map
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			open.Store(conn, nil)
			serving.Go(func() {
				defer func() { _ = conn.Close() }()
				serve(conn)
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		open.Range(func(conn, _ any) bool { return conn.(net.Conn).Close() == nil || true })
		serving.Wait()
	})
	return listener.Addr().String()
}

// fine stands between two faults, so that each of them is a change of state and gets its line in the log.
const fine = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

// projectSays are the project's replies to one probe after the other; KEY is the key that was sent. The last is a refusal,
// after which the service waits long.
var projectSays = []string{
	"HTTP/1.1 500 KEY\r\nX-Key: KEY\r\nContent-Length: 0\r\n\r\n", fine,
	"HTTP/1.1 KEY\r\n\r\n", fine,
	"KEY\r\n\r\n", fine,
	"HTTP/1.1 200 OK\r\nKEY\r\n\r\n", fine,
	"HTTP/1.1 200 OK\r\nContent-Length: KEY\r\n\r\n", fine,
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: KEY\r\n\r\n", fine,
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nKEY\r\n", fine,
	"HTTP/1.1 302 Found\r\nLocation: http://x/KEY\r\nContent-Length: 0\r\n\r\n", fine,
	"HTTP/1.1 401 KEY\r\nWWW-Authenticate: KEY\r\n\r\n{\"message\":\"no such key: KEY\"}",
}

// turns counts the replies that a server has given since the diagnostics are watched. Until then it repeats its first.
type turns struct {
	watched atomic.Bool
	taken   atomic.Int64
}

// next is the index of the next of so many replies. The last one is repeated.
func (t *turns) next(replies int) int {
	if !t.watched.Load() {
		return 0
	}
	return min(int(t.taken.Add(1)), replies) - 1
}

// echoingSupabase is a project that quotes the service's key, and publishes keys that are nobody's business.
type echoingSupabase struct {
	address     string
	probes      turns
	keyFetches  atomic.Int64
	publication string
}

func startEchoingSupabase(t *testing.T, s *secrets) *echoingSupabase {
	t.Helper()
	published := s.key.JWK()
	symmetric := s.search.Plant("a shared secret that is published", base64.RawURLEncoding.EncodeToString([]byte(s.environment["SUPABASE_JWT_SECRET"])))
	private := s.search.Plant("a private key that is published", portstest.EncodePart(strings.Repeat(s.password, 2)[:32]))
	p := &echoingSupabase{publication: portstest.JWKS(published,
		portstest.Claims{"kty": "oct", "kid": "shared", "alg": "HS256", "k": symmetric},
		portstest.NewES256Key("private").JWK().With("d", private),
		portstest.NewRS256Key("weak", 1024).JWK(),
	)}
	p.address = listen(t, func(conn net.Conn) {
		request, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			return
		}
		_, _ = io.WriteString(conn, p.answer(request))
	})
	return p
}

func (p *echoingSupabase) answer(request *http.Request) string {
	key := request.Header.Get("apikey")
	if request.URL.Path != keysPath {
		return strings.ReplaceAll(projectSays[p.probes.next(len(projectSays))], "KEY", key)
	}
	switch p.keyFetches.Add(1) {
	case 1:
		return fmt.Sprintf("HTTP/1.1 %v\r\n\r\n", request.Header)
	case 2:
		return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\nnot JSON: %v", request.Header)
	default:
		return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(p.publication)) + "\r\n\r\n" + p.publication
	}
}

func (p *echoingSupabase) isDone() bool {
	return int(p.probes.taken.Load()) >= len(projectSays) && p.keyFetches.Load() >= 3
}

// neo4jSays are Neo4j's replies to one connection after the other; the last refuses the login.
var neo4jSays = []struct {
	// banner is said instead of Bolt; to is the message that is answered with a failure, of this code.
	banner string
	to     byte
	code   string
}{
	{banner: "HTTP/1.1 400 PASSWORD\r\n\r\n"}, {},
	{to: 0x10, code: "Neo.DatabaseError.General.UnknownError"}, {},
	{to: 0x10, code: "Neo.ClientError.Statement.SyntaxError"}, {},
	{to: 0x01, code: "Neo.ClientError.Request.Invalid"}, {},
	{to: 0x6A, code: "Neo.ClientError.Security.Unauthorized"},
}

// echoingNeo4j is a Neo4j that quotes the password.
type echoingNeo4j struct {
	address, password string
	connections       turns
}

func startEchoingNeo4j(t *testing.T, password string) *echoingNeo4j {
	t.Helper()
	n := &echoingNeo4j{password: password}
	n.address = listen(t, n.talk)
	return n
}

func (n *echoingNeo4j) isDone() bool { return int(n.connections.taken.Load()) >= len(neo4jSays) }

// talk is as much of Bolt 5.4 as a probe needs (https://neo4j.com/docs/bolt/current/bolt/message/). It hangs up after the
// probe's record, so that the next one brings a connection of its own.
func (n *echoingNeo4j) talk(conn net.Conn) {
	says := neo4jSays[n.connections.next(len(neo4jSays))]
	if _, err := io.ReadFull(conn, make([]byte, 20)); err != nil { // magic and four proposals
		return
	}
	if says.banner != "" {
		_, _ = io.WriteString(conn, strings.ReplaceAll(says.banner, "PASSWORD", n.password))
		return
	}
	_, _ = conn.Write([]byte{0, 0, 4, 5})
	for {
		message, err := readBolt(conn)
		if err != nil {
			return
		}
		tag := message[1]
		if tag == says.to {
			writeBolt(conn, "\xB1\x7F\xA2\x84code"+boltString(says.code)+"\x87message"+boltString("neo4j/"+n.password+" is unauthorized"))
			return
		}
		switch tag {
		case 0x10: // RUN
			writeBolt(conn, "\xB1\x70\xA1\x86fields\x91\x82ok")
		case 0x3F: // PULL
			writeBolt(conn, "\xB1\x71\x91\x01")
			writeBolt(conn, "\xB1\x70\xA0")
			return
		default:
			writeBolt(conn, "\xB1\x70\xA1\x86server\x8CNeo4j/5.26.0")
		}
	}
}

func boltString(text string) string { return "\xD0" + string(byte(len(text))) + text }

func readBolt(conn net.Conn) ([]byte, error) {
	var message []byte
	for size := make([]byte, 2); ; {
		if _, err := io.ReadFull(conn, size); err != nil {
			return nil, err
		}
		chunk := make([]byte, endian.BigEndian.Uint16(size))
		if len(chunk) == 0 && len(message) > 1 {
			return message, nil
		}
		if _, err := io.ReadFull(conn, chunk); err != nil {
			return nil, err
		}
		message = append(message, chunk...)
	}
}

func writeBolt(conn net.Conn, message string) {
	framed := endian.BigEndian.AppendUint16(nil, uint16(len(message)))
	_, _ = conn.Write(append(append(framed, message...), 0, 0))
}

// collectTraces takes what comes over OTLP/HTTP, unpacked, and returns the collector's URL.
func collectTraces(t *testing.T, into *process.Output) string {
	t.Helper()
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body := io.Reader(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" {
			unpacked, err := gzip.NewReader(r.Body)
			if err != nil {
				t.Errorf("traces that can't be unpacked: %v", err)
				return
			}
			body = unpacked
		}
		_, _ = io.Copy(into, body)
	}))
	t.Cleanup(collector.Close)
	return collector.URL
}
