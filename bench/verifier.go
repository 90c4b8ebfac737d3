package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"

	"github.com/journey-os/journey-api/bench/figures"
)

const (
	verifierRuns = 10
	verifierTime = "100ms" // of each benchmark in each run
)

// verifier is one of the verifier's own benchmarks; nothing of HTTP is in it.
type verifier struct {
	label, benchmark           string
	nanoseconds, bytes, allocs []float64
}

// measureVerifiers runs the benchmarks in turn, so that what else the machine does falls on both.
func (f *field) measureVerifiers(ctx context.Context) error {
	f.verifiers = []verifier{
		{label: "warm HS256", benchmark: "VerifyWarmHS256"},
		{label: "warm ES256", benchmark: "VerifyWarmES256"},
	}
	for range verifierRuns {
		for i := range f.verifiers {
			if err := f.verifiers[i].run(ctx, f.cores, f.benchmarks); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *verifier) run(ctx context.Context, on cores, path string) error {
	line := on.command(path, []string{
		"-test.run=^$", "-test.bench=^Benchmark" + v.benchmark + "$", "-test.benchtime=" + verifierTime, "-test.benchmem",
	})
	command := exec.CommandContext(ctx, line[0], line[1:]...)
	command.Env = append(os.Environ(), "GOMAXPROCS=1")
	output, err := command.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %q", v.benchmark, err, output)
	}
	return v.read(output)
}

var benchmarkUnits = regexp.MustCompile(`(\d+(?:\.\d+)?) (ns/op|B/op|allocs/op)`)

// read takes one line of a benchmark, as the testing package writes it.
func (v *verifier) read(output []byte) error {
	found := benchmarkUnits.FindAllSubmatch(output, -1)
	if len(found) != 3 {
		return errors.New(v.benchmark + ": no figures of one benchmark in what it wrote")
	}
	for _, figure := range found {
		value, err := strconv.ParseFloat(string(figure[1]), 64)
		if err != nil {
			return err
		}
		switch string(figure[2]) {
		case "ns/op":
			v.nanoseconds = append(v.nanoseconds, value)
		case "B/op":
			v.bytes = append(v.bytes, value)
		case "allocs/op":
			v.allocs = append(v.allocs, value)
		}
	}
	return nil
}

func (f *field) verifierFigures() string {
	lines := [][]string{{"", "ns/op", "B/op", "allocs/op"}}
	for _, v := range f.verifiers {
		lines = append(lines, []string{
			v.label,
			fmt.Sprintf("%.0f", figures.Median(v.nanoseconds)), fmt.Sprintf("%.0f", figures.Median(v.bytes)), fmt.Sprintf("%.0f", figures.Median(v.allocs)),
		})
	}
	return figures.Markdown(lines)
}

func (f *field) verifierTargets() [][]string {
	hs256, es256 := f.verifiers[0], f.verifiers[1]
	ratio := figures.Median(es256.nanoseconds) / figures.Median(hs256.nanoseconds)
	return [][]string{
		{"warm ES256 of warm HS256, ns/op", fmt.Sprintf("%.2f", ratio), "", fmt.Sprintf("≤ %.2f", es256OfHS256), verdict(ratio <= es256OfHS256)},
		{
			"warm ES256, allocs/op", fmt.Sprintf("%.0f", figures.Median(es256.allocs)), "",
			fmt.Sprintf("%.0f, as HS256", figures.Median(hs256.allocs)), verdict(figures.Median(es256.allocs) == figures.Median(hs256.allocs)),
		},
	}
}
