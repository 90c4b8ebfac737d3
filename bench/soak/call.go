package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/journey-os/journey-api/core"
)

type dice = rand.Rand

// row is one kind of request with what its reply has to be.
type row struct {
	name string
	// share is how often it comes, of the sum of all shares.
	share        int
	method, path string
	// as signs the request in.
	as     step
	status int
	code   core.Code
	reason core.Reason
	// with, if set, adds what differs each time: body, headers, whose record it is, and the judge of the data.
	with step
}

// step fills in a part of a call.
type step func(*scenario, *dice, *call)

// judge returns what is wrong with a reply, "" for nothing.
type judge func(*reply) string

// call is one request of a row.
type call struct {
	row *row
	// id is its correlation id; "" if the service can't read it and makes one.
	id string
	// route is what the log calls the path.
	method, path, route, body string
	header                    http.Header
	person                    *person
	// closes is true if the connection ends with the reply.
	closes bool
	// accept judges the reply in place of the row's status, code and reason; data judges a reply that has these.
	accept, data judge
	// done, if set, is called once the reply is judged, or did not come.
	done func()
	sent time.Time
}

func (s *scenario) call(r *row, id string, d *dice) *call {
	c := &call{row: r, id: id, method: r.method, path: r.path, route: r.path, header: http.Header{}}
	c.header.Set("Host", "soak.example") // vegeta takes it from here
	c.header.Set("X-Correlation-ID", id)
	r.as(s, d, c)
	if r.with != nil {
		r.with(s, d, c)
	}
	if c.closes && c.body == "" { // what is too large is not asked to close, and does
		c.header.Set("Connection", "close")
	}
	return c
}

// pick draws a row by its share.
func pick(rows []row, d *dice) *row {
	sum := 0
	for i := range rows {
		sum += rows[i].share
	}
	at, i := d.IntN(sum), 0
	for ; at >= rows[i].share; i++ {
		at -= rows[i].share
	}
	return &rows[i]
}

func (c *call) target(address string) vegeta.Target {
	return vegeta.Target{Method: c.method, URL: "http://" + address + c.path, Body: []byte(c.body), Header: c.header}
}

// judge returns what is wrong with a reply that keeps to the contract.
func (c *call) judge(r *reply) string {
	if c.accept != nil {
		return c.accept(r)
	}
	return c.judgeAsRow(r)
}

// judgeAsRow holds a reply to the row and then to the data's judge.
func (c *call) judgeAsRow(r *reply) string {
	if !r.is(c.row.status, c.row.code, c.row.reason) {
		return fmt.Sprintf("it should be %d %s %s", c.row.status, c.row.code, c.row.reason)
	}
	if c.data != nil {
		return c.data(r)
	}
	return ""
}

// loggedMethod is the method as the service's log has it.
func (c *call) loggedMethod() string {
	if slices.Contains([]string{"", "GET", "HEAD", "POST", "OPTIONS"}, c.method) {
		return c.method
	}
	return "OTHER"
}

// bears sends a token from an address.
func (c *call) bears(token, from string) {
	c.header.Set("X-Forwarded-For", from)
	if token != "" {
		c.header.Set("Authorization", "Bearer "+token)
	}
}

// by signs the call in as p.
func (c *call) by(p *person, token string) {
	c.person = p
	c.bears(token, p.address)
	if origin := []string{"", goodOrigin, badOrigin}[p.number%3]; origin != "" {
		c.header.Set("Origin", origin)
	}
}

// sends adds a JSON body and, if there is one, an idempotency key.
func (c *call) sends(body, key string) {
	c.body = body
	c.header.Set("Content-Type", "application/json")
	if key != "" {
		c.header.Set("Idempotency-Key", key)
	}
}

// at sends the call to a path of its route.
func (c *call) at(name, value, query string) {
	c.path = strings.Replace(c.route, "{"+name+"}", value, 1) + query
}

// or accepts one more failure than the row's reply; got, if set, counts the others.
func (c *call) or(status int, code core.Code, got func()) {
	c.accept = func(r *reply) string {
		if r.is(status, code, "") {
			return ""
		}
		if got != nil {
			got()
		}
		return c.judgeAsRow(r)
	}
}
