package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/health"
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

// period is a row of the table of faults that held from a time on, until the next one.
type period struct {
	faulttable.Row
	from time.Time
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
	return &schedule{name: name, proxy: proxy, book: book, stalled: stalled, periods: []period{{faulttable.Rows()[0], time.Now()}}}
}

// set lets another fault hold from now on.
func (s *schedule) set(row faulttable.Row) error {
	s.lock.Lock()
	s.periods = append(s.periods, period{row, time.Now()})
	s.lock.Unlock()
	return s.proxy.Set(row.Fault)
}

// between lists what held at some moment from one time to another.
func (s *schedule) between(from, to time.Time) (held []period) {
	s.lock.Lock()
	defer s.lock.Unlock()
	for _, one := range slices.Backward(s.periods) {
		if !one.from.After(to) {
			held = append(held, one)
		}
		if one.from.Before(from) {
			break
		}
	}
	return held
}

// passed reports whether there was no fault.
func (s *schedule) passed(from, to time.Time) bool {
	return !slices.ContainsFunc(s.between(from, to), func(p period) bool { return p.Fault != faultproxy.Pass() })
}

// run sets faults until ctx ends, each of them before one comes again, and leaves none behind. The first of the table is
// that there is none.
func (s *schedule) run(ctx context.Context, dice *rand.Rand) error {
	for {
		pass, coming := faulttable.Rows()[0], faulttable.Rows()[1:]
		dice.Shuffle(len(coming), func(i, j int) { coming[i], coming[j] = coming[j], coming[i] })
		for _, next := range coming {
			if !pause(ctx, roll(dice, shortestPass, passSpread)) {
				return nil
			}
			s.book.count("faults in front of "+s.name, next.Fault.String())
			err := s.set(next)
			pause(ctx, roll(dice, shortestFault, faultSpread))
			if err == nil {
				err = s.set(pass)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
	}
}

// possible are the words that a report made between two times may show: those of the faults, and if a fault only takes
// time, that it took too long for a machine that has much else to do. After a stall a check may have timed out. After a
// change a kept connection may have broken in the middle of a check, or have told its reader to expect more than comes.
func (s *schedule) possible(from, to time.Time) (words []core.Fault) {
	held := s.between(from.Add(-lookBack), to)
	for _, one := range held {
		if words = append(words, one.Word); one.Word == up && one.Fault != faultproxy.Pass() {
			words = append(words, core.FaultTimedOut)
		}
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

// explains judges a reply by the words that are possible, and counts those of which one alone is right.
func (s *schedule) explains(r *reply, fits func([]core.Fault) bool) string {
	words := s.possible(r.sent, r.received)
	if !fits(words) {
		return fmt.Sprintf("%s, of which %q was possible", s.name, words)
	}
	if len(words) == 1 {
		s.certain.Add(1)
	}
	return ""
}

type dependency struct {
	Status  health.Status `json:"status"`
	Latency *float64      `json:"latency_ms"`
	Error   core.Fault    `json:"error"`
}

// isHealth judges GET /health by the faults of the last seconds. Neo4j is required.
func isHealth(s *scenario, _ *dice, c *call) {
	c.accept = func(r *reply) string {
		var got struct {
			Dependencies struct{ Database, Neo4j, Supabase dependency } `json:"dependencies"`
		}
		if err := json.Unmarshal(r.data, &got, json.MatchCaseInsensitiveNames(true)); err != nil {
			return "it is no report: " + err.Error()
		}
		all := got.Dependencies
		status, code := health.StatusOK, http.StatusOK
		if all.Neo4j.Status != health.StatusOK {
			status, code = health.StatusError, http.StatusServiceUnavailable
		} else if all.Supabase.Status != health.StatusOK {
			status = health.StatusDegraded
		}
		if r.status != code || all.Database.Status != health.StatusOK { // there are no faults in front of the embedded database
			return fmt.Sprintf("it should be %d: %+v", code, all)
		}
		for shown, faults := range map[*dependency]*schedule{&all.Neo4j: s.neo4j, &all.Supabase: s.supabase} {
			isUp := shown.Status == health.StatusOK
			if isUp != (shown.Latency != nil) || isUp != (shown.Error == up) {
				return fmt.Sprintf("%s is up or down: %+v", faults.name, *shown)
			}
			if complaint := faults.explains(r, func(words []core.Fault) bool { return slices.Contains(words, shown.Error) }); complaint != "" {
				return complaint
			}
		}
		return r.differs(members{"status": status, "dependencies": nil}, "version", "timestamp", "uptime_seconds", "dependencies")
	}
}

// isReady judges GET /health/ready.
func isReady(s *scenario, _ *dice, c *call) {
	c.accept = func(r *reply) string {
		return s.neo4j.explains(r, func(words []core.Fault) bool {
			mayBeUp := slices.Contains(words, up)
			mayBeDown := len(words) > 1 || !mayBeUp
			return r.status == http.StatusOK && mayBeUp || r.is(http.StatusServiceUnavailable, core.CodeUnavailable, core.ReasonDependencyUnavailable) && mayBeDown
		})
	}
}

func newDice(seed, number uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, number)) }

func roll(dice *rand.Rand, shortest, spread time.Duration) time.Duration {
	return shortest + time.Duration(dice.Int64N(int64(spread)))
}

// pause reports whether it could wait for so long before ctx ended.
func pause(ctx context.Context, length time.Duration) bool {
	select {
	case <-time.After(length):
		return true
	case <-ctx.Done():
		return false
	}
}
