package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

const (
	// shownFaults is how many wrong answers are told one by one.
	shownFaults = 20
	// The first part of the time is warm-up: caches fill, and pools grow to their size.
	warmUpParts, shortestWarmUp, sampleEvery = 10, 8 * time.Second, time.Second
	// calmGoroutines and calmFiles are what an idle service may have more than before its first request: the queue of jobs
	// begins its upkeep a while after the start.
	calmGoroutines, calmFiles = 24, 8
)

// book counts what came, by name and outcome, and keeps what was wrong.
type book struct {
	lock     sync.Mutex
	outcomes map[string]map[string]int
	faults   map[string]int
	first    []string
	latency  *hdrhistogram.Histogram // of GET /api/me, in microseconds
}

func newBook() *book {
	latency := hdrhistogram.New(1, time.Minute.Microseconds(), 3)
	return &book{outcomes: map[string]map[string]int{}, faults: map[string]int{}, latency: latency}
}

func (b *book) count(name, outcome string) {
	b.lock.Lock()
	defer b.lock.Unlock()
	if b.outcomes[name] == nil {
		b.outcomes[name] = map[string]int{}
	}
	b.outcomes[name][outcome]++
}

// record counts how long a reply took.
func (b *book) record(took time.Duration) {
	b.lock.Lock()
	defer b.lock.Unlock()
	_ = b.latency.RecordValue(max(1, took.Microseconds())) // replyLimit bounds it
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

// sample is what the service uses at one moment: resident memory in MB, goroutines, open files.
type sample [3]float64

func (s *soak) sample() (sample, error) {
	seen, err := s.service.Scrape()
	memory := seen.Sum("process_resident_memory_bytes") / (1 << 20)
	return sample{memory, seen.Sum("go_goroutines"), seen.Sum("process_open_fds")}, err
}

// isCalm reports whether the service has no more than before the load. Memory stays: Go keeps it for the next time.
func (s sample) isCalm(before sample) bool {
	return s[1] <= before[1]+calmGoroutines && s[2] <= before[2]+calmFiles
}

// watchUsage takes a sample each second after the warm-up until ctx ends.
func (s *soak) watchUsage(ctx context.Context) error {
	for more := pause(ctx, max(s.length/warmUpParts, shortestWarmUp)); more; more = pause(ctx, sampleEvery) {
		one, err := s.sample()
		if err != nil {
			return err
		}
		s.usage = append(s.usage, one)
	}
	return nil
}

// holdUsage complains about what grew, and if there are no figures. The median of the last fifth may be a tenth or an
// amount above that of the first. What one fifth has more than another in a sound run is the faults': a check that hangs
// has a goroutine and a connection, garbage is collected when it is worth it, and the embedded database keeps more pages
// as it grows.
func (s *soak) holdUsage() {
	fifth := (len(s.usage) + 4) / 5
	for i, name := range []string{"resident memory, MB", "goroutines", "open files"} {
		first, last := median(s.usage[:fifth], i), median(s.usage[len(s.usage)-fifth:], i)
		allowed := first + max(first/10, sample{16, 40, 20}[i])
		if first == 0 || last > allowed {
			s.complain("usage", "", fmt.Sprintf("%s: %.1f at first, %.1f at last", name, first, last))
		}
		s.figure(name+": first fifth, last, allowed; idle before",
			fmt.Sprintf("%.0f, %.0f, %.0f; %.0f", first, last, allowed, s.before[i]))
	}
}

func median(samples []sample, resource int) float64 {
	if len(samples) == 0 {
		return 0
	}
	inOrder := slices.SortedFunc(slices.Values(samples), func(a, b sample) int { return cmp.Compare(a[resource], b[resource]) })
	return inOrder[len(inOrder)/2][resource]
}

// figure adds a line to the report.
func (s *soak) figure(name string, value any) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.figures += fmt.Sprintf("| %s | %v |\n", name, value)
}

func (s *soak) report(out io.Writer) {
	const text = "%s (seed %d): %d workers at full speed, %d students, %d workers with tokens whose key may be unknown, " +
		"%d over the limits and %d that are slow, idle, spoiled or cut off; the load on the same %d cores. %s on %s/%s. Wrong answers: %d.\n\n|  | measured |\n|---|---:|\n%s"
	ms := func(percentile float64) float64 { return float64(s.latency.ValueAtQuantile(percentile)) / 1000 }
	s.figure("GET /api/me, known tokens: latency p50, p99, most", fmt.Sprintf("%.2f, %.2f, %.0f ms", ms(50), ms(99), ms(100)))
	for _, name := range slices.Sorted(maps.Keys(s.outcomes)) {
		s.figure(name, inOrder(s.outcomes[name]))
	}
	_, _ = fmt.Fprintf(out, text, s.length, s.seed, clients, learnersAtOnce, newcomers, greedyClients, rawClients, runtime.NumCPU(),
		runtime.Version(), runtime.GOOS, runtime.GOARCH, len(s.faults), s.figures)
}
