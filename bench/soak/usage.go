package main

import (
	"context"
	"fmt"
	"time"

	"github.com/journey-os/journey-api/bench/measure"
)

const (
	sampleEvery = time.Second
	// calmSlack is what an idle service may have more than before its first request: goroutines, since the queue of jobs
	// begins its upkeep a while after the start, and files.
	calmSlack, calmFiles = 24, 8
)

// sample is what the service uses at one moment: resident memory in MB, goroutines, open files.
type sample [3]float64

func resources() [3]string { return [3]string{"resident memory, MB", "goroutines", "open files"} }

func (s *soak) sample() (sample, error) {
	seen, err := measure.Scrape(s.metrics)
	return sample{seen.Sum("process_resident_memory_bytes") / (1 << 20), seen.Sum("go_goroutines"), seen.Sum("process_open_fds")}, err
}

// isCalm reports whether the service has no more than before the load. Memory stays: Go keeps it for the next time.
func (s sample) isCalm(before sample) bool {
	return s[1] <= before[1]+calmSlack && s[2] <= before[2]+calmFiles
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

// growth returns the medians of a resource in the first and the last fifth, and what the last may have: a tenth or an
// amount more. What one fifth has more than another in a sound run is the faults': a check that hangs has a goroutine and a
// connection, garbage is collected when it is worth it, and the embedded database keeps more pages as it grows.
func growth(samples []sample, resource int) (first, last, allowed float64) {
	values := make([]float64, len(samples))
	for i, one := range samples {
		values[i] = one[resource]
	}
	fifth := (len(values) + 4) / 5
	first, last = measure.Median(values[:fifth]), measure.Median(values[len(values)-fifth:])
	return first, last, first + max(first/10, sample{16, 20, 20}[resource])
}

// holdUsage complains about what grew, and if there are no figures.
func (s *soak) holdUsage() {
	for i, name := range resources() {
		if first, last, allowed := growth(s.usage, i); first == 0 || last > allowed {
			s.complain("usage", "", fmt.Sprintf("%s: %.1f at first, %.1f at last", name, first, last))
		}
	}
}
