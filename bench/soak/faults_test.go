package soak

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/faultproxy"
	"github.com/journey-os/journey-api/internal/testkit/faulttable"
)

const (
	healthInterval, healthTimeout = 500 * time.Millisecond, 1500 * time.Millisecond
	// lookBack is how old the fault may be that a health report shows. The last result counts for interval, timeout and half
	// a second; its check may have begun a timeout before, on a connection that the fault before it had broken. The rest is
	// for a machine that has much else to do.
	lookBack = 5 * time.Second
	// lateness is how much later than what it causes a stall may be noticed.
	lateness = time.Second
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
	lock    sync.Mutex
	periods []period
}

// between lists what held at some moment from one time to another.
func (s *schedule) between(from, to time.Time) (held []period) {
	if s == nil {
		return nil
	}
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
func (s *schedule) run(ctx context.Context, dice *rand.Rand, told *book) {
	set := func(row faulttable.Row) {
		s.lock.Lock()
		s.periods = append(s.periods, period{row, time.Now()})
		s.lock.Unlock()
		if err := s.proxy.Set(row.Fault); err != nil {
			told.complain("faults", s.name, "%v", err)
		}
	}
	for rows := faulttable.Rows(); ctx.Err() == nil; {
		dice.Shuffle(len(rows)-1, func(i, j int) { rows[1+i], rows[1+j] = rows[1+j], rows[1+i] })
		for _, row := range rows[1:] {
			if pause(ctx, roll(dice, shortestPass, passSpread)) {
				told.count("faults in front of "+s.name, row.Fault.String())
				set(row)
				pause(ctx, roll(dice, shortestFault, faultSpread))
				set(rows[0])
			}
		}
	}
}

// possible are the words that a report made between two times may show: those of the faults, and if a fault only takes
// time, that it took too long for a machine that has much else to do. After a stall a check may have timed out. After a
// change a kept connection may have broken in the middle of a check, or have told its reader to expect more than comes.
func (s *soak) possible(name string, from, to time.Time) (words []core.Fault) {
	if name == "database" { // which is embedded, and has no faults
		words = append(words, up)
	}
	held := s.schedules[name].between(from.Add(-lookBack), to)
	for _, one := range held {
		if words = append(words, one.Word); one.Word == up && one.Fault != faultproxy.Pass() {
			words = append(words, core.FaultTimedOut)
		}
	}
	if len(held) > 1 {
		words = append(words, core.FaultUnreachable, core.FaultTimedOut)
	}
	if s.hasStalled(from.Add(-lookBack), to.Add(lateness)) {
		words = append(words, core.FaultTimedOut)
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// explains judges what a reply shows of a dependency, by whether one of the possible words is right.
func (s *soak) explains(name string, r *reply, isRight func(core.Fault) bool) string {
	words := s.possible(name, r.sent, r.received)
	s.count("health, by how many words were possible", strconv.Itoa(len(words)))
	if !slices.ContainsFunc(words, isRight) {
		return fmt.Sprintf("%s, of which %q was possible", name, words)
	}
	return ""
}

// isHealth judges GET /health by the faults of the last seconds. Neo4j is required.
func isHealth(c *call) {
	c.judge = func(r *reply) string {
		var got struct {
			Dependencies map[string]struct{ Error core.Fault }
		}
		_ = json.Unmarshal(r.envelope.Data, &got)
		outcome, overall, dependencies := "200", "ok", members{}
		for _, name := range []string{"database", "supabase", "neo4j"} {
			shown := got.Dependencies[name].Error
			dependencies[name] = members{"status": "ok"}
			if shown != up {
				overall = "degraded"
				dependencies[name] = members{"status": "error", "latency_ms": nil, "error": shown}
			}
			if shown != up && name == "neo4j" {
				outcome, overall = "503", "error"
			}
			if complaint := c.explains(name, r, func(word core.Fault) bool { return word == shown }); complaint != "" {
				return complaint
			}
		}
		if r.outcome != outcome {
			return "it should be " + outcome
		}
		return members{"status": overall, "dependencies": dependencies}.MissingIn(r.envelope.Data)
	}
}

// isReady judges GET /health/ready, which shows no word.
func isReady(c *call) {
	c.judge = func(r *reply) string {
		if r.outcome != "200" && r.outcome != unavailable+"dependency_unavailable" {
			return "it should be 200, or 503 dependency_unavailable"
		}
		return c.explains("neo4j", r, func(word core.Fault) bool { return (word == up) == (r.outcome == "200") })
	}
}
