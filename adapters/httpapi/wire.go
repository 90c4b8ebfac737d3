package httpapi

import (
	"bytes"
	"net"
	"slices"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// methodOther stands for every method that HTTP servers here do not know. Fiber would answer those in plain text, before
// any of our code; under a name of its own it takes the usual way to 404 or 405.
const methodOther = "OTHER"

const (
	// lingerBytes and lingerTime bound what is still read from a caller who was refused in the middle of sending.
	lingerBytes = 8 << 20
	lingerTime  = 500 * time.Millisecond
)

// wireHandler stands between fasthttp and Fiber. It refuses what two servers in a row could read in two ways
// (RFC 9112, sections 3.2 and 6.1), which fasthttp lets pass.
func (s *Server) wireHandler(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(rc *fasthttp.RequestCtx) {
		if !isUnambiguous(&rc.Request.Header) {
			s.app.Server().ErrorHandler(rc, errBadRequest)
			rc.SetConnectionClose()
			return
		}
		if !slices.Contains(fiber.DefaultMethods, string(rc.Method())) {
			rc.Request.Header.SetMethod(methodOther)
		}
		next(rc)
	}
}

// isUnambiguous says that the request names one host and one way to tell where its body ends, in header names that are
// tokens.
func isUnambiguous(header *fasthttp.RequestHeader) bool {
	hosts, lengths, encodings := 0, 0, 0
	for name, value := range header.AllInOrder() {
		switch {
		case bytes.ContainsAny(name, " \t"):
			return false
		case bytes.EqualFold(name, []byte(fiber.HeaderHost)):
			hosts++
			if len(value) == 0 {
				return false
			}
		case bytes.EqualFold(name, []byte(fiber.HeaderContentLength)):
			lengths++
		case bytes.EqualFold(name, []byte(fiber.HeaderTransferEncoding)):
			encodings++
		}
	}
	return hosts == 1 && lengths+encodings <= 1
}

// lingeringListener accepts connections that can be closed with grace.
type lingeringListener struct{ net.Listener }

func (l lingeringListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &lingeringConn{Conn: conn}, nil
}

// lingeringConn reads on for a moment when it is closed on a caller who is still sending. Closing at once would make the
// kernel reset the connection, and the caller would never see the reply that says why (RFC 9112, section 9.6).
type lingeringConn struct {
	net.Conn
	linger atomic.Bool
}

// lingerOn has the request's connection closed with grace.
func lingerOn(c *fiber.Ctx) {
	if conn, ok := c.Context().Conn().(*lingeringConn); ok {
		conn.linger.Store(true)
	}
}

// Close closes the sending half first where the caller may still be sending.
func (c *lingeringConn) Close() error {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok || !c.linger.Swap(false) {
		return c.Conn.Close()
	}
	if half.CloseWrite() == nil && c.SetReadDeadline(time.Now().Add(lingerTime)) == nil {
		discard(c.Conn, lingerBytes)
	}
	return c.Conn.Close()
}

func discard(conn net.Conn, limit int) {
	buffer := make([]byte, 32<<10)
	for limit > 0 {
		n, err := conn.Read(buffer)
		if err != nil {
			return
		}
		limit -= n
	}
}
