package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// readBuffer holds a whole reply of either route.
const readBuffer = 4 << 10

// connection is one keep-alive connection that sends the same request again and again, one at a time. It allocates
// nothing for an exchange, so that what is measured is the server.
type connection struct {
	net.Conn
	reader  *bufio.Reader
	request []byte
}

// dial opens a connection whose every read and write ends by deadline.
func dial(address string, request []byte, deadline time.Time) (*connection, error) {
	conn, err := net.DialTimeout("tcp", address, time.Until(deadline))
	if err != nil {
		return nil, err
	}
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &connection{Conn: conn, reader: bufio.NewReaderSize(conn, readBuffer), request: request}, nil
}

// exchange sends the request and reads the whole reply. A reply that is not a 200 with a body is an error.
func (c *connection) exchange() error {
	length, err := c.ask()
	if err != nil {
		return err
	}
	_, err = c.reader.Discard(length)
	return err
}

// fetch is an exchange that keeps the body.
func (c *connection) fetch() ([]byte, error) {
	length, err := c.ask()
	if err != nil {
		return nil, err
	}
	body := make([]byte, length)
	_, err = io.ReadFull(c.reader, body)
	return body, err
}

// ask sends the request, reads the reply's head and returns the length of its body.
func (c *connection) ask() (int, error) {
	if _, err := c.Write(c.request); err != nil {
		return 0, err
	}
	statusLine, err := c.reader.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if !bytes.HasPrefix(statusLine, []byte("HTTP/1.1 200 ")) {
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
