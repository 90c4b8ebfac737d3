package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/journey-os/journey-api/bench/measure"
)

// shownFaults is how many wrong answers are told one by one.
const shownFaults = 20

// book counts what came, by name and outcome, and keeps what was wrong.
type book struct {
	lock     sync.Mutex
	outcomes map[string]map[string]int
	faults   map[string]int
	first    []string
}

func newBook() *book { return &book{outcomes: map[string]map[string]int{}, faults: map[string]int{}} }

func (b *book) count(name, outcome string) {
	b.lock.Lock()
	defer b.lock.Unlock()
	if b.outcomes[name] == nil {
		b.outcomes[name] = map[string]int{}
	}
	b.outcomes[name][outcome]++
}

// complain takes what is wrong, with the correlation id by which the log has it.
func (b *book) complain(kind, id, what string) {
	b.lock.Lock()
	defer b.lock.Unlock()
	b.faults[kind]++
	if len(b.first) < shownFaults {
		b.first = append(b.first, fmt.Sprintf("%s %s %s: %s", time.Now().UTC().Format(time.TimeOnly), kind, id, what))
	}
}

// wrong is nil if nothing was.
func (b *book) wrong() error {
	b.lock.Lock()
	defer b.lock.Unlock()
	if len(b.faults) == 0 {
		return nil
	}
	return errors.New("wrong answers: " + inOrder(b.faults) + "\n  " + strings.Join(b.first, "\n  "))
}

// inOrder is a sum and its parts in words, the largest first.
func inOrder(counts map[string]int) string {
	sum := 0
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return counts[b] - counts[a] })
	for i, name := range names {
		sum += counts[name]
		names[i] = fmt.Sprintf("%s: %d", name, counts[name])
	}
	return fmt.Sprintf("%d (%s)", sum, strings.Join(names, ", "))
}

func (s *soak) report(out io.Writer) {
	ms := func(percentile float64) float64 { return float64(s.latency.ValueAtQuantile(percentile)) / 1000 }
	lines := [][]string{
		{"", "measured"},
		{"requests/s at full speed; latency p50, p99, most", fmt.Sprintf("%.0f; %.2f, %.2f, %.0f ms", float64(s.latency.TotalCount())/s.length.Seconds(), ms(50), ms(99), ms(100))},
		{"health replies of which one alone was right", strconv.FormatInt(s.neo4j.certain.Load()+s.supabase.certain.Load(), 10)},
		{"answers in the store, each acknowledged once", strconv.Itoa(s.stored)},
		{"SIGTERM to exit 0, nothing lost", s.drained.Round(10 * time.Millisecond).String()},
	}
	for i, name := range resources() {
		first, last, allowed := growth(s.usage, i)
		lines = append(lines, []string{name + ": first fifth, last, allowed; idle before, after",
			fmt.Sprintf("%.0f, %.0f, %.0f; %.0f, %.0f", first, last, allowed, s.before[i], s.after[i])})
	}
	for _, name := range slices.Sorted(maps.Keys(s.outcomes)) {
		lines = append(lines, []string{name, inOrder(s.outcomes[name])})
	}
	_, _ = fmt.Fprintf(out, "%s (seed %d): %d workers at full speed, %d with tokens whose key may be unknown, %d over the limits and %d that are slow, idle, "+
		"spoiled or cut off; the load on the same %d cores. %s on %s/%s. Wrong answers: %d.\n\n%s", s.length, s.seed, clients, newcomers, greedyClients, rawClients,
		runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH, len(s.faults), measure.Markdown(lines))
}
