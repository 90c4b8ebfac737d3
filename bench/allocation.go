package main

import (
	"errors"
	"os"
	"runtime"
	"time"

	"github.com/journey-os/journey-api/bench/chain"
)

const (
	allocationWarmUp   = 2_000
	allocationRequests = 20_000
)

// allocation is what one request costs the heap.
type allocation struct{ count, bytes float64 }

// subject is a server inside this program with one of its routes.
type subject struct {
	name  string
	next  source
	serve func(log *os.File) (inProcess, error)
}

// subjects are the rows of the table, in its order.
func subjects(c credentials, replies replies) []subject {
	me, health := always(requestFor("/api/me", c.hs256)), always(requestFor("/health", ""))
	service := func(log *os.File) (inProcess, error) { return serveService(c, log) }
	bare := func(*os.File) (inProcess, error) {
		return serveRival(chain.Bare(replies.decodedMe, replies.decodedHealth))
	}
	plain := func(log *os.File) (inProcess, error) { return serveRival(chain.Plain([]byte(c.secret), log)) }
	return []subject{
		{"me/service", me, service},
		{"me/service-es256", always(requestFor("/api/me", c.es256)), service},
		{"me/service-new-hs256", freshMe(c.newHS256(c.secret)), service},
		{"me/service-new-es256", freshMe(c.newES256(c.key)), service},
		{"me/bare", me, bare},
		{"me/plain", me, plain},
		{"health/service", health, service}, {"health/bare", health, bare},
	}
}

// measureAllocation counts what the whole program allocates while one connection, which allocates nothing itself, sends
// requests over loopback.
func measureAllocation(s subject, log *os.File) (measured allocation, err error) {
	server, err := s.serve(log)
	if err != nil {
		return allocation{}, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	requests := make([][]byte, allocationWarmUp+allocationRequests)
	for i := range requests {
		requests[i] = s.next()
	}
	conn, err := dial(server.address, time.Now().Add(stageLimit))
	if err != nil {
		return allocation{}, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := sendAll(conn, requests[:allocationWarmUp]); err != nil {
		return allocation{}, err
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := sendAll(conn, requests[allocationWarmUp:]); err != nil {
		return allocation{}, err
	}
	runtime.ReadMemStats(&after)
	return allocation{
		count: float64(after.Mallocs-before.Mallocs) / allocationRequests,
		bytes: float64(after.TotalAlloc-before.TotalAlloc) / allocationRequests,
	}, nil
}

func sendAll(conn *connection, requests [][]byte) error {
	for _, request := range requests {
		if err := conn.exchange(request); err != nil {
			return err
		}
	}
	return nil
}
