package faultproxy

import (
	"bytes"
	"errors"
	"io"
	"net"
	"time"
)

// receive forwards the target's replies to the client.
func (l *link) receive(server *net.TCPConn) {
	for buffer := make([]byte, 32<<10); ; {
		n, err := server.Read(buffer)
		if n > 0 && !l.answer(buffer[:n]) {
			l.end()
			return
		}
		switch {
		case errors.Is(err, io.EOF):
			_ = l.client.CloseWrite()
			return
		case err != nil:
			l.end()
			return
		}
	}
}

// answer sends a chunk of a reply to the client, following faults that are set meanwhile; false ends the link.
func (l *link) answer(chunk []byte) bool {
	var goesOn bool
	l.due = time.Now()
	for len(chunk) > 0 && !l.finished {
		if chunk, goesOn = l.step(l.proxy.current(), chunk); !goesOn || l.hasEnded() {
			return false
		}
	}
	return true
}

// step handles a chunk under one state and returns the rest for the next.
func (l *link) step(now *state, chunk []byte) (rest []byte, goesOn bool) {
	switch now.fault.kind {
	case pass:
		return nil, l.write(chunk)
	case silent:
		l.hold(now, 0)
		return chunk, true
	case delay:
		if !l.hold(now, now.fault.pause) {
			return chunk, true
		}
		return nil, l.write(chunk)
	case trickle:
		goesOn = l.write(chunk[:1])
		next := l.due.Add(now.fault.pause)
		if l.hold(now, max(time.Until(next), 1)) {
			l.due = next
		}
		return chunk[1:], goesOn
	case reset, halfClose:
		return l.stepTo(now, chunk)
	case swallow, wrongBytes:
		if !l.spoil(now) {
			return chunk, true
		}
		return nil, now.fault.kind == swallow || l.write(turned(chunk))
	default: // refuse
		return nil, false
	}
}

// stepTo lets through what a state's count leaves, and then ends the replies.
func (l *link) stepTo(now *state, chunk []byte) (rest []byte, goesOn bool) {
	if l.counted != now {
		l.counted, l.through = now, 0
	}
	part := chunk[:min(len(chunk), now.fault.bytes-l.through)]
	if !l.write(part) {
		return nil, false
	}
	l.through += len(part)
	switch {
	case l.through < now.fault.bytes:
		return nil, true
	case now.fault.kind == reset:
		_ = l.client.SetLinger(0) // closing is RST then
		return nil, false
	case !l.spoil(now):
		return chunk[len(part):], true
	}
	l.finished = true
	return nil, l.client.CloseWrite() == nil
}

func (l *link) write(chunk []byte) bool {
	_, err := l.client.Write(chunk)
	return err == nil
}

// turned inverts every bit of a chunk except line ends: a client of a line protocol gets wrong lines, and does not wait
// for the first to end.
func turned(chunk []byte) []byte {
	wrong := bytes.Clone(chunk)
	for i, b := range chunk {
		if b != '\n' {
			wrong[i] = ^b
		}
	}
	return wrong
}
