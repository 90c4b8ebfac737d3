package soak

import (
	"bufio"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/process"
)

const (
	// longestLine is more than any line of the log has, a stack included.
	longestLine = 256 << 10
	// mayCome begins the ids of requests that may be cut off: the service may have answered them, or never seen them.
	mayCome = "cut-"
)

// entry is what is said of one request: by its reply, or by its line in the log.
type entry struct {
	status        int
	method, route string
}

// serviceLog reads the service's log while it is written, holds each line to what is known, and matches each reply with
// its line, whichever comes first, by correlation id. It keeps what has no pair.
type serviceLog struct {
	*soak
	lock            sync.Mutex
	replied, logged map[string]entry
	counts          map[entry]int // the requests
	unjudged        []logLine     // the last changes of dependencies
}

// reply notes a reply that came.
func (l *serviceLog) reply(id string, e entry) {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.match(id, e, l.replied, l.logged)
}

func (l *serviceLog) match(id string, e entry, own, others map[string]entry) {
	if _, twice := own[id]; twice {
		l.complain("log", id, "it came twice")
	}
	other, isKnown := others[id]
	delete(others, id)
	if !isKnown {
		own[id] = e
	} else if other != e {
		l.complain("log", id, "reply and log differ: %+v and %+v", e, other)
	}
}

// settle complains about replies without a line, lines without a request, and faults that nothing explains. As many
// requests as cut may have been cut off before the service knew their id.
func (l *serviceLog) settle(cut int) {
	l.lock.Lock()
	defer l.lock.Unlock()
	for id, e := range l.replied {
		l.complain("log", id, "it was answered and has no line in the log: %+v", e)
	}
	for id, e := range l.logged {
		isUnread := e.method == "" && (e.status == 400 || e.status == 408)
		if isUnread {
			cut--
		}
		if (!isUnread || cut < 0) && (!strings.HasPrefix(id, mayCome) || e.status >= 500) {
			l.complain("log", id, "the log has a request that nobody sent: %+v", e)
		}
	}
	for _, line := range l.unjudged {
		if !slices.Contains(l.possible(line.Dependency, line.Time, line.Time), line.Fault) {
			l.complain("log", "", "nothing explains this: %+v", line)
		}
	}
	clear(l.replied)
	clear(l.logged)
	l.unjudged = nil
}

// read reads until the log ends.
func (l *serviceLog) read(from io.Reader) error {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, longestLine)
	for lines.Scan() {
		var line logLine
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			l.complain("log", "", "a line is no JSON object: %v", err)
		} else if complaint := l.take(line, lines.Text()); complaint != "" {
			l.complain("log", line.CorrelationID, "%s: %.1000s", complaint, lines.Text())
		}
	}
	return lines.Err()
}

// logLine is what is read of a line.
type logLine struct {
	Time                                  time.Time
	Level, Msg, Method, Route, Dependency string
	CorrelationID                         string `json:"correlation_id"`
	Status                                int
	Fault                                 core.Fault
}

// take returns what is wrong with a line.
func (l *serviceLog) take(line logLine, text string) string {
	l.lock.Lock()
	defer l.lock.Unlock()
	for _, secret := range []string{l.secret, plantedKey, plantedPassword, plantedEmail, "eyJ"} { // all tokens begin so
		if strings.Contains(text, secret) {
			return "a line holds a secret"
		}
	}
	switch line.Msg {
	case "request":
		e := entry{line.Status, line.Method, line.Route}
		l.counts[e]++
		l.match(line.CorrelationID, e, l.logged, l.replied)
	case "dependency is up", "dependency is down":
		l.unjudged = append(l.unjudged, line)
	case "access refused", "started", "draining", "stopping", "closing", "stopped", "signing keys", "origin refused",
		"calibration began", "calibration ended":
	default:
		// The queue of jobs tells what it does, and on a busy machine that it is elected or resigns at the second attempt.
		if line.Level != "DEBUG" && !strings.HasPrefix(line.Msg, "leadership.Elector: ") {
			return "an unexpected line"
		}
	}
	return ""
}

// compare holds what the metrics counted to what the log has, request by request.
func (l *serviceLog) compare(m process.Metrics) {
	l.lock.Lock()
	defer l.lock.Unlock()
	for _, one := range m["http_server_request_duration_seconds"].GetMetric() {
		labels := map[string]string{}
		for _, label := range one.GetLabel() {
			labels[label.GetName()] = label.GetValue()
		}
		e := entry{method: labels["http_request_method"], route: labels["http_route"]}
		e.status, _ = strconv.Atoi(labels["http_response_status_code"])
		if e.method == "" { // what could not be read has no route in the log
			e.route = ""
		}
		l.counts[e] -= int(one.GetHistogram().GetSampleCount())
	}
	for e, count := range l.counts {
		if count != 0 {
			l.complain("metrics", "", "%+v stands %+d times in the log beside the metrics", e, count)
		}
	}
}
