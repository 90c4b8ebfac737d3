package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/journey-os/journey-api/internal/testkit/faultproxy"
)

// Faults last for shortestFault and up to as much again as faultSpread, and the calm between them likewise: both longer
// than lookBack, so that there are times at which one answer alone is right.
const (
	shortestFault, faultSpread = 5 * time.Second, 3 * time.Second
	shortestCalm, calmSpread   = 6 * time.Second, 3 * time.Second
)

// spell is one fault for as long as it held. Where it began and ended it overlaps with its neighbours, by as long as the
// change took; to is zero while it lasts.
type spell struct {
	fault    faultproxy.Fault
	from, to time.Time
}

// weather is what stands between the service and one dependency, and remembers what it did when.
type weather struct {
	name  string
	proxy *faultproxy.Proxy
	// starved is when the service last did not get its share of the machine, in nanoseconds.
	starved atomic.Int64

	lock   sync.Mutex
	spells []spell
}

func newWeather(name string, proxy *faultproxy.Proxy) *weather {
	return &weather{name: name, proxy: proxy, spells: []spell{{fault: faultproxy.Pass(), from: time.Now()}}}
}

// turn lets another fault hold from now on.
func (w *weather) turn(fault faultproxy.Fault) error {
	began := time.Now()
	w.lock.Lock()
	w.spells = append(w.spells, spell{fault: fault, from: began})
	w.lock.Unlock()
	err := w.proxy.Set(fault)
	w.lock.Lock()
	defer w.lock.Unlock()
	w.spells[len(w.spells)-2].to = time.Now()
	return err
}

// between lists the faults that held at some moment from one time to another.
func (w *weather) between(from, to time.Time) []faultproxy.Fault {
	w.lock.Lock()
	defer w.lock.Unlock()
	var held []faultproxy.Fault
	for _, s := range slices.Backward(w.spells) {
		if !s.to.IsZero() && s.to.Before(from) {
			break
		}
		if !s.from.After(to) {
			held = append(held, s.fault)
		}
	}
	return held
}

// wasCalm reports whether nothing but Pass held.
func (w *weather) wasCalm(from, to time.Time) bool {
	return !slices.ContainsFunc(w.between(from, to), func(f faultproxy.Fault) bool { return f != faultproxy.Pass() })
}

// change lets faults come and go until ctx ends, in an order that the dice give, and leaves calm behind.
func (w *weather) change(ctx context.Context, dice *rand.Rand) error {
	var coming []faultproxy.Fault
	for {
		if !pause(ctx, roll(dice, shortestCalm, calmSpread)) {
			return nil
		}
		if len(coming) == 0 { // all of them come before one comes again
			coming = faults()
			dice.Shuffle(len(coming), func(i, j int) { coming[i], coming[j] = coming[j], coming[i] })
		}
		fault := coming[0]
		coming = coming[1:]
		length := roll(dice, shortestFault, faultSpread)
		if err := w.turn(fault); err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		pause(ctx, length)
		if err := w.turn(faultproxy.Pass()); err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
	}
}

// history is how often each fault came, in words.
func (w *weather) history() string {
	w.lock.Lock()
	defer w.lock.Unlock()
	times := map[string]int{}
	for _, s := range w.spells {
		if s.fault != faultproxy.Pass() {
			times[s.fault.String()]++
		}
	}
	var words []string
	for _, fault := range faults() {
		if count := times[fault.String()]; count > 0 {
			words = append(words, fmt.Sprintf("%s %d", fault, count))
		}
	}
	return strings.Join(words, ", ")
}

// came counts the faults so far.
func (w *weather) came() int {
	w.lock.Lock()
	defer w.lock.Unlock()
	return len(w.spells) / 2
}

func roll(dice *rand.Rand, shortest, spread time.Duration) time.Duration {
	return shortest + time.Duration(dice.Int64N(int64(spread)))
}

// pause waits; false means that ctx ended first.
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
