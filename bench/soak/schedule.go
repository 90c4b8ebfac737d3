package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/faultproxy"
	"github.com/journey-os/journey-api/internal/testkit/faulttable"
)

const (
	healthInterval = 500 * time.Millisecond
	healthTimeout  = 800 * time.Millisecond
	// lookBack is how old the fault may be that a health report shows. The last result counts for interval, timeout and half
	// a second; its check may have begun a timeout before, on a connection that the fault before it had broken. The rest is
	// for a machine that has much else to do.
	lookBack = 5 * time.Second
	// Faults, and the times without one, last longer than lookBack: at times one answer alone is right.
	shortestFault, faultSpread = 5 * time.Second, 3 * time.Second
	shortestPass, passSpread   = 6 * time.Second, 3 * time.Second
	// up is the word for a dependency that is up.
	up = core.Fault("")
)

// period is how long one fault held. It overlaps with its neighbours by as long as the change took; to is zero while it
// lasts.
type period struct {
	fault    faultproxy.Fault
	from, to time.Time
}

// schedule is the faults in front of one dependency: it sets them, and remembers when which one held.
type schedule struct {
	name    string
	proxy   *faultproxy.Proxy
	book    *book
	stalled *atomic.Int64
	// certain counts the health replies of which one alone was right.
	certain atomic.Int64

	lock    sync.Mutex
	periods []period
}

func newSchedule(name string, proxy *faultproxy.Proxy, book *book, stalled *atomic.Int64) *schedule {
	return &schedule{name: name, proxy: proxy, book: book, stalled: stalled, periods: []period{{from: time.Now()}}}
}

// set lets another fault hold from now on.
func (s *schedule) set(fault faultproxy.Fault) error {
	s.lock.Lock()
	s.periods = append(s.periods, period{fault: fault, from: time.Now()})
	s.lock.Unlock()
	err := s.proxy.Set(fault)
	s.lock.Lock()
	defer s.lock.Unlock()
	s.periods[len(s.periods)-2].to = time.Now()
	return err
}

// between lists the faults that held at some moment from one time to another.
func (s *schedule) between(from, to time.Time) (held []faultproxy.Fault) {
	s.lock.Lock()
	defer s.lock.Unlock()
	for _, one := range slices.Backward(s.periods) {
		if !one.to.IsZero() && one.to.Before(from) {
			break
		}
		if !one.from.After(to) {
			held = append(held, one.fault)
		}
	}
	return held
}

// passed reports whether there was no fault.
func (s *schedule) passed(from, to time.Time) bool {
	return !slices.ContainsFunc(s.between(from, to), func(f faultproxy.Fault) bool { return f != faultproxy.Pass() })
}

// run sets faults until ctx ends, each of them before one comes again, and leaves none behind.
func (s *schedule) run(ctx context.Context, dice *rand.Rand) error {
	for {
		coming := faultyRows()
		dice.Shuffle(len(coming), func(i, j int) { coming[i], coming[j] = coming[j], coming[i] })
		for _, next := range coming {
			if !pause(ctx, roll(dice, shortestPass, passSpread)) {
				return nil
			}
			s.book.count("faults in front of "+s.name, next.Fault.String())
			err := s.set(next.Fault)
			pause(ctx, roll(dice, shortestFault, faultSpread))
			if err == nil {
				err = s.set(faultproxy.Pass())
			}
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
	}
}

// faultyRows are those of the table that have a fault.
func faultyRows() []faulttable.Row {
	return slices.DeleteFunc(faulttable.Rows(), func(r faulttable.Row) bool { return r.Fault == faultproxy.Pass() })
}

// wordsUnder are what a health report may show of a dependency whose every check met fault: the table's word, and if a
// fault only takes time, that it took too long for a machine that has much else to do.
func wordsUnder(fault faultproxy.Fault) []core.Fault {
	for _, row := range faulttable.Rows() {
		if row.Fault == fault && row.Word == up && fault != faultproxy.Pass() {
			return []core.Fault{up, core.FaultTimedOut}
		} else if row.Fault == fault {
			return []core.Fault{row.Word}
		}
	}
	return nil
}

// possible are the words that a report made between two times may show. After a stall a check may have timed out. After a
// change a kept connection may have broken in the middle of a check, or have told its reader to expect more than comes.
func (s *schedule) possible(from, to time.Time) []core.Fault {
	var words []core.Fault
	held := s.between(from.Add(-lookBack), to)
	for _, fault := range held {
		words = append(words, wordsUnder(fault)...)
	}
	if len(held) > 1 {
		words = append(words, core.FaultUnreachable, core.FaultTimedOut)
	}
	if s.stalled.Load() > from.Add(-lookBack).UnixNano() {
		words = append(words, core.FaultTimedOut)
	}
	slices.Sort(words)
	return slices.Compact(words)
}

func newDice(seed, number uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, number)) }

func roll(dice *rand.Rand, shortest, spread time.Duration) time.Duration {
	return shortest + time.Duration(dice.Int64N(int64(spread)))
}

// pause reports whether it could wait for so long before ctx ended.
func pause(ctx context.Context, length time.Duration) bool {
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
