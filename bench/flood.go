package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/journey-os/journey-api/bench/figures"
	"github.com/journey-os/journey-api/ports/portstest"
)

const (
	floodRate = 5_000 // forged tokens a second
	// floodConnections are more than the requests that the service serves at once: were a flood made to wait without a
	// limit, nobody else would be served.
	floodConnections = 1_100
	// lookPause lies between two looks at the service's diagnostics.
	lookPause = 20 * time.Millisecond
)

// flood is forged tokens beside good callers: each has the form of a good one, and the project never made its signature.
type flood struct {
	label string
	forge func() string

	// beside is what good callers got in each round, refused how many forged tokens were answered in it.
	beside  []run
	refused []int
	// resident is the service's memory in bytes, before the first round and after each.
	resident []int64
	// atOnce is the most verifications seen at one moment, permits what the service says is the most there can be, and
	// looks how often it was asked.
	atOnce, permits, looks int
}

func newFloods(c credentials) []*flood {
	return []*flood{
		{label: "HS256", forge: c.newHS256(portstest.OtherSecret)},
		{label: "ES256", forge: c.newES256(portstest.NewES256Key(c.key.ID))},
	}
}

// measureFloods lets good callers send alone, and then beside each flood in turn.
func (f *field) measureFloods(ctx context.Context) error {
	good := f.rows[0]
	for range rounds {
		alone, err := loadFor(good.server.address, good.next, roundLength)
		if err != nil {
			return fmt.Errorf("%s: %w", good.label, err)
		}
		f.alone = append(f.alone, alone)
		for _, one := range f.floods {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := f.measureFlood(one, good); err != nil {
				return fmt.Errorf("%s-forged tokens: %w", one.label, err)
			}
			if err := good.server.forgetLog(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *field) measureFlood(forged *flood, good *row) error {
	requests := make([][]byte, floodRate*roundLength/time.Second)
	for i := range requests {
		requests[i] = requestFor("/api/me", forged.forge())
	}
	if forged.resident == nil {
		forged.resident = []int64{good.server.Resident()}
	}
	ctx, cancel := context.WithTimeout(context.Background(), roundLength)
	defer cancel()
	var (
		flooding          sync.WaitGroup
		refused           int
		floodErr, lookErr error
	)
	flooding.Go(func() { refused, floodErr = sendForged(ctx, good.server.address, requests) })
	flooding.Go(func() { lookErr = f.watch(ctx, forged) })
	beside, err := loadFor(good.server.address, good.next, roundLength, http.StatusServiceUnavailable)
	flooding.Wait()
	forged.beside, forged.refused = append(forged.beside, beside), append(forged.refused, refused)
	forged.resident = append(forged.resident, good.server.Resident())
	return cmp.Or(err, floodErr, lookErr)
}

// sendForged sends one request after the other, each when it is due at floodRate or as soon after that as a connection
// is free, until ctx ends. Each has to be refused, with a 401, or with a 503 where the service has no time for it.
func sendForged(ctx context.Context, address string, requests [][]byte) (refused int, err error) {
	opened, err := dialAll(address, floodConnections, time.Now().Add(stageLimit))
	defer closeAll(opened)
	if err != nil {
		return 0, err
	}
	var (
		taken, answered atomic.Int64
		sending         sync.WaitGroup
		faults          = make([]error, len(opened))
		began           = time.Now()
	)
	for i, c := range opened {
		c.accepts = []int{http.StatusUnauthorized, http.StatusServiceUnavailable}
		sending.Go(func() {
			for ctx.Err() == nil && faults[i] == nil {
				next := int(taken.Add(1)) - 1
				if next >= len(requests) {
					return
				}
				time.Sleep(time.Until(began.Add(time.Duration(next) * time.Second / floodRate)))
				if faults[i] = c.exchange(requests[next]); faults[i] == nil {
					answered.Add(1)
				}
			}
		})
	}
	sending.Wait()
	return int(answered.Load()), cmp.Or(faults...)
}

func (f *field) watch(ctx context.Context, forged *flood) error {
	var lastErr error
	for ctx.Err() == nil {
		known, err := f.diagnose()
		if err != nil {
			lastErr = err // it may be turned away, as any caller
		}
		for _, pool := range known.Data.Pools {
			if pool.Name == "token verifications" {
				forged.atOnce, forged.permits = max(forged.atOnce, pool.InUse), pool.Capacity
				forged.looks++
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(lookPause):
		}
	}
	if forged.looks == 0 {
		return fmt.Errorf("read the diagnostics: %w", lastErr)
	}
	return nil
}

func (f *field) floodFigures() string {
	lines := [][]string{{"good callers", "requests/s", "p50 ms", "p99 ms", "kept", "turned away", "forged/s", "verified at once", "resident MB"}}
	lines = append(lines, append(goodCells("alone", f.alone), "–", "–", "–", "–", "–"))
	for _, one := range f.floods {
		rates := make([]float64, len(one.refused))
		for i, refused := range one.refused {
			rates[i] = float64(refused) / one.beside[i].elapsed.Seconds()
		}
		lines = append(lines, append(goodCells("beside forged "+one.label, one.beside),
			fmt.Sprintf("%.2f", one.kept(f.alone)),
			strconv.Itoa(one.turnedAway()),
			fmt.Sprintf("%.0f", figures.Median(rates)),
			fmt.Sprintf("%d of %d", one.atOnce, one.permits),
			fmt.Sprintf("%.1f → %.1f → %.1f",
				figures.Megabytes(one.resident[0]), figures.Megabytes(one.resident[1]), figures.Megabytes(one.resident[len(one.resident)-1])),
		))
	}
	return figures.Markdown(lines)
}

func goodCells(label string, runs []run) []string {
	r := row{runs: runs}
	return []string{
		label,
		fmt.Sprintf("%.0f", r.medianOf(run.perSecond)),
		fmt.Sprintf("%.2f", r.medianOf(func(one run) float64 { return figures.Milliseconds(one.p50) })),
		fmt.Sprintf("%.2f", r.medianOf(func(one run) float64 { return figures.Milliseconds(one.p99) })),
	}
}

// kept is the share of their speed that good callers keep.
func (f *flood) kept(alone []run) float64 {
	beside := row{runs: f.beside}
	return beside.ratioTo(&row{runs: alone})
}

// turnedAway counts the good callers' requests that got a 503.
func (f *flood) turnedAway() (count int) {
	for _, one := range f.beside {
		count += one.turnedAway
	}
	return count
}

func (f *field) floodTargets() [][]string {
	var lines [][]string
	for _, one := range f.floods {
		kept, grown := one.kept(f.alone), one.resident[len(one.resident)-1]-one.resident[1]
		lines = append(lines,
			[]string{
				"good callers' speed beside forged " + one.label + ", none turned away", fmt.Sprintf("%.2f", kept), "",
				fmt.Sprintf("≥ %.2f", keptTarget), verdict(kept >= keptTarget && one.turnedAway() == 0),
			},
			[]string{
				fmt.Sprintf("verifications at once, forged %s, most in %d looks", one.label, one.looks), strconv.Itoa(one.atOnce), "",
				fmt.Sprintf("≤ %d", one.permits), verdict(one.atOnce <= one.permits),
			},
			[]string{
				"memory gained after the first round, forged " + one.label, fmt.Sprintf("%+.1f MB", figures.Megabytes(grown)), "",
				fmt.Sprintf("< %.0f MB", figures.Megabytes(floodMemory)), verdict(grown < floodMemory),
			},
		)
	}
	return lines
}
