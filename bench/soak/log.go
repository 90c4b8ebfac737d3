package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/journey-os/journey-api/core"
)

// longestLine is more than any line of the log has, a stack included.
const longestLine = 256 << 10

// line is one line of the service's log, as far as it is looked at.
type line struct {
	Time          time.Time  `json:"time"`
	Level         string     `json:"level"`
	Message       string     `json:"msg"`
	CorrelationID string     `json:"correlation_id"`
	Method        string     `json:"method"`
	Route         string     `json:"route"`
	Status        int        `json:"status"`
	Dependency    string     `json:"dependency"`
	Fault         core.Fault `json:"fault"`
}

// logReader reads the log while it is written, and holds each line to what is known. No line is kept.
type logReader struct {
	ledger  *ledger
	climate *climate
	// secrets must stand in no line.
	secrets  []string
	complain func(kind, id, what string)

	requests atomic.Int64
	// refusals are the lines of the audit, changes those of dependencies.
	refusals, changes atomic.Int64

	lock sync.Mutex
	// counts are the requests by method, route and status; others the other lines by their words.
	counts map[entry]int
	others map[string]int
}

// read reads until the log ends.
func (l *logReader) read(from io.Reader) error {
	l.counts, l.others = map[entry]int{}, map[string]int{}
	lines := bufio.NewScanner(from)
	lines.Buffer(make([]byte, 64<<10), longestLine)
	for lines.Scan() {
		l.take(lines.Bytes())
	}
	if err := lines.Err(); err != nil {
		return errors.Join(errors.New("read the log"), err)
	}
	return nil
}

func (l *logReader) take(text []byte) {
	for _, secret := range l.secrets {
		if bytes.Contains(text, []byte(secret)) {
			l.complain("log", "", "a line holds a secret or the beginning of a token")
		}
	}
	var got line
	if err := json.Unmarshal(text, &got); err != nil {
		l.complain("log", "", "a line is no JSON object: "+err.Error())
		return
	}
	if got.Message == "request" {
		l.takeRequest(got)
		return
	}
	l.lock.Lock()
	l.others[got.Message]++
	l.lock.Unlock()
	switch got.Message {
	case "access refused":
		l.refusals.Add(1)
	case "dependency is up", "dependency is down":
		l.changes.Add(1)
		l.takeChange(got)
	case "started", "draining", "stopping", "closing", "stopped", "signing keys", "origin refused":
	default:
		l.complain("log", got.CorrelationID, "an unexpected line: "+string(text))
	}
}

func (l *logReader) takeRequest(got line) {
	l.requests.Add(1)
	e := entry{got.Status, got.Method, got.Route}
	l.lock.Lock()
	l.counts[e]++
	l.lock.Unlock()
	if got.Level != levelOf(e) {
		l.complain("log", got.CorrelationID, got.Level+" is the wrong level")
	}
	l.ledger.line(got.CorrelationID, e)
}

// levelOf is the level that the line of a request has.
func levelOf(e entry) string {
	switch {
	case slices.Contains([]string{"/health", "/health/live", "/health/ready", "preflight"}, e.route):
		return "DEBUG"
	case e.status >= 500:
		return "ERROR"
	case e.status >= 400:
		return "WARN"
	}
	return "INFO"
}

// takeChange holds what the log says of a dependency to the weather.
func (l *logReader) takeChange(got line) {
	w := l.climate.neo4j
	if got.Dependency == l.climate.supabase.name {
		w = l.climate.supabase
	}
	if words := w.possible(got.Time, got.Time); !slices.Contains(words, got.Fault) {
		l.complain("log", "", got.Dependency+" is "+string(got.Fault)+", which nothing explains")
	}
}

// logged are the requests so far.
func (l *logReader) logged() map[entry]int {
	l.lock.Lock()
	defer l.lock.Unlock()
	return maps.Clone(l.counts)
}
