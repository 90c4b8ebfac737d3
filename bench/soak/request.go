package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	// goodOrigin may call, badOrigin may not.
	goodOrigin = "https://app.soak.example"
	badOrigin  = "https://elsewhere.example"
)

// judge says what is wrong with a reply, "" for nothing.
type judge func(*reply) string

// request is one request with what its reply may be.
type request struct {
	bytes []byte
	// id is its correlation id, "" where the service can't read it and makes one.
	id string
	// route is what the log calls the route, method the log's method.
	method, route string
	// closes reports whether the connection ends with the reply.
	closes bool
	// origin is "" if no page of another origin asks.
	origin string
	judge  judge
}

// draft is a request before it is put into bytes.
type draft struct {
	method, path, route string
	token               string
	// from is the address in X-Forwarded-For.
	from    string
	origin  string
	headers []string
	body    string
	closes  bool
	judge   judge
}

func (d draft) build(id string) request {
	r := request{id: id, method: d.method, route: d.route, closes: d.closes, origin: d.origin, judge: d.judge}
	if r.method == "" {
		r.method = "GET"
	}
	if r.route == "" {
		r.route = d.path
	}
	text := make([]byte, 0, 1536)
	text = fmt.Appendf(text, "%s %s HTTP/1.1\r\nHost: soak.example\r\nAccept: application/json\r\nX-Correlation-ID: %s\r\n", r.method, d.path, id)
	for name, value := range map[string]string{"X-Forwarded-For": d.from, "Origin": d.origin} {
		if value != "" {
			text = fmt.Appendf(text, "%s: %s\r\n", name, value)
		}
	}
	if !slices.Contains(knownMethods, r.method) {
		r.method = "OTHER" // as the service calls what it does not know
	}
	if d.token != "" {
		text = fmt.Appendf(text, "Authorization: Bearer %s\r\n", d.token)
	}
	if d.body != "" {
		text = fmt.Appendf(text, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(d.body))
	}
	if d.closes && d.body == "" {
		text = append(text, "Connection: close\r\n"...)
	}
	for _, header := range d.headers {
		text = append(append(text, header...), "\r\n"...)
	}
	r.bytes = append(append(text, "\r\n"...), d.body...)
	return r
}

// unreadable is bytes that are no request that the service can read: it answers under an id of its own and hangs up.
func unreadable(text string, judge judge) request {
	return request{bytes: []byte(text), closes: true, judge: judge}
}

// isHead reports whether the reply has no body.
func (r *request) isHead() bool { return r.method == "HEAD" }

var knownMethods = []string{"GET", "HEAD", "POST", "OPTIONS"}

func bigHeader() string { return "X-Filler: " + strings.Repeat("x", 20<<10) }

// reply is what came back.
type reply struct {
	status         int
	header         header
	body           []byte
	sent, received time.Time
	// data is the envelope's, failure what it says went wrong.
	data    []byte
	failure failure
}
