package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/journey-os/journey-api/bench/measure"
)

// fullyBusy is the share of its processor below which something but the server held it up.
const fullyBusy = 0.9

func (b *bench) report(out io.Writer) {
	pinning := "all on all cores"
	if b.isPinned {
		pinning = "each server on one core (GOMAXPROCS=1, pinned; the load on the others)"
	}
	size := int64(0)
	if found, err := os.Stat("bin/journey-api"); err == nil {
		size = found.Size()
	}
	_, _ = fmt.Fprintf(out, "Medians of %d interleaved rounds of %s, %d keep-alive connections, %s, tokens of %d bytes and more, access lines written to a file, "+
		"and in the service metrics and rate limits on. %s on %s/%s, %d cores.\n\n%s\n%s\nFrom start to first reply, both dependencies absent: %.0f ms. The stripped binary: %.1f MB.\n",
		b.rounds, b.length, connections, pinning, len(b.hs256), runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(),
		measure.Markdown(b.figures()), b.notes(), measure.Median(b.firstReplies), float64(size)/(1<<20))
}

func (b *bench) figures() [][]string {
	lines := [][]string{{"", "requests/s", "of (a)", "of (b)", "of (a), by CPU", "p50 ms", "p99 ms", "CPU µs", "allocs", "bytes", "resident MB"}}
	for _, r := range b.rows {
		thrift := func(one measured) float64 { return 1 / one.cost() }
		each := func(of func(measured) float64) float64 {
			return median(r.runs, func(one measured) float64 { return of(one) / float64(one.latency.TotalCount()) })
		}
		lines = append(lines, []string{
			r.label, fmt.Sprintf("%.0f", median(r.runs, measured.perSecond)), b.ratio(r, r.bare, measured.perSecond), b.ratio(r, r.usual, measured.perSecond), b.ratio(r, r.bare, thrift),
			fmt.Sprintf("%.2f", median(r.runs, func(one measured) float64 { return one.ms(50) })),
			fmt.Sprintf("%.2f", median(r.runs, func(one measured) float64 { return one.ms(99) })),
			fmt.Sprintf("%.1f", median(r.runs, measured.cost)),
			orDash("%.0f", each(func(one measured) float64 { return one.mallocs })), orDash("%.0f", each(func(one measured) float64 { return one.bytes })),
			orDash("%.1f", float64(r.resident)/(1<<20)),
		})
	}
	return lines
}

// notes tell of the floods, and name the rows whose server did not have its processor to itself, or waited for the load.
func (b *bench) notes() string {
	var text strings.Builder
	for _, r := range b.rows {
		if r.flood != nil {
			turnedAway := median(r.runs, func(one measured) float64 { return float64(one.turnedAway) })
			fmt.Fprintf(&text, "- %s: %.0f a second were refused, %.0f good callers a round were turned away, and the service had %.1f MB after the first round and %.1f after the last.\n",
				r.label, median(r.runs, func(one measured) float64 { return one.refused }), turnedAway, r.runs[0].resident, r.runs[len(r.runs)-1].resident)
		}
		if busy := median(r.runs, func(one measured) float64 { return one.processor.Seconds() / one.elapsed.Seconds() }); busy < fullyBusy {
			fmt.Fprintf(&text, "- %s: the load, the disk or other programs held it up, it used %.0f %% of a core.\n", r.label, busy*100)
		}
	}
	return text.String()
}

// cost is the processor time of one request in microseconds.
func (m measured) cost() float64 {
	return float64(m.processor.Microseconds()) / float64(max(1, m.latency.TotalCount()))
}

// ratio compares round by round: what slowed the machine down for a while slowed both.
func (b *bench) ratio(r *row, label string, figure func(measured) float64) string {
	at := slices.IndexFunc(b.rows, func(other *row) bool { return other.label == label })
	if at < 0 {
		return "–"
	}
	var values []float64
	for i, one := range r.runs {
		values = append(values, figure(one)/figure(b.rows[at].runs[i]))
	}
	return fmt.Sprintf("%.2f", measure.Median(values))
}

func median(runs []measured, figure func(measured) float64) float64 {
	var values []float64
	for _, one := range runs {
		values = append(values, figure(one))
	}
	return measure.Median(values)
}

// orDash is a dash for a figure that could not be had.
func orDash(format string, value float64) string {
	if value == 0 {
		return "–"
	}
	return fmt.Sprintf(format, value)
}
