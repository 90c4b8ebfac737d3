package standin

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
)

// Messages of Bolt 5.4 that a client sends, by their tag (https://neo4j.com/docs/bolt/current/bolt/message/).
const (
	Goodbye byte = 0x02
	Reset   byte = 0x0F
	Run     byte = 0x10
	Begin   byte = 0x11
	Commit  byte = 0x12
	Pull    byte = 0x3F
	Route   byte = 0x66
	Logon   byte = 0x6A
)

// What the server answers.
const (
	boltSuccess = 0x70
	boltRecord  = 0x71
	boltIgnored = 0x7E
	boltFailure = 0x7F
)

// Unanswered is what Bolt.Answer returns for no answer at all.
const Unanswered = "unanswered"

// Bolt is a stand-in for Neo4j: it accepts any login and answers every query with one record, the integer 1 under "ok".
// The zero value is ready to be started.
type Bolt struct {
	// Answer, if set, is asked before each message is answered: "" is success, Unanswered no answer, anything else
	// the code of a failure.
	Answer func(tag byte) string
	// Says is the message of a failure; if it is empty, the message quotes a value.
	Says string
	// Banner, if set, is sent instead of Bolt.
	Banner string
	// Value is the record's, 1 if it is zero.
	Value byte
	// Advertised is the address that a client with the scheme neo4j is sent to, up to 255 bytes.
	Advertised string

	mu       sync.Mutex
	conns    []net.Conn
	messages [][]byte
}

// Start serves on a port of its own until the test ends.
func (s *Bolt) Start(t testing.TB) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Serve(listener))
	return listener.Addr().String()
}

// URI is Start for a client that wants a URI.
func (s *Bolt) URI(t testing.TB) string {
	t.Helper()
	return "bolt://" + s.Start(t)
}

// Serve serves on listener until stop.
func (s *Bolt) Serve(listener net.Listener) (stop func()) {
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns = append(s.conns, conn)
			s.mu.Unlock()
			serving.Go(func() { s.talk(conn) })
		}
	})
	return func() {
		_ = listener.Close()
		s.mu.Lock()
		for _, conn := range s.conns {
			_ = conn.Close()
		}
		s.mu.Unlock()
		serving.Wait()
	}
}

// Received returns the messages of one kind, as bytes.
func (s *Bolt) Received(tag byte) [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.messages), func(message []byte) bool { return message[1] != tag })
}

func (s *Bolt) talk(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	greeting := make([]byte, 20) // magic and four proposals
	if _, err := io.ReadFull(conn, greeting); err != nil || !bytes.HasPrefix(greeting, []byte("\x60\x60\xB0\x17")) {
		return
	}
	if s.Banner != "" {
		_, _ = io.WriteString(conn, s.Banner)
		return
	}
	_, _ = conn.Write([]byte{0, 0, 4, 5})
	for failed := false; ; {
		message, err := readBolt(conn)
		if err != nil || message[1] == Goodbye {
			return
		}
		s.mu.Lock()
		s.messages = append(s.messages, message)
		s.mu.Unlock()
		failed = s.reply(conn, message[1], failed)
	}
}

func (s *Bolt) reply(conn net.Conn, tag byte, failed bool) bool {
	if failed && tag != Reset {
		writeBolt(conn, 0xB0, boltIgnored)
		return true
	}
	code := ""
	if s.Answer != nil {
		code = s.Answer(tag)
	}
	switch {
	case code == Unanswered:
		return failed
	case code != "":
		failure := append([]byte{0xB1, boltFailure, 0xA2}, packed("code")...)
		failure = append(append(failure, packed(code)...), packed("message")...)
		writeBolt(conn, append(failure, packed(cmp.Or(s.Says, "the value 'secret@example.org' is at fault"))...)...)
		return true
	case tag == Run:
		writeBolt(conn, append([]byte{0xB1, boltSuccess, 0xA1, 0x86}, "fields\x91\x82ok"...)...)
	case tag == Pull:
		writeBolt(conn, 0xB1, boltRecord, 0x91, max(s.Value, 1))
		writeBolt(conn, 0xB1, boltSuccess, 0xA0)
	case tag == Route:
		writeBolt(conn, append([]byte{0xB1, boltSuccess}, s.routes()...)...)
	default:
		writeBolt(conn, append([]byte{0xB1, boltSuccess, 0xA1, 0x86}, "server\x8CNeo4j/5.26.0"...)...)
	}
	return false
}

// routes is the routing table of a cluster with one member, good for five minutes.
func (s *Bolt) routes() []byte {
	table := append([]byte{0xA1}, packed("rt")...)
	table = append(append(table, 0xA3), packed("ttl")...)
	table = append(append(table, 0xC9, 0x01, 0x2C), packed("db")...)
	table = append(append(table, packed("neo4j")...), packed("servers")...)
	table = append(table, 0x93)
	for _, role := range []string{"ROUTE", "READ", "WRITE"} {
		table = append(append(table, 0xA2), packed("addresses")...)
		table = append(append(table, 0x91), packed(s.Advertised)...)
		table = append(append(table, packed("role")...), packed(role)...)
	}
	return table
}

// packed is a string of up to 255 bytes in PackStream.
func packed(text string) []byte { return append([]byte{0xD0, byte(len(text))}, text...) }

func readBolt(conn net.Conn) ([]byte, error) {
	var message []byte
	for size := make([]byte, 2); ; {
		if _, err := io.ReadFull(conn, size); err != nil {
			return nil, err
		}
		chunk := make([]byte, binary.BigEndian.Uint16(size))
		if len(chunk) == 0 && len(message) > 1 {
			return message, nil
		}
		if _, err := io.ReadFull(conn, chunk); err != nil {
			return nil, err
		}
		message = append(message, chunk...)
	}
}

func writeBolt(conn net.Conn, message ...byte) {
	framed := binary.BigEndian.AppendUint16(nil, uint16(len(message)))
	_, _ = conn.Write(append(append(framed, message...), 0, 0))
}
