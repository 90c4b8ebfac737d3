package main

import (
	"slices"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/faultproxy"
	"github.com/journey-os/journey-api/internal/testkit/faulttable"
)

const (
	healthInterval = 500 * time.Millisecond
	healthTimeout  = 800 * time.Millisecond
	// lookBack is how old the weather may be that a health report shows. The last result counts for interval, timeout and
	// half a second, and its check may have begun a timeout before. It may have met a connection that the weather before it
	// had broken, so that the one after it is the first to be right. The rest is for a machine that has much else to do.
	lookBack = 5 * time.Second
	// starved is how slow a reply has to be, whatever was asked, to show that the service did not get its share of this
	// machine: a check may come too late then for no fault of anybody's.
	starved = healthTimeout / 2
	// isUp is the word for a dependency that is up.
	isUp = core.Fault("")
)

// faults are those that come: all of the table but the one that is none.
func faults() []faultproxy.Fault {
	var coming []faultproxy.Fault
	for _, row := range faulttable.Rows() {
		if row.Fault != faultproxy.Pass() {
			coming = append(coming, row.Fault)
		}
	}
	return coming
}

// wordsUnder are what a health report may say of a dependency whose every check met fault: the table's word, and where a
// fault only takes time, that it took too long for a machine with so much else to do.
func wordsUnder(fault faultproxy.Fault) []core.Fault {
	for _, row := range faulttable.Rows() {
		switch {
		case row.Fault != fault:
		case row.Word == isUp && fault != faultproxy.Pass():
			return []core.Fault{isUp, core.FaultTimedOut}
		default:
			return []core.Fault{row.Word}
		}
	}
	return nil
}

// possible are the words that a report made between two times may hold. Where the service was starved, a check may have
// timed out. Where the weather changed, a kept connection may
// have broken in the middle of a check, or have told its reader to expect more than comes.
func (w *weather) possible(from, to time.Time) []core.Fault {
	var words []core.Fault
	held := w.between(from.Add(-lookBack), to)
	for _, fault := range held {
		words = append(words, wordsUnder(fault)...)
	}
	if len(held) > 1 {
		words = append(words, core.FaultUnreachable, core.FaultTimedOut)
	}
	if w.starved.Load() > from.Add(-lookBack).UnixNano() {
		words = append(words, core.FaultTimedOut)
	}
	slices.Sort(words)
	return slices.Compact(words)
}
