// Package faulttable is what the service reports under every network fault of faultproxy: one table, against which the
// three clients of external systems and the whole service are tested, with stand-ins and with the real servers.
package faulttable

import (
	"sync"
	"testing"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/faultproxy"
)

// Row is one fault and its expected effects.
type Row struct {
	Fault faultproxy.Fault
	// Word is the public word for a dependency behind it, "" if it is up. It is the same for Neo4j, Supabase and the
	// endpoint of the signing keys, so that operators need not know their protocols.
	Word core.Fault
	// Lasts reports whether a check ends at its deadline, and not at once.
	Lasts bool
	// LargeReplies reports whether the row holds for replies of any length; trickling one takes a while for each byte.
	LargeReplies bool
}

// Goroutines is how many goroutines the service has at most for both dependencies, beyond those without a fault: a
// hanging check has its own goroutine and those of its client's connection (three with net/http, and two of the one
// before). They do not add up over time.
const Goroutines = 6

// soon is well within every deadline, and never is beyond every one.
const (
	soon     = 20 * time.Millisecond
	byteSoon = time.Millisecond
	never    = time.Hour
)

// cutAfter is in the middle of the first messages that Neo4j sends, and of a reply's headers.
const cutAfter = 20

// Rows is the table. For operators, a reply that is cut at its first bytes is the same as one that is cut later: the
// connection broke.
func Rows() []Row {
	const (
		refused     = core.FaultConnectionRefused
		timedOut    = core.FaultTimedOut
		unreachable = core.FaultUnreachable
		server      = core.FaultServerError
	)
	return []Row{
		//                                     lasts until    replies of
		// fault             word              the deadline   any length
		{faultproxy.Pass(), "", false, true},
		{faultproxy.Delay(soon), "", false, true},
		{faultproxy.Trickle(byteSoon), "", false, false},
		{faultproxy.Refuse(), refused, false, true},
		{faultproxy.Swallow(), timedOut, true, true},
		{faultproxy.Silent(), timedOut, true, true},
		{faultproxy.Delay(never), timedOut, true, true},
		{faultproxy.Trickle(never), timedOut, true, true},
		{faultproxy.ResetAfter(0), unreachable, false, true},
		{faultproxy.ResetAfter(cutAfter), unreachable, false, true},
		{faultproxy.HalfCloseAfter(0), unreachable, false, true},
		{faultproxy.HalfCloseAfter(cutAfter), unreachable, false, true},
		{faultproxy.WrongBytes(), server, false, true},
	}
}

// Run gives each row to a test of its own, all of them at once: most only wait.
func Run(t *testing.T, hold func(t *testing.T, row Row)) {
	t.Helper()
	var running sync.WaitGroup
	defer running.Wait()
	for _, row := range Rows() {
		running.Go(func() { t.Run(row.Fault.String(), func(t *testing.T) { hold(t, row) }) })
	}
}
