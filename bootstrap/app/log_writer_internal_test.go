package app

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// writes keeps what each write was given, and fails the next ones where it is told to.
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

func TestLinesAreWrittenTogetherAfterAtMostATenthOfASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var to writes
		log := newLogWriter(&to)
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

func TestLinesThatFillTheBufferAreWrittenAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var to writes
		log := newLogWriter(&to)
		half, long := strings.Repeat("x", logBuffer/2+1), strings.Repeat("y", 2*logBuffer)
		for _, line := range []string{half, half, long, "end"} {
			_, _ = log.Write([]byte(line))
		}
		if diff := cmp.Diff([]string{half, half, long}, to.seen()); diff != "" {
			t.Error(diff)
		}
		log.flush()
	})
}

func TestALogThatCouldNotBeWrittenForAWhileGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := writes{fail: 1}
		log := newLogWriter(&to)
		for _, line := range []string{"lost\n", "kept\n"} {
			_, _ = log.Write([]byte(line))
			log.flush()
		}
		if diff := cmp.Diff([]string{"kept\n"}, to.seen()); diff != "" {
			t.Error(diff)
		}
	})
}
