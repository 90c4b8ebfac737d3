package main

import (
	"slices"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/faultproxy"
)

const (
	healthInterval = 500 * time.Millisecond
	healthTimeout  = 800 * time.Millisecond
	// lookBack is how old the weather may be that a health report shows. The last result counts for interval, timeout and
	// half a second, and its check may have begun a timeout before. It may have met a connection that the weather before it
	// had broken, so that the one after it is the first to be right. The rest is for a machine that has much else to do.
	lookBack = 5 * time.Second
	// wellAgain is the word for a dependency that is up.
	wellAgain = core.Fault("")
)

const (
	tooLate   = 2 * time.Second        // beyond healthTimeout
	someDelay = 100 * time.Millisecond // a probe may survive it, or not
	byteDelay = 200 * time.Millisecond // no reply of any size comes in time
)

// faults are those that come.
func faults() []faultproxy.Fault {
	return []faultproxy.Fault{
		faultproxy.Refuse(), faultproxy.Swallow(), faultproxy.Silent(), faultproxy.Delay(tooLate), faultproxy.Delay(someDelay),
		faultproxy.Trickle(byteDelay), faultproxy.ResetAfter(0), faultproxy.ResetAfter(10),
		faultproxy.HalfCloseAfter(0), faultproxy.HalfCloseAfter(10), faultproxy.WrongBytes(),
	}
}

// wordsUnder are what a health report may say of a dependency whose every check met fault.
func wordsUnder(fault faultproxy.Fault) []core.Fault {
	switch fault {
	case faultproxy.Pass():
		return []core.Fault{wellAgain}
	case faultproxy.Refuse(): // the first check may find its kept connection closed
		return []core.Fault{core.FaultConnectionRefused, core.FaultUnreachable}
	case faultproxy.Swallow(), faultproxy.Silent(), faultproxy.Delay(tooLate), faultproxy.Trickle(byteDelay):
		return []core.Fault{core.FaultTimedOut}
	case faultproxy.Delay(someDelay):
		return []core.Fault{wellAgain, core.FaultTimedOut}
	case faultproxy.WrongBytes(): // a length on a kept connection that is wrong may keep its reader waiting
		return []core.Fault{core.FaultServerError, core.FaultTimedOut}
	default: // cut short
		return []core.Fault{core.FaultUnreachable}
	}
}

// possible are the words that a report made between two times may hold.
func (w *weather) possible(from, to time.Time) []core.Fault {
	var words []core.Fault
	held := w.between(from.Add(-lookBack), to)
	for _, fault := range held {
		words = append(words, wordsUnder(fault)...)
	}
	if len(held) > 1 { // a kept connection was closed, in the middle of a check perhaps
		words = append(words, core.FaultUnreachable)
	}
	slices.Sort(words)
	return slices.Compact(words)
}
