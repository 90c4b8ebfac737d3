package main

import (
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

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

const (
	// shownFaults is how many wrong answers are told one by one.
	shownFaults = 20
	// The first part of the time is warm-up: caches fill, and pools grow to their size.
	warmUpParts, shortestWarmUp, sampleEvery = 10, 8 * time.Second, time.Second / 2
	// quietSamples is how many in a row show that the service has started everything.
	quietSamples = 8
	// calmGoroutines and calmFiles are what an idle service may have more than before its first request.
	calmGoroutines, calmFiles = 10, 8
)

// book counts what came, by name and outcome, and keeps what was wrong.
type book struct {
	lock     sync.Mutex
	outcomes map[string]map[string]int
	faults   map[string]int
	first    []string
	figures  string // lines of the report
}

func newBook() *book {
	return &book{outcomes: map[string]map[string]int{}, faults: map[string]int{}}
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
	b.lock.Lock()
	defer b.lock.Unlock()
	b.faults[kind]++
	if len(b.first) < shownFaults {
		b.first = append(b.first, fmt.Sprintf("%s %s %s: ", time.Now().UTC().Format(time.TimeOnly), kind, id)+
			fmt.Sprintf(what, parts...))
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

// sample is what the service uses of its resources at one moment.
type sample [3]float64

// resources are those of a sample; tolerance is what may be more of each at the end than at the beginning.
var (
	resources = []string{"resident memory, MB", "goroutines", "open files"}
	tolerance = sample{16, 20, 20}
)

func (s *soak) sample() (sample, error) {
	seen, err := s.service.Scrape()
	memory := seen.Sum("process_resident_memory_bytes") / (1 << 20)
	return sample{memory, seen.Sum("go_goroutines"), seen.Sum("process_open_fds")}, err
}

// rest waits until the service that has started needs no more: the queue of jobs begins its upkeep by and by.
func (s *soak) rest(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for quiet := 0; quiet < quietSamples && err == nil && pause(ctx, sampleEvery); quiet++ {
		var now sample
		if now, err = s.sample(); now[1] > s.before[1] {
			s.before, quiet = now, 0
		}
	}
	return err
}

// watchUsage takes samples after the warm-up until ctx ends.
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

// holdUsage complains about what grew, and if there are no figures. The least of the last third may be a tenth or an
// amount above that of the first. The least, since faults and bursts come and go: a check that hangs has a goroutine and
// a connection, the server keeps idle goroutines for 10 s, garbage is collected when it is worth it. The embedded database
// keeps more pages as it grows.
func (s *soak) holdUsage() {
	third := (len(s.usage) + 2) / 3
	for i, name := range resources {
		first, last := least(s.usage[:third], i), least(s.usage[len(s.usage)-third:], i)
		allowed := first + max(first/10, tolerance[i])
		if first == 0 || last > allowed {
			s.complain("usage", "", "%s: %.1f at first, %.1f at last", name, first, last)
		}
		s.figure(name+": least of the first third, of the last, allowed; idle before",
			fmt.Sprintf("%.0f, %.0f, %.0f; %.0f", first, last, allowed, s.before[i]))
	}
}

func least(samples []sample, resource int) (least float64) {
	for i, one := range samples {
		if i == 0 || one[resource] < least {
			least = one[resource]
		}
	}
	return least
}

// calmDown waits until the service has given back what the load needed, and holds its metrics to its log. Memory stays: Go
// keeps it for the next time.
func (s *soak) calmDown(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, calmLimit)
	defer cancel()
	for isCalm := false; err == nil && !isCalm; {
		s.after, err = s.sample()
		isCalm = s.after[1] <= s.before[1]+calmGoroutines && s.after[2] <= s.before[2]+calmFiles
		if !isCalm && !pause(ctx, sampleEvery) {
			s.complain("usage", "", "what the load needed is not given back: %v before, %v after", s.before, s.after)
			break
		}
	}
	s.figure("goroutines and open files: idle before, idle after", fmt.Sprint(s.before[1:], s.after[1:]))
	seen, scrapeErr := s.service.Scrape()
	s.log.compare(seen)
	return errors.Join(err, scrapeErr)
}

// figure adds a line to the report.
func (b *book) figure(name string, value any) {
	b.lock.Lock()
	defer b.lock.Unlock()
	b.figures += fmt.Sprintf("| %s | %v |\n", name, value)
}

func (s *soak) report(out io.Writer) {
	const text = "%s (seed %d): %d workers at full speed, %d students, %d workers with tokens whose key may be unknown, " +
		"%d over the limits and %d that are slow, idle, spoiled or cut off; the load on the same %d cores. %s on %s/%s. " +
		"Wrong answers: %d.\n\n|  | measured |\n|---|---:|\n%s\nThe workers at full speed, by vegeta:\n\n"
	for _, name := range slices.Sorted(maps.Keys(s.outcomes)) {
		s.figure(name, inOrder(s.outcomes[name]))
	}
	_, _ = fmt.Fprintf(out, text, s.length, s.seed, clients, learnersAtOnce, newcomers, greedyClients, rawClients,
		runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH, len(s.faults), s.figures)
	_ = vegeta.NewTextReporter(s.load).Report(out)
}
