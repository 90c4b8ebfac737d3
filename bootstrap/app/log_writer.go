package app

import (
	"bytes"
	"io"
	"sync"
	"time"
)

const (
	// logBatch is how much is written at once under load, in bytes: a system call for each line would cost a tenth of the
	// service's speed.
	logBatch = 64 << 10
	// logBuffer is how much may wait if stdout is not read, in bytes. Lines that do not fit are dropped.
	logBuffer = 1 << 20
	// logDelay is the longest wait of a line if stdout is read. A killed process loses that much of its log.
	logDelay = 100 * time.Millisecond
	// logFlush is how long the shutdown waits for the last lines to be written.
	logFlush = time.Second
)

// logWriter collects the log's lines and writes many of them at once, in a goroutine of its own, so that logging never
// waits for the reader of the log. Its methods may be called by many goroutines.
type logWriter struct {
	to io.Writer
	// told is called with how many lines were dropped, once lines can be written again. It may log.
	told func(lines uint64)

	// writing is full while to is written to, which may block for ever.
	writing chan struct{}

	// lock is never held during a write.
	lock sync.Mutex
	// lines are complete lines that wait; spare is the buffer for the next ones while those are written.
	lines, spare []byte
	// timer writes the waiting lines. It is set while there are any.
	timer *time.Timer
	// lost counts dropped lines since the start; reported is how many of them were reported to told.
	lost, reported uint64
}

func newLogWriter(to io.Writer, told func(lines uint64)) *logWriter {
	l := &logWriter{to: to, told: told, writing: make(chan struct{}, 1)}
	l.timer = time.AfterFunc(logDelay, l.write)
	l.timer.Stop()
	return l
}

// Write takes one line. It never waits and never fails, since an error of the log can't be reported anywhere.
func (l *logWriter) Write(line []byte) (int, error) {
	l.lock.Lock()
	defer l.lock.Unlock()
	before := len(l.lines)
	if before+len(line) > logBuffer {
		l.lost++
		return len(line), nil
	}
	l.lines = append(l.lines, line...)
	switch {
	case before < logBatch && len(l.lines) >= logBatch:
		l.timer.Reset(0)
	case before == 0:
		l.timer.Reset(logDelay)
	}
	return len(line), nil
}

// write writes the waiting lines, after the write that is under way.
func (l *logWriter) write() {
	l.writing <- struct{}{}
	defer func() { <-l.writing }()
	batch := l.take()
	if len(batch) == 0 {
		return
	}
	_, err := l.to.Write(batch)
	if lost := l.wrote(batch, err); lost > 0 {
		l.told(lost)
	}
}

func (l *logWriter) take() []byte {
	l.lock.Lock()
	defer l.lock.Unlock()
	batch := l.lines
	l.lines, l.spare = l.spare[:0], nil
	return batch
}

// wrote records the outcome of a batch, and returns how many dropped lines to report: none while lines can't be
// written.
func (l *logWriter) wrote(batch []byte, err error) (lost uint64) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if cap(batch) <= 2*logBatch { // a larger one is given back
		l.spare = batch
	}
	if err != nil {
		l.lost += uint64(bytes.Count(batch, []byte("\n"))) //nolint:gosec // a count is never negative
		return 0
	}
	if len(l.lines) > logBuffer/2 { // the line that tells of them may not fit
		return 0
	}
	lost = l.lost - l.reported
	l.reported = l.lost
	return lost
}

// dropped returns how many lines were lost since the start.
func (l *logWriter) dropped() uint64 {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.lost
}

// flush writes the waiting lines. It gives up after a second, so that the reader of the log can't block the shutdown.
func (l *logWriter) flush() {
	written := make(chan struct{})
	go func() {
		l.write()
		l.write() // what told has said
		close(written)
	}()
	late := time.NewTimer(logFlush)
	defer late.Stop()
	select {
	case <-written:
	case <-late.C:
	}
}
