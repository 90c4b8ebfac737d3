package main

import (
	"context"
	"fmt"
	"time"

	"github.com/journey-os/journey-api/bench/figures"
)

const sampleEvery = time.Second

// sample is what the service uses at one moment.
type sample struct {
	megabytes, goroutines, files float64
}

// usage are the samples of a run, the first after its warm-up.
type usage struct{ samples []sample }

// resource is one thing that a service may leak.
type resource struct {
	name string
	of   func(sample) float64
	// share and amount are what the last fifth may have more than the first: the larger of a share of it and an amount.
	share, amount float64
	format        string
}

// resources are those that are watched. What one fifth has more than another in a sound run is the weather's: a check that
// hangs has a goroutine and a connection, and garbage is collected when it is worth it.
func resources() []resource {
	return []resource{
		{"resident memory, MB", func(s sample) float64 { return s.megabytes }, 0.10, 8, "%.1f"},
		{"goroutines", func(s sample) float64 { return s.goroutines }, 0.10, 20, "%.0f"},
		{"open files", func(s sample) float64 { return s.files }, 0.10, 20, "%.0f"},
	}
}

// first and last are the medians of the first and the last fifth, most is the highest.
func (u *usage) first(r resource) float64 { return median(u.samples[:max(1, len(u.samples)/5)], r) }

func (u *usage) last(r resource) float64 {
	return median(u.samples[len(u.samples)-max(1, len(u.samples)/5):], r)
}

func (u *usage) most(r resource) (most float64) {
	for _, s := range u.samples {
		most = max(most, r.of(s))
	}
	return most
}

func median(samples []sample, r resource) float64 {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = r.of(s)
	}
	return figures.Median(values)
}

// allowed is what the last fifth may have at most.
func (u *usage) allowed(r resource) float64 {
	return u.first(r) + max(r.share*u.first(r), r.amount)
}

// isFlat reports whether the last fifth has no more than is allowed; without any figure it is not.
func (u *usage) isFlat(r resource) bool {
	return u.first(r) > 0 && u.last(r) <= u.allowed(r)
}

// watch takes a sample each second until ctx ends.
func (s *service) watch(ctx context.Context) (*usage, error) {
	watched := &usage{}
	for pause(ctx, sampleEvery) {
		one, err := s.sample(ctx)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			return nil, err
		}
		watched.samples = append(watched.samples, one)
	}
	if len(watched.samples) < 5 {
		return nil, fmt.Errorf("%d samples are too few to compare", len(watched.samples))
	}
	return watched, nil
}

func (s *service) sample(ctx context.Context) (sample, error) {
	seen, err := scrape(ctx, s.metricsAddress)
	return sample{
		megabytes:  figures.Megabytes(s.Resident()),
		goroutines: seen[goroutinesMetric],
		files:      float64(s.OpenFiles()),
	}, err
}
