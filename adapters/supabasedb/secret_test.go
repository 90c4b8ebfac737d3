package supabasedb_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/internal/testkit/leak"
)

// echoes are replies that quote what was sent: KEY is the key, and LENGTH the length of what stands behind the head.
var echoes = map[string]string{
	"in the message":               "HTTP/1.1 500 Oops\r\nContent-Length: LENGTH\r\n\r\n" + `{"code":"X","message":"no such key: KEY"}`,
	"in the message, key refused":  "HTTP/1.1 401 No\r\nContent-Length: LENGTH\r\n\r\n" + `{"message":"Invalid API key","hint":"KEY","code":"KEY"}`,
	"in the message of a conflict": "HTTP/1.1 409 No\r\nContent-Length: LENGTH\r\n\r\n" + `{"code":"23505","message":"KEY is there"}`,
	"in the message of a bad call": "HTTP/1.1 400 No\r\nContent-Length: LENGTH\r\n\r\n" + `{"code":"KEY","message":"KEY"}`,
	"where a message is cut":       "HTTP/1.1 500 Oops\r\nContent-Length: LENGTH\r\n\r\n" + `{"code":"X","message":"` + strings.Repeat("x", 480) + `KEY"}`,
	"instead of HTTP":              "KEY\r\n\r\n",
	"instead of the status":        "HTTP/1.1 KEY\r\n\r\n",
	"as the reason":                "HTTP/1.1 500 KEY\r\nContent-Length: 0\r\n\r\n",
	"as a header without a name":   "HTTP/1.1 200 OK\r\nKEY\r\n\r\n",
	"as the length":                "HTTP/1.1 200 OK\r\nContent-Length: KEY\r\n\r\n",
	"as the encoding":              "HTTP/1.1 200 OK\r\nTransfer-Encoding: KEY\r\n\r\n",
	"as the size of a chunk":       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nKEY\r\n",
	"where a redirect leads":       "HTTP/1.1 302 Found\r\nLocation: /KEY\r\nContent-Length: 0\r\n\r\n",
	"in a result that is no JSON":  "HTTP/1.1 200 OK\r\nContent-Length: LENGTH\r\n\r\nKEY",
}

func TestWhatTheProjectQuotesOfTheKeyIsMasked(t *testing.T) {
	t.Parallel()
	for _, key := range []string{jwtKey, secretKey} {
		search := leak.New()
		search.Plant("the key", key)
		for name, wire := range echoes {
			t.Run(name, func(t *testing.T) {
				config := settings(echoing(t, wire))
				config.ServiceRoleKey = key
				client := newClient(t, config)
				asked := ways(client)
				asked["a check"] = func(ctx context.Context) error { return client.Check(ctx) }
				for way, ask := range asked {
					for err := ask(t.Context()); err != nil; err = nil {
						if found := search.In(fmt.Sprintf("%v %+v", err, err)); len(found) > 0 {
							t.Errorf("%s: %v", way, found)
						}
					}
				}
			})
		}
	}
}

// echoing answers each request with one of echoes and closes.
func echoing(t *testing.T, wire string) (url string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			request, err := http.ReadRequest(bufio.NewReader(conn))
			if err == nil {
				_, _ = io.Copy(io.Discard, request.Body)
				key := request.Header.Get("apikey")
				reply := strings.ReplaceAll(wire, "KEY", key)
				_, body, _ := strings.Cut(reply, "\r\n\r\n")
				reply = strings.ReplaceAll(reply, "LENGTH", strconv.Itoa(len(body)))
				_, _ = io.WriteString(conn, reply)
			}
			_ = conn.Close()
		}
	}()
	return "http://" + listener.Addr().String()
}
