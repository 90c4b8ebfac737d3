package faultproxy

import (
	"fmt"
	"time"
)

// Fault is what a proxy does to its connections. The zero value is Pass; faults may be compared with ==.
type Fault struct {
	kind  kind
	bytes int
	pause time.Duration
}

type kind int

const (
	pass kind = iota
	refuse
	swallow
	silent
	delay
	trickle
	reset
	halfClose
	wrongBytes
)

// Pass is no fault.
func Pass() Fault { return Fault{} }

// Refuse closes the port, and the open connections.
func Refuse() Fault { return Fault{kind: refuse} }

// Swallow accepts and reads, and never answers.
func Swallow() Fault { return Fault{kind: swallow} }

// Silent accepts and never reads.
func Silent() Fault { return Fault{kind: silent} }

// Delay delays each chunk of a reply.
func Delay(each time.Duration) Fault { return Fault{kind: delay, pause: each} }

// Trickle sends a reply a byte at a time.
func Trickle(each time.Duration) Fault { return Fault{kind: trickle, pause: each} }

// ResetAfter resets a connection with RST after this many bytes of replies.
func ResetAfter(bytes int) Fault { return Fault{kind: reset, bytes: bytes} }

// HalfCloseAfter ends the replies with FIN after this many bytes of them, and reads on.
func HalfCloseAfter(bytes int) Fault { return Fault{kind: halfClose, bytes: bytes} }

// WrongBytes sends as many bytes as the target does, all of them wrong.
func WrongBytes() Fault { return Fault{kind: wrongBytes} }

// String names the fault, for the name of a test or a line of a table.
func (f Fault) String() string {
	switch f.kind {
	case pass:
		return "pass"
	case refuse:
		return "refuse"
	case swallow:
		return "swallow"
	case silent:
		return "silent"
	case delay:
		return fmt.Sprintf("delay %v", f.pause)
	case trickle:
		return fmt.Sprintf("trickle %v", f.pause)
	case reset:
		return fmt.Sprintf("reset after %d", f.bytes)
	case halfClose:
		return fmt.Sprintf("half-close after %d", f.bytes)
	case wrongBytes:
		return "wrong bytes"
	default:
		return fmt.Sprintf("fault %d", int(f.kind))
	}
}
