package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/journey-os/journey-api/core"
)

// longestLine is more than any line of the log has, a stack included.
const longestLine = 256 << 10

// entry is what is said of one request: by its reply, or by its line in the log.
type entry struct {
	status        int
	method, route string
}

// pairs matches each reply with its line in the log, whichever comes first, by correlation id. It keeps what has no pair.
type pairs struct {
	complain func(kind, id, what string)

	lock            sync.Mutex
	replied, logged map[string]entry
	// unsure are the requests that were cut off: the service may have answered them, or never seen them.
	unsure map[string]bool
}

func newPairs(complain func(kind, id, what string)) *pairs {
	return &pairs{complain: complain, replied: map[string]entry{}, logged: map[string]entry{}, unsure: map[string]bool{}}
}

func (p *pairs) reply(id string, e entry) { p.match(id, e, p.replied, p.logged) }
func (p *pairs) line(id string, e entry)  { p.match(id, e, p.logged, p.replied) }

func (p *pairs) match(id string, e entry, own, others map[string]entry) {
	p.lock.Lock()
	defer p.lock.Unlock()
	if _, twice := own[id]; twice {
		p.complain("log", id, "it came twice")
	}
	other, known := others[id]
	delete(others, id)
	if !known {
		own[id] = e
	} else if other != e {
		p.complain("log", id, fmt.Sprintf("reply and log differ: %+v and %+v", e, other))
	}
}

// mayCome notes a request that was cut off.
func (p *pairs) mayCome(id string) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.unsure[id] = true
}

// waiting counts the replies that have no line yet.
func (p *pairs) waiting() int {
	p.lock.Lock()
	defer p.lock.Unlock()
	return len(p.replied)
}

// settle complains about replies without a line and lines without a request. As many requests as cut may have been cut off
// before the service knew their id.
func (p *pairs) settle(cut int) {
	p.lock.Lock()
	defer p.lock.Unlock()
	for id, e := range p.replied {
		p.complain("log", id, fmt.Sprintf("it was answered and has no line in the log: %+v", e))
	}
	for id, e := range p.logged {
		isUnread := e.method == "" && (e.status == 400 || e.status == 408)
		if isUnread {
			cut--
		}
		if (!isUnread || cut < 0) && (!p.unsure[id] || e.status >= 500) {
			p.complain("log", id, fmt.Sprintf("the log has a request that nobody sent: %+v", e))
		}
	}
	clear(p.replied)
	clear(p.logged)
	clear(p.unsure)
}

// logReader reads the service's log while it is written, and holds each line to what is known. It keeps no line.
type logReader struct {
	pairs    *pairs
	complain func(kind, id, what string)
	// secrets must stand in no line.
	secrets   []string
	schedules map[string]*schedule

	lock    sync.Mutex
	counts  map[entry]int // the requests
	changes int           // of dependencies
}

// read reads until the log ends.
func (l *logReader) read(from io.Reader) error {
	lines := bufio.NewScanner(from)
	lines.Buffer(make([]byte, 64<<10), longestLine)
	for lines.Scan() {
		l.take(lines.Bytes())
	}
	return lines.Err()
}

func (l *logReader) take(text []byte) {
	if slices.ContainsFunc(l.secrets, func(secret string) bool { return bytes.Contains(text, []byte(secret)) }) {
		l.complain("log", "", "a line holds a secret or the beginning of a token")
	}
	var got struct {
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
	if err := json.Unmarshal(text, &got); err != nil {
		l.complain("log", "", "a line is no JSON object: "+err.Error())
		return
	}
	l.lock.Lock()
	defer l.lock.Unlock()
	switch got.Message {
	case "request":
		e := entry{got.Status, got.Method, got.Route}
		l.counts[e]++
		if got.Level != levelOf(e) {
			l.complain("log", got.CorrelationID, got.Level+" is the wrong level")
		}
		l.pairs.line(got.CorrelationID, e)
	case "dependency is up", "dependency is down":
		l.changes++
		words := []core.Fault{up} // of the embedded database
		if faults := l.schedules[got.Dependency]; faults != nil {
			words = faults.possible(got.Time, got.Time)
		}
		if !slices.Contains(words, got.Fault) {
			l.complain("log", "", fmt.Sprintf("%s is %q, which nothing explains", got.Dependency, got.Fault))
		}
	case "access refused", "started", "draining", "stopping", "closing", "stopped", "signing keys", "origin refused", "calibration began", "calibration ended":
	default:
		// The queue of jobs tells what it does, and on a busy machine that it is elected or resigns at the second attempt.
		if got.Level != "DEBUG" && !strings.HasPrefix(got.Message, "leadership.Elector: ") {
			l.complain("log", got.CorrelationID, "an unexpected line: "+string(text))
		}
	}
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
