package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/journey-os/journey-api/bench/measure"
)

// fullyBusy is the share of its processor below which something but the server held it up.
const fullyBusy = 0.9

func (b *bench) report(out io.Writer) {
	const text = `Medians of %d interleaved rounds of %s, %d keep-alive connections, %s, tokens of %d bytes and more, ` +
		`access lines written to a file, and in the service metrics and rate limits on. %s on %s/%s, %d cores.

%s
%s
From start to first reply, both dependencies absent: %.0f ms. The stripped binary: %.1f MB.
`
	pinning := "all on all cores"
	if b.isPinned {
		pinning = "each server on one core (GOMAXPROCS=1, pinned; the load on the others)"
	}
	var size float64
	if found, err := os.Stat("bin/journey-api"); err == nil {
		size = float64(found.Size()) / (1 << 20)
	}
	first := measure.Median(b.firstReplies, func(took time.Duration) float64 { return took.Seconds() * 1000 })
	_, _ = fmt.Fprintf(out, text, b.rounds, b.length, connections, pinning, len(b.hs256),
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), measure.Markdown(b.figures()), b.notes(), first, size)
}

// column is a figure of a round, of which the table has the median.
type column struct {
	head, format string
	of           func(measured) float64
}

func (m measured) perSecond() float64 { return float64(m.latency.TotalCount()) / m.elapsed.Seconds() }

// each is a figure of all requests for one of them.
func (m measured) each(figure float64) float64 {
	return figure / float64(max(1, m.latency.TotalCount()))
}

func (m measured) ms(quantile float64) float64 {
	return float64(m.latency.ValueAtQuantile(quantile)) / 1000
}

// thrift is requests for a second of the processor.
func (m measured) thrift() float64 { return 1 / m.each(m.used.processor) }

func columns() []column {
	return []column{
		{"p50 ms", "%.2f", func(m measured) float64 { return m.ms(50) }},
		{"p99 ms", "%.2f", func(m measured) float64 { return m.ms(99) }},
		{"CPU µs", "%.1f", func(m measured) float64 { return m.each(m.used.processor) * 1e6 }},
		{"allocs", "%.0f", func(m measured) float64 { return m.each(m.used.mallocs) }},
		{"bytes", "%.0f", func(m measured) float64 { return m.each(m.used.bytes) }},
	}
}

func (b *bench) figures() [][]string {
	lines := [][]string{{"", "requests/s", "of (a)", "of (b)", "of (a), by CPU"}}
	for _, r := range b.rows {
		lines = append(lines, []string{
			r.label, fmt.Sprintf("%.0f", measure.Median(r.runs, measured.perSecond)),
			b.ratio(r, r.bare, measured.perSecond), b.ratio(r, r.usual, measured.perSecond), b.ratio(r, r.bare, measured.thrift),
		})
	}
	for _, one := range columns() {
		lines[0] = append(lines[0], one.head)
		for i, r := range b.rows {
			lines[i+1] = append(lines[i+1], orDash(one.format, measure.Median(r.runs, one.of)))
		}
	}
	lines[0] = append(lines[0], "resident MB")
	for i, r := range b.rows {
		lines[i+1] = append(lines[i+1], orDash("%.1f", r.resident))
	}
	return lines
}

// ratio compares round by round: what slowed the machine down for a while slowed both.
func (b *bench) ratio(r *row, label string, figure func(measured) float64) string {
	at := slices.IndexFunc(b.rows, func(other *row) bool { return other.label == label })
	if at < 0 {
		return "–"
	}
	var ratios []float64
	for i, one := range r.runs {
		ratios = append(ratios, figure(one)/figure(b.rows[at].runs[i]))
	}
	return fmt.Sprintf("%.2f", measure.Median(ratios, func(ratio float64) float64 { return ratio }))
}

// orDash is a dash for a figure that could not be had.
func orDash(format string, value float64) string {
	if value == 0 {
		return "–"
	}
	return fmt.Sprintf(format, value)
}

// notes tell of the floods, and name the rows whose server did not have its processor to itself, or waited for the load.
func (b *bench) notes() string {
	const flooded = "- %s: %.0f a second were refused, %.0f good callers a round were turned away, " +
		"and the service had %.1f MB after the first round and %.1f after the last.\n"
	var text strings.Builder
	for _, r := range b.rows {
		if r.flood != nil {
			refused := measure.Median(r.runs, func(m measured) float64 { return m.refused })
			turnedAway := measure.Median(r.runs, func(m measured) float64 { return float64(m.turnedAway) })
			first, last := r.runs[0].used.resident, r.runs[len(r.runs)-1].used.resident
			fmt.Fprintf(&text, flooded, r.label, refused, turnedAway, first, last)
		}
		busy := measure.Median(r.runs, func(m measured) float64 { return m.used.processor / m.elapsed.Seconds() })
		if busy < fullyBusy {
			fmt.Fprintf(&text, "- %s: the load, the disk or other programs held it up, it used %.0f %% of a core.\n", r.label, busy*100)
		}
	}
	return text.String()
}
