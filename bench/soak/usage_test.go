package soak

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"
	"time"
)

const (
	// toldBytes is how much is told of what was wrong.
	toldBytes = 10_000
	// The first part of the time is warm-up: pools grow to their size.
	warmUpParts, sampleEvery = 5, time.Second / 2
	// calmLimit is how long the service may take to start everything, or to give back what the load needed: its server looks
	// for idle goroutines every 10 s.
	calmLimit = 30 * time.Second
	// quietSamples is how many in a row show that the service has started everything.
	quietSamples = 8
	// calmGoroutines and calmFiles are what an idle service may have more than before its first request.
	calmGoroutines, calmFiles = 10, 8
)

// wrong is what the book counts complaints by.
const wrong = "wrong answers"

// book counts what came, by name and outcome, and keeps what was wrong.
type book struct {
	lock     sync.Mutex
	outcomes map[string]map[string]int
	told     string // what was wrong, a line each
}

func (b *book) count(name, outcome string) {
	b.lock.Lock()
	defer b.lock.Unlock()
	if b.outcomes[name] == nil {
		b.outcomes[name] = map[string]int{}
	}
	b.outcomes[name][outcome]++
}

// complain takes what is wrong, with the correlation id by which the log has it.
func (b *book) complain(kind, id, what string, parts ...any) {
	b.count(wrong, kind)
	b.lock.Lock()
	defer b.lock.Unlock()
	if len(b.told) < toldBytes {
		b.told += fmt.Sprintf("\n  %s %s %s: ", time.Now().UTC().Format(time.TimeOnly), kind, id) + fmt.Sprintf(what, parts...)
	}
}

// figure writes a line of the report.
func figure(name string, value any) { fmt.Printf("| %s | %v |\n", name, value) }

// sample is what the service uses of its resources at one moment.
type sample [3]float64

// resources are those of a sample; tolerance is what may be more of each at the end than at the beginning. On a busy machine
// the request of each worker waits for the database, with a goroutine.
var (
	resources = []string{"resident memory, MB", "goroutines", "open files"}
	tolerance = sample{16, clients + learnersAtOnce + newcomers + greedyClients + rawClients, 20}
)

func (s *soak) sample() sample {
	seen, err := s.service.Scrape()
	if err != nil {
		s.complain("metrics", "", "%v", err)
	}
	return sample{
		seen.Sum("process_resident_memory_bytes") / (1 << 20), seen.Sum("go_goroutines"), seen.Sum("process_open_fds"),
	}
}

// rest waits until the service that has started needs no more: the queue of jobs begins its upkeep by and by.
func (s *soak) rest(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, calmLimit)
	defer cancel()
	for quiet := 0; quiet < quietSamples && pause(ctx, sampleEvery); quiet++ {
		if now := s.sample(); now[1] > s.before[1] {
			s.before, quiet = now, 0
		}
	}
}

// watchUsage takes samples after the warm-up until ctx ends.
func (s *soak) watchUsage(ctx context.Context) {
	for more := pause(ctx, *length/warmUpParts); more; more = pause(ctx, sampleEvery) {
		s.usage = append(s.usage, s.sample())
	}
}

// holdUsage complains about what grew, and if there are no figures. The least of the last third may be a tenth or an
// amount above that of the first. The least, since faults and bursts come and go: a check that hangs has a goroutine and
// a connection, the server keeps idle goroutines for 10 s, garbage is collected when it is worth it. The embedded database
// keeps more pages as it grows.
func (s *soak) holdUsage() {
	third := (len(s.usage) + 2) / 3
	for i, name := range resources {
		least := func(part []sample) float64 {
			return slices.MinFunc(part, func(a, b sample) int { return cmp.Compare(a[i], b[i]) })[i]
		}
		first, last := least(s.usage[:third]), least(s.usage[len(s.usage)-third:])
		allowed := first + max(first/10, tolerance[i])
		if first == 0 || last > allowed {
			s.complain("usage", "", "%s: %.1f at first, %.1f at last", name, first, last)
		}
		figure(name+": least of the first third, of the last, allowed; idle before",
			fmt.Sprintf("%.0f, %.0f, %.0f; %.0f", first, last, allowed, s.before[i]))
	}
}

// calmDown waits until the service has given back what the load needed, and holds its metrics to its log. Memory stays: Go
// keeps it for the next time.
func (s *soak) calmDown(ctx context.Context) {
	s.transport.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(ctx, calmLimit)
	defer cancel()
	isCalm := func() bool {
		s.after = s.sample()
		return s.after[1] <= s.before[1]+calmGoroutines && s.after[2] <= s.before[2]+calmFiles
	}
	for !isCalm() {
		if !pause(ctx, sampleEvery) {
			s.complain("usage", "", "what the load needed is not given back: %v before, %v after", s.before, s.after)
			break
		}
	}
	figure("goroutines and open files: idle before, idle after", fmt.Sprint(s.before[1:], s.after[1:]))
	if seen, err := s.service.Scrape(); err == nil { // which sample tells
		s.log.compare(seen)
	}
}

// begin writes the head of the report.
func begin() {
	const text = "%s (seed %d): %d workers at full speed, %d students, %d workers with tokens whose key may be unknown, " +
		"%d over the limits and %d that are silent, slow, spoiled or cut off; the load on the same %d cores. %s on %s/%s.\n\n" +
		"|  | measured |\n|---|---:|\n"
	fmt.Printf(text, *length, *seed, clients, learnersAtOnce, newcomers, greedyClients, rawClients, runtime.NumCPU(),
		runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func (s *soak) report() {
	for _, quantile := range []float64{50, 90, 99, 100} {
		figure(fmt.Sprintf("workers at full speed: p%v, ms", quantile), float64(s.latency.ValueAtQuantile(quantile))/1000)
	}
	for _, name := range slices.Sorted(maps.Keys(s.outcomes)) {
		text := fmt.Sprint(s.outcomes[name]) // map[…]
		figure(name, text[len("map["):len(text)-1])
	}
}
