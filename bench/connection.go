package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// readBuffer holds a whole reply of either route.
const readBuffer = 4 << 10

// connection is one keep-alive connection that sends one request after the other. It allocates nothing for an exchange,
// so that what is measured is the server.
type connection struct {
	net.Conn
	reader *bufio.Reader
	// accepts are the statuses that a reply may have, status is that of the last one.
	accepts []int
	status  int
}

// source gives the request that is sent next; many connections may draw from it.
type source func() []byte

func always(request []byte) source { return func() []byte { return request } }

// freshMe asks for the caller with another token each time.
func freshMe(token func() string) source {
	return func() []byte { return requestFor("/api/me", token()) }
}

// dial opens a connection whose every read and write ends by deadline.
func dial(address string, deadline time.Time) (*connection, error) {
	conn, err := net.DialTimeout("tcp", address, time.Until(deadline))
	if err != nil {
		return nil, err
	}
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &connection{
		Conn: conn, reader: bufio.NewReaderSize(conn, readBuffer), accepts: []int{http.StatusOK},
	}, nil
}

// exchange sends the request and reads the whole reply. A reply of another status, or without a body, is an error.
func (c *connection) exchange(request []byte) error {
	length, err := c.ask(request)
	if err != nil {
		return err
	}
	_, err = c.reader.Discard(length)
	return err
}

// fetch is an exchange that keeps the body.
func (c *connection) fetch(request []byte) ([]byte, error) {
	length, err := c.ask(request)
	if err != nil {
		return nil, err
	}
	body := make([]byte, length)
	_, err = io.ReadFull(c.reader, body)
	return body, err
}

// ask sends the request, reads the reply's head and returns the length of its body.
func (c *connection) ask(request []byte) (int, error) {
	if _, err := c.Write(request); err != nil {
		return 0, err
	}
	statusLine, err := c.reader.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if !c.accept(statusLine) {
		return 0, fmt.Errorf("the server answered %q", bytes.TrimSpace(statusLine))
	}
	length := 0
	for {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		if bytes.EqualFold(name, []byte("Content-Length")) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, fmt.Errorf("read the reply's length: %w", err)
			}
		}
	}
	if length <= 0 {
		return 0, errors.New("the reply has no body")
	}
	return length, nil
}

func (c *connection) accept(statusLine []byte) bool {
	rest, isHTTP := bytes.CutPrefix(statusLine, []byte("HTTP/1.1 "))
	code, _, _ := bytes.Cut(rest, []byte(" "))
	c.status, _ = strconv.Atoi(string(code)) // 0 is accepted nowhere
	return isHTTP && slices.Contains(c.accepts, c.status)
}

// requestFor is a GET as a client library would send it; a token of "" leaves the Authorization header out.
func requestFor(path, token string) []byte {
	var text bytes.Buffer
	fmt.Fprintf(&text, "GET %s HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n", path)
	if token != "" {
		fmt.Fprintf(&text, "Authorization: Bearer %s\r\n", token)
	}
	text.WriteString("\r\n")
	return text.Bytes()
}
