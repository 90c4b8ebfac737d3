package main

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"

	"github.com/journey-os/journey-api/ports/portstest"
)

const (
	bareMe, bareHealth = "(a) bare Fiber, `GET /api/me`", "(a) bare Fiber, `GET /health`"
	usualMe, fastAPI   = "(b) the usual chain, `GET /api/me`", "(b) FastAPI, NumPy, psycopg, `POST /api/bkt/update`"
	// mastery is what a right first answer makes of .1.
	mastery = `"new_p_mastered":0.428571428571428`
	// studentCount is how many students answer in turn; one more has so many states.
	studentCount, wideStates = 1000, 500
)

// row is one line of the table: what is asked of which server, and what its speed is divided by.
type row struct {
	label, server string
	next          source
	bare, usual   string // the labels of the rows that it is compared with, if any
	want          string // what its first reply contains, or the path of the service's reply that it has to equal
	readers       int    // how many connections ask, the usual number if it is 0
	others        []int  // statuses of requests that are not counted
	// flood, if set, makes forged tokens, which are sent beside this row's requests.
	flood    func() string
	runs     []measured
	resident float64 // the server's memory after the round that does not count, in MB
}

// newRows are the lines of the table whose programs are there.
func (b *bench) newRows() []*row {
	all := slices.Concat(b.meRows(), b.engineRows(), b.floodRows())
	wanted := regexp.MustCompile(b.only)
	return slices.DeleteFunc(all, func(r *row) bool {
		needsPostgres, needsPython := r.server == onPostgres || r.server == pythonChain, r.server == pythonChain
		return needsPostgres && b.postgres == "" || needsPython && b.python == "" || !wanted.MatchString(r.label)
	})
}

// meRows compare the caller's token, remembered or verified.
func (b *bench) meRows() []*row {
	me, newHS256, newES256 := get("/api/me", b.hs256), fresh(b.newHS256(b.secret)), fresh(b.newES256(b.key))
	all := []*row{
		{label: "**Journey API, `GET /api/me`, HS256**", next: me, want: "/api/me"},
		{label: "**Journey API, `GET /api/me`, ES256**", next: get("/api/me", b.es256), want: "/api/me"},
		{label: "Journey API, HS256, a new token each time", next: newHS256},
		{label: "Journey API, ES256, a new token each time", next: newES256},
		{label: bareMe, next: me, server: bareFiber, want: "/api/me"},
		{label: usualMe, next: me, server: chain, bare: bareMe, want: "/api/me"},
	}
	for _, r := range all[:4] {
		r.server, r.bare, r.usual = ours, bareMe, usualMe
	}
	return append(all,
		&row{label: "**Journey API, `GET /health`**", next: get("/health", ""), server: ours, bare: bareHealth},
		&row{label: bareHealth, next: get("/health", ""), server: bareFiber, want: "/health"})
}

// engineRows ask the engines, on each store.
func (b *bench) engineRows() []*row {
	all := []*row{
		{label: fastAPI, next: b.answers(), server: pythonChain, want: mastery},
		{label: "Journey API, `GET /api/bkt/mastery`, 100 of 500 states, embedded, one reader", next: b.page(),
			server: ours, readers: 1},
	}
	opened := []int{http.StatusCreated, http.StatusConflict} // rounds end in the middle of an answer
	for _, store := range [][2]string{{ours, "embedded"}, {onPostgres, "PostgreSQL"}} {
		label := func(format string) string { return fmt.Sprintf("**Journey API, `"+format+"**", store[1]) }
		for _, r := range []*row{
			{label: label("POST /api/bkt/update`, %s"), next: b.answers(), usual: fastAPI, want: mastery},
			{label: label("GET /api/adaptive/next-item`, %s, 8 readers"), next: b.practice(false), others: opened, readers: 8},
			{label: label("POST …/answers` with its next item, %s"), next: b.practice(true), others: opened, usual: fastAPI},
		} {
			r.server = store[0]
			all = append(all, r)
		}
	}
	return all
}

// floodRows ask beside forged tokens; good callers may be turned away then.
func (b *bench) floodRows() []*row {
	var all []*row
	for i, forge := range []func() string{b.newHS256(portstest.OtherSecret), b.newES256(portstest.NewES256Key(b.key.ID))} {
		all = append(all, &row{
			label: "Journey API, `GET /api/me`, beside forged " + []string{"HS256", "ES256"}[i], next: get("/api/me", b.hs256),
			server: ours, bare: bareMe, usual: usualMe, flood: forge, others: []int{http.StatusServiceUnavailable},
		})
	}
	return all
}
