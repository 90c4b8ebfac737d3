package neo4jdb_test

import (
	"encoding/binary"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
)

// Bolt 5.4 messages by their tag (https://neo4j.com/docs/bolt/current/bolt/message/).
const (
	boltGoodbye = 0x02
	boltReset   = 0x0F
	boltRun     = 0x10
	boltBegin   = 0x11
	boltCommit  = 0x12
	boltPull    = 0x3F
	boltLogon   = 0x6A

	boltSuccess = 0x70
	boltRecord  = 0x71
	boltIgnored = 0x7E
	boltFailure = 0x7F
)

// boltServer is as much of a Neo4j as the tests need: it logs anyone in and answers every query with one record, the
// integer 1 under "ok".
type boltServer struct {
	// answer, where set, is asked before each message is answered: "" is success, silent no answer at all, anything
	// else the code of a failure.
	answer func(tag byte) string
	// value is the record's, 1 where it is zero.
	value byte

	mu       sync.Mutex
	conns    []net.Conn
	messages [][]byte
}

const silent = "silent"

// start serves on listener until stop.
func (s *boltServer) start(listener net.Listener) (stop func()) {
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

// uri starts the server for one test.
func (s *boltServer) uri(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.start(listener))
	return "bolt://" + listener.Addr().String()
}

// received returns the messages of one kind, as bytes.
func (s *boltServer) received(tag byte) [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.messages), func(message []byte) bool { return message[1] != tag })
}

func (s *boltServer) talk(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	if _, err := io.ReadFull(conn, make([]byte, 20)); err != nil { // magic and four proposals
		return
	}
	_, _ = conn.Write([]byte{0, 0, 4, 5})
	for failed := false; ; {
		message, err := readBolt(conn)
		if err != nil || message[1] == boltGoodbye {
			return
		}
		s.mu.Lock()
		s.messages = append(s.messages, message)
		s.mu.Unlock()
		failed = s.reply(conn, message[1], failed)
	}
}

func (s *boltServer) reply(conn net.Conn, tag byte, failed bool) bool {
	if failed && tag != boltReset {
		writeBolt(conn, 0xB0, boltIgnored)
		return true
	}
	code := ""
	if s.answer != nil {
		code = s.answer(tag)
	}
	switch {
	case code == silent:
		return failed
	case code != "":
		failure := append([]byte{0xB1, boltFailure, 0xA2}, boltString("code")...)
		failure = append(append(failure, boltString(code)...), boltString("message")...)
		writeBolt(conn, append(failure, boltString("the value 'secret@example.org' is at fault")...)...)
		return true
	case tag == boltRun:
		writeBolt(conn, append([]byte{0xB1, boltSuccess, 0xA1, 0x86}, "fields\x91\x82ok"...)...)
	case tag == boltPull:
		writeBolt(conn, 0xB1, boltRecord, 0x91, max(s.value, 1))
		writeBolt(conn, 0xB1, boltSuccess, 0xA0)
	default:
		writeBolt(conn, append([]byte{0xB1, boltSuccess, 0xA1, 0x86}, "server\x8CNeo4j/5.26.0"...)...)
	}
	return false
}

// boltString packs a string of up to 255 bytes.
func boltString(text string) []byte { return append([]byte{0xD0, byte(len(text))}, text...) }

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
