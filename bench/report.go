package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/journey-os/journey-api/bench/figures"
)

// fullyBusy is the share of its processor below which something but the server held it up.
const fullyBusy = 0.9

func (b *bench) report(out io.Writer) {
	pinning := "all on all cores"
	if b.isPinned {
		pinning = "each server on one core (GOMAXPROCS=1, pinned; the load on the others)"
	}
	size := int64(0)
	if found, err := os.Stat(b.service); err == nil {
		size = found.Size()
	}
	_, _ = fmt.Fprintf(out, "Medians of %d interleaved rounds of %s, %d keep-alive connections, %s, tokens of %d bytes and more, access lines written to a file, "+
		"and in the service metrics and rate limits on. %s on %s/%s, %d cores.\n\n%s\n%s\n%s\nFrom start to first reply, both dependencies absent: %.0f ms. The stripped binary: %.1f MB.\n",
		b.rounds, b.length, connections, pinning, len(b.hs256), runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(),
		figures.Markdown(b.figures()), figures.Markdown(b.floodFigures()), b.warning(), figures.Median(b.firstReplies), float64(size)/(1<<20))
}

func (b *bench) figures() [][]string {
	lines := [][]string{{"", "requests/s", "of (a)", "of (b)", "of (a), by CPU", "p50 ms", "p99 ms", "CPU µs", "allocs", "bytes", "resident MB"}}
	for _, r := range b.rows {
		speed := func(one run) float64 { return one.perSecond() }
		thrift := func(one run) float64 { return 1 / one.cost() }
		lines = append(lines, []string{
			r.label, fmt.Sprintf("%.0f", median(r.runs, speed)), b.ratio(r, r.bare, speed), b.ratio(r, r.usual, speed), b.ratio(r, r.bare, thrift),
			fmt.Sprintf("%.2f", median(r.runs, func(one run) float64 { return one.ms(50) })), fmt.Sprintf("%.2f", median(r.runs, func(one run) float64 { return one.ms(99) })),
			fmt.Sprintf("%.1f", median(r.runs, run.cost)),
			orDash("%.0f", median(r.runs, func(one run) float64 { return one.allocated.Mallocs / float64(one.latency.TotalCount()) })),
			orDash("%.0f", median(r.runs, func(one run) float64 { return one.allocated.Bytes / float64(one.latency.TotalCount()) })),
			orDash("%.1f", float64(r.resident)/(1<<20)),
		})
	}
	return lines
}

func (b *bench) floodFigures() [][]string {
	if len(b.floods) == 0 {
		return nil
	}
	lines := [][]string{{"good callers", "requests/s", "kept", "p99 ms", "turned away", "forged/s", "verified at once", "resident MB"}}
	for _, one := range b.floods {
		turnedAway := 0
		for _, r := range one.beside {
			turnedAway += r.turnedAway
		}
		lines = append(lines, []string{
			one.label, fmt.Sprintf("%.0f", median(one.beside, run.perSecond)), fmt.Sprintf("%.2f", ratio(one.beside, b.floods[0].beside, run.perSecond)),
			fmt.Sprintf("%.2f", median(one.beside, func(r run) float64 { return r.ms(99) })), strconv.Itoa(turnedAway), orDash("%.0f", figures.Median(one.refused)),
			fmt.Sprintf("%d of %d", one.atOnce, one.bound), fmt.Sprintf("%.1f → %.1f → %.1f", one.resident[0], one.resident[1], one.resident[len(one.resident)-1]),
		})
	}
	return lines
}

// warning names the rows whose server did not have its processor to itself, or waited for the load.
func (b *bench) warning() string {
	var held []string
	for _, r := range b.rows {
		if busy := median(r.runs, func(one run) float64 { return one.processor.Seconds() / one.elapsed.Seconds() }); busy < fullyBusy {
			held = append(held, fmt.Sprintf("%s (%.0f %%)", r.label, busy*100))
		}
	}
	if len(held) == 0 {
		return ""
	}
	return "In this run the load, the disk or other programs held these up, which used only a part of their core: " + strings.Join(held, "; ") + ".\n"
}

// cost is the processor time of one request in microseconds.
func (r run) cost() float64 {
	return float64(r.processor.Microseconds()) / float64(max(1, r.latency.TotalCount()))
}

// ratio compares round by round: what slowed the machine down for a while slowed both.
func ratio(own, others []run, figure func(run) float64) float64 {
	var values []float64
	for i, one := range own {
		values = append(values, figure(one)/figure(others[i]))
	}
	return figures.Median(values)
}

func (b *bench) ratio(r *row, label string, figure func(run) float64) string {
	at := slices.IndexFunc(b.rows, func(other *row) bool { return other.label == label })
	if at < 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", ratio(r.runs, b.rows[at].runs, figure))
}

func median(runs []run, figure func(run) float64) float64 {
	var values []float64
	for _, one := range runs {
		values = append(values, figure(one))
	}
	return figures.Median(values)
}

// orDash is a dash for a figure that could not be had.
func orDash(format string, value float64) string {
	if value == 0 {
		return "–"
	}
	return fmt.Sprintf(format, value)
}
