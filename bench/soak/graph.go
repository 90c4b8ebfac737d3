package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"net"
	"slices"
	"sync"
)

// Bolt 5.4 messages by their tag (https://neo4j.com/docs/bolt/current/bolt/message/).
const (
	boltGoodbye = 0x02
	boltRun     = 0x10
	boltPull    = 0x3F
	boltSuccess = 0x70
	boltRecord  = 0x71
)

// graph stands in for Neo4j: it logs anyone in and answers every query with one record, the integer 1 under "ok".
type graph struct {
	listener net.Listener
	serving  sync.WaitGroup

	lock  sync.Mutex
	conns map[net.Conn]bool
}

// startGraph serves on a free port of loopback.
func startGraph(ctx context.Context) (*graph, string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	g := &graph{listener: listener, conns: map[net.Conn]bool{}}
	g.serving.Go(g.accept)
	return g, listener.Addr().String(), nil
}

func (g *graph) accept() {
	for {
		conn, err := g.listener.Accept()
		if err != nil {
			return
		}
		g.lock.Lock()
		g.conns[conn] = true
		g.lock.Unlock()
		g.serving.Go(func() {
			g.talk(conn)
			_ = conn.Close()
			g.lock.Lock()
			delete(g.conns, conn)
			g.lock.Unlock()
		})
	}
}

func (g *graph) stop() {
	_ = g.listener.Close()
	g.lock.Lock()
	for conn := range g.conns {
		_ = conn.Close()
	}
	g.lock.Unlock()
	g.serving.Wait()
}

func (g *graph) talk(conn net.Conn) {
	reader := bufio.NewReader(conn)
	if _, err := io.ReadFull(reader, make([]byte, 20)); err != nil { // magic and four proposals
		return
	}
	_, err := conn.Write([]byte{0, 0, 4, 5})
	for err == nil {
		var tag byte
		if tag, err = readBolt(reader); err != nil || tag == boltGoodbye {
			return
		}
		_, err = conn.Write(answer(tag))
	}
}

// answer is what a message gets.
func answer(tag byte) []byte {
	switch tag {
	case boltRun:
		return bolt(append([]byte{0xB1, boltSuccess, 0xA1, 0x86}, "fields\x91\x82ok"...))
	case boltPull:
		return slices.Concat(bolt([]byte{0xB1, boltRecord, 0x91, 1}), bolt([]byte{0xB1, boltSuccess, 0xA0}))
	default:
		return bolt(append([]byte{0xB1, boltSuccess, 0xA1, 0x86}, "server\x8CNeo4j/5.26.0"...))
	}
}

// readBolt reads a message, which is in chunks and ends with an empty one, and returns its tag.
func readBolt(reader *bufio.Reader) (tag byte, err error) {
	var message []byte
	for size := make([]byte, 2); ; {
		if _, err := io.ReadFull(reader, size); err != nil {
			return 0, err
		}
		chunk := make([]byte, binary.BigEndian.Uint16(size))
		if len(chunk) == 0 && len(message) > 1 {
			return message[1], nil
		}
		if _, err := io.ReadFull(reader, chunk); err != nil {
			return 0, err
		}
		message = append(message, chunk...)
	}
}

func bolt(message []byte) []byte {
	framed := binary.BigEndian.AppendUint16(nil, uint16(len(message)))
	return append(append(framed, message...), 0, 0)
}
