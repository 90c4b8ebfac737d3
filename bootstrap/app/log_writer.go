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
	// logBuffer is how much may wait for a reader who does not read, in bytes. Lines that do not fit are dropped.
	logBuffer = 1 << 20
	// logDelay is how long a line waits at most if it can be written. A process that is killed loses that much of its log.
	logDelay = 100 * time.Millisecond
	// logFlush is how long the end of the service waits for the last lines to be written.
	logFlush = time.Second
)

// logWriter collects the log's lines and writes many of them at once, in a goroutine of its own: nobody who logs waits
// for whoever reads the log. Its methods may be called by many goroutines.
type logWriter struct {
	to io.Writer
	// told hears how many lines were dropped, once lines can be written again. It may log.
	told func(lines uint64)

	// writing is full while to is written to, which may last for ever.
	writing chan struct{}

	// lock is never held while anybody waits.
	lock sync.Mutex
	// lines are whole ones that wait; spare is the buffer for the next ones while those are written.
	lines, spare []byte
	// timer writes what waits. It is set while anything does.
	timer *time.Timer
	// lost counts lines since the start; reported is how many of them told knows of.
	lost, reported uint64
}

func newLogWriter(to io.Writer, told func(lines uint64)) *logWriter {
	l := &logWriter{to: to, told: told, writing: make(chan struct{}, 1)}
	l.timer = time.AfterFunc(logDelay, l.write)
	l.timer.Stop()
	return l
}

// Write takes one line. It never waits and never fails: a log that can't be written has nobody left to tell.
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

// write writes what waits, after the write that is under way.
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

// wrote notes what became of a batch, and returns how many lines to tell of: none while they can't be written.
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

// dropped is how many lines were lost since the start.
func (l *logWriter) dropped() uint64 {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.lost
}

// flush writes what waits. It gives up after a second: whoever reads the log can't hold up the end.
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
