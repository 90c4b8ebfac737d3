package app

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// writes keeps what each write was given, and fails the next ones if it is told to.
type writes struct {
	lock sync.Mutex
	each []string
	fail int
}

// seen is what was written so far.
func (w *writes) seen() []string {
	w.lock.Lock()
	defer w.lock.Unlock()
	return slices.Clone(w.each)
}

func (w *writes) Write(p []byte) (int, error) {
	w.lock.Lock()
	defer w.lock.Unlock()
	if w.fail > 0 {
		w.fail--
		return 0, errors.New("no space left on device")
	}
	w.each = append(w.each, string(p))
	return len(p), nil
}

// nobody is told of lines that were dropped.
func nobody(uint64) {}

func TestLinesAreWrittenTogetherAfterAtMostATenthOfASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var to writes
		log := newLogWriter(&to, nobody)
		say := func(line string) {
			if n, err := log.Write([]byte(line)); n != len(line) || err != nil {
				t.Errorf("wrote %d: %v", n, err)
			}
		}
		pass := func(d time.Duration) { <-time.After(d); synctest.Wait() }
		say("a\n")
		pass(logDelay / 2)
		say("b\n")
		if early := to.seen(); len(early) > 0 {
			t.Errorf("too early: %q", early)
		}
		pass(logDelay / 2) // the delay of the first line, not of the last
		say("c\n")
		pass(logDelay)
		say("d\n")
		log.flush()
		log.flush()
		pass(logDelay)
		if diff := cmp.Diff([]string{"a\nb\n", "c\n", "d\n"}, to.seen()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestABatchIsWrittenAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var to writes
		log := newLogWriter(&to, nobody)
		half, long := strings.Repeat("x", logBatch/2+1), strings.Repeat("y", 2*logBatch)
		for _, line := range []string{half, half, long, "end"} {
			_, _ = log.Write([]byte(line))
			synctest.Wait()
		}
		if diff := cmp.Diff([]string{half + half, long}, to.seen()); diff != "" {
			t.Error(diff)
		}
		log.flush()
	})
}

// pipe is a writer that nobody reads until it is opened.
type pipe struct {
	writes
	open chan struct{}
}

func (p *pipe) Write(b []byte) (int, error) {
	<-p.open
	return p.writes.Write(b)
}

func TestNobodyWaitsForAReaderWhoDoesNotReadAndTheLogSaysWhatItLacks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &pipe{open: make(chan struct{})}
		var log *logWriter
		log = newLogWriter(to, func(lines uint64) { _, _ = fmt.Fprintf(log, "dropped %d\n", lines) })
		line := strings.Repeat("x", 1023) + "\n"
		began := time.Now()
		say := func(lines int) {
			for range lines {
				if n, err := log.Write([]byte(line)); n != len(line) || err != nil {
					t.Fatalf("wrote %d: %v", n, err)
				}
			}
		}
		say(64) // is being written
		synctest.Wait()
		say(logBuffer/len(line) + 7)
		if took := time.Since(began); took > 0 || log.dropped() != 7 {
			t.Errorf("it took %v, and %d lines were dropped", took, log.dropped())
		}
		close(to.open)
		<-time.After(2 * logDelay)
		synctest.Wait()
		written := strings.Join(to.seen(), "")
		if lines := strings.Count(written, line); lines != 64+logBuffer/len(line) || strings.Count(written, "dropped") != 1 || !strings.HasSuffix(written, "\ndropped 7\n") {
			t.Errorf("%d lines were written, and at the end %q", lines, written[max(0, len(written)-100):])
		}
		say(1)
		log.flush()
		if after := strings.Join(to.seen(), "")[len(written):]; after != line {
			t.Errorf("afterwards %q was written", after)
		}
	})
}

func TestTheEndDoesNotWaitForAReaderWhoDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &pipe{open: make(chan struct{})}
		log := newLogWriter(to, nobody)
		_, _ = log.Write([]byte("a\n"))
		began := time.Now()
		log.flush()
		if took := time.Since(began); took != logFlush {
			t.Errorf("it waited for %v", took)
		}
		close(to.open)
	})
}

func TestLinesThatCouldNotBeWrittenAreToldOfOnceOneCan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := writes{fail: 2}
		var told []uint64
		log := newLogWriter(&to, func(lines uint64) { told = append(told, lines) })
		for _, lines := range []string{"lost\nlost\n", "lost\n", "kept\n", "kept\n"} {
			_, _ = log.Write([]byte(lines))
			log.flush()
		}
		if diff := cmp.Diff([]string{"kept\n", "kept\n"}, to.seen()); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]uint64{3}, told); diff != "" || log.dropped() != 3 {
			t.Errorf("%d lines were dropped, and told of (-want +got):\n%s", log.dropped(), diff)
		}
	})
}
