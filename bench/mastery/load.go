package main

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/journey-os/journey-api/bench/figures"
)

const (
	connections = 64
	// studentsEach are the students of one connection: no two connections answer for the same one.
	studentsEach = 32
	concepts     = 20
	// stageLimit ends a load that hangs.
	stageLimit = 2 * time.Minute
)

// run is what a load found out.
type run struct {
	requests int
	elapsed  time.Duration
	p50, p99 time.Duration
}

func (r run) perSecond() float64 { return float64(r.requests) / r.elapsed.Seconds() }

// answers makes requests, each an answer that is not there yet and stands behind those of its student.
type answers struct {
	token string
	began time.Time
	next  [connections]atomic.Int64
}

func newAnswers(token string) *answers {
	return &answers{token: token, began: time.Now().Add(-24 * time.Hour)}
}

func (a *answers) request(connection int) []byte {
	n := a.next[connection].Add(1)
	student, concept := n%studentsEach, n/studentsEach%concepts
	body := fmt.Sprintf(`{"student_id":"student-%d-%d","concept_id":"concept-%d","item_id":"concept-%d-item-%d","correct":%t,"latency_ms":%d,"timestamp":%q}`,
		connection, student, concept, concept, n%12, n%3 > 0, 900+n%4000, a.began.Add(time.Duration(n)*time.Millisecond).Format(time.RFC3339Nano))
	return fmt.Appendf(nil, "POST /api/bkt/update HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", a.token, len(body), body)
}

// load keeps the connections busy for a length of time. One reply that is not a 200 fails it.
func load(address string, length time.Duration, request func(connection int) []byte) (run, error) {
	latencies, faults := make([][]time.Duration, connections), make([]error, connections)
	var sending sync.WaitGroup
	began := time.Now()
	for i := range connections {
		sending.Go(func() { latencies[i], faults[i] = send(address, began, length, func() []byte { return request(i) }) })
	}
	sending.Wait()
	elapsed := time.Since(began)
	if err := cmp.Or(faults...); err != nil {
		return run{}, err
	}
	all := slices.Concat(latencies...)
	slices.Sort(all)
	return run{requests: len(all), elapsed: elapsed, p50: figures.Percentile(all, 50), p99: figures.Percentile(all, 99)}, nil
}

func send(address string, began time.Time, length time.Duration, request func() []byte) (latencies []time.Duration, err error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := conn.SetDeadline(began.Add(length + stageLimit)); err != nil {
		return nil, err
	}
	reader := bufio.NewReader(conn)
	for time.Since(began) < length {
		sent := time.Now()
		if _, err := exchange(conn, reader, request()); err != nil {
			return nil, err
		}
		latencies = append(latencies, time.Since(sent))
	}
	return latencies, nil
}

// ask is one exchange on a connection of its own.
func ask(address string, request []byte) ([]byte, error) {
	conn, err := net.DialTimeout("tcp", address, stageLimit)
	if err != nil {
		return nil, err
	}
	body, err := exchange(conn, bufio.NewReader(conn), request)
	return body, errors.Join(err, conn.Close())
}

func exchange(conn net.Conn, reader *bufio.Reader, request []byte) ([]byte, error) {
	if _, err := conn.Write(request); err != nil {
		return nil, err
	}
	reply, err := http.ReadResponse(reader, nil)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(reply.Body)
	if err == nil && reply.StatusCode != http.StatusOK {
		err = fmt.Errorf("answered %d: %s", reply.StatusCode, bytes.TrimSpace(body))
	}
	return body, err
}

// get is a GET with the token.
func get(path, token string) []byte {
	return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", path, token)
}
