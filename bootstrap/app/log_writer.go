package app

import (
	"io"
	"sync"
	"time"
)

const (
	// logBuffer is what may wait to be written, in bytes.
	logBuffer = 64 << 10
	// logDelay is how long a line waits at most. A process that is killed loses that much of its log.
	logDelay = 100 * time.Millisecond
)

// logWriter collects the log's lines and writes many of them at once: a system call for each would cost a tenth of the
// service's speed.
type logWriter struct {
	to   io.Writer
	lock sync.Mutex
	// lines are whole ones. While there are any, the flusher is set.
	lines   []byte
	flusher *time.Timer
}

func newLogWriter(to io.Writer) *logWriter {
	l := &logWriter{to: to, lines: make([]byte, 0, logBuffer)}
	l.flusher = time.AfterFunc(logDelay, l.flush)
	l.flusher.Stop()
	return l
}

// Write takes one line. It never fails: a log that can't be written has nobody left to tell, and the next line may fit
// again.
func (l *logWriter) Write(line []byte) (int, error) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if len(l.lines)+len(line) > logBuffer {
		l.write()
	}
	if len(l.lines) == 0 {
		l.flusher.Reset(logDelay)
	}
	l.lines = append(l.lines, line...)
	return len(line), nil
}

// flush writes what waits.
func (l *logWriter) flush() {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.flusher.Stop()
	l.write()
}

func (l *logWriter) write() {
	if len(l.lines) > 0 {
		_, _ = l.to.Write(l.lines)
		l.lines = l.lines[:0]
	}
}
