package irt_test

import (
	"testing"

	"github.com/journey-os/journey-api/core/irt"
)

// BenchmarkCalibrate times whole calibrations at the default options, with standard errors and fit.
func BenchmarkCalibrate(b *testing.B) {
	for _, c := range []struct {
		name   string
		design design
	}{
		{"500 people x 1000 items", design{people: 500, items: 1000}},
		{"5000 people x 40 items", design{people: 5000, items: 40}},
		{"100000 people x 40 of 2000 items", design{people: 100_000, items: 2000, each: 40}},
	} {
		b.Run(c.name, func(b *testing.B) {
			data := c.design.draw(b, 1).data
			b.ReportAllocs()
			for b.Loop() {
				r, err := irt.Calibrate(b.Context(), data, irt.Options{})
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(r.Iterations), "iterations")
			}
		})
	}
}
