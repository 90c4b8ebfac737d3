package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"text/template"
	"time"

	"github.com/journey-os/journey-api/bench/figures"
)

// What the project wants of itself. A figure is compared with its target in words, and never fails a build.
const (
	meOfBare     = 0.5
	meOfPlain    = 2.0
	healthOfBare = 0.7
	keptTarget   = 0.5
	es256OfHS256 = 1.2
	// floodMemory is what garbage may vary by: were each forged token of the later rounds kept, it would be 50 MB.
	floodMemory      = 8 << 20
	firstReplyTarget = 100 * time.Millisecond
	residentTarget   = 48 << 20
	binaryTarget     = 28 << 20
)

// fullyBusy is the share of its processor below which something but the server held it up.
const fullyBusy = 0.9

const reportText = `Medians of {{.Rounds}} interleaved rounds of {{.RoundLength}}, {{.Connections}} keep-alive connections, each server on one core ({{.Pinning}}), tokens of {{.TokenBytes}} bytes and more, access lines written to a file, and in the service metrics and rate limits on. {{.GoVersion}} on {{.Platform}}, {{.Cores}} cores.

{{.Figures}}
The service remembers a good token for a minute: its first two rows send one token again and again. A new token is verified, and verifying gets a quarter of the processors at most; (b) verifies every time.

{{.Targets}}
{{.FloodRate}} distinct forged tokens a second, on {{.FloodConnections}} connections beside the good callers' own and for {{.RoundLength}} at a time; a round is good callers alone, and then beside each flood. "Turned away" are good callers who got a 503, which is no part of their speed. A forged token that waits for its turn keeps its connection, so fewer come where the service makes them wait. They come from the same core as the good callers' requests, which costs these some of their speed too. Memory is before the first flood, after it (its connections included) and after the last.

{{.Floods}}
The verifier alone, a token that it remembers; medians of {{.VerifierRuns}} interleaved runs of {{.VerifierTime}}.

{{.Verifiers}}
Figures from shared machines are noisy: only the ratios count. A ratio is the median of the rounds' own ratios. CPU is what the server's process used for a request, user and system; "by CPU" is the same ratio from that instead of from requests/s, which other programs move less. Latency is that of {{.Connections}} requests waiting for one core. Allocations were counted in one process, over loopback.
{{.Warning}}`

func (f *field) report(out io.Writer) error {
	pinning := "GOMAXPROCS=1, pinned; the load on the others"
	if !f.cores.arePinned() {
		pinning = "GOMAXPROCS=1, not pinned"
	}
	return template.Must(template.New("report").Parse(reportText)).Execute(out, map[string]any{
		"Rounds":      rounds,
		"RoundLength": roundLength,
		"Connections": connections,
		"Pinning":     pinning,
		"TokenBytes":  len(f.credentials.hs256),
		"GoVersion":   runtime.Version(),
		"Platform":    runtime.GOOS + "/" + runtime.GOARCH,
		"Cores":       runtime.NumCPU(),
		"Figures":     f.figures(),
		"Floods":      f.floodFigures(),
		"Verifiers":   f.verifierFigures(),

		"FloodRate": floodRate, "FloodConnections": floodConnections,
		"VerifierRuns": verifierRuns, "VerifierTime": verifierTime,
		"Targets": f.targets(),
		"Warning": f.warning(),
	})
}

func (f *field) figures() string {
	lines := [][]string{{"", "requests/s", "of (a)", "of (b)", "p50 ms", "p99 ms", "CPU µs", "allocs", "bytes", "resident MB"}}
	for _, r := range f.rows {
		lines = append(lines, []string{
			r.label,
			fmt.Sprintf("%.0f", r.medianOf(run.perSecond)),
			ratioCell(r, r.bare),
			ratioCell(r, r.plain),
			fmt.Sprintf("%.2f", r.medianOf(func(one run) float64 { return figures.Milliseconds(one.p50) })),
			fmt.Sprintf("%.2f", r.medianOf(func(one run) float64 { return figures.Milliseconds(one.p99) })),
			orDash("%.1f", r.medianCost()),
			fmt.Sprintf("%.0f", r.allocation.count),
			fmt.Sprintf("%.0f", r.allocation.bytes),
			orDash("%.1f", figures.Megabytes(r.resident)),
		})
	}
	return figures.Markdown(lines)
}

func (f *field) targets() string {
	lines := [][]string{{"", "measured", "by CPU", "target", ""}}
	for _, r := range f.rows {
		label := strings.Trim(r.label, "*")
		if r.ofBare > 0 {
			lines = append(lines, ratioLine(label+", of (a)", r, r.bare, r.ofBare))
		}
		if r.ofPlain > 0 {
			lines = append(lines, ratioLine(label+", of (b)", r, r.plain, r.ofPlain))
		}
	}
	lines = append(lines, f.floodTargets()...)
	lines = append(lines, f.verifierTargets()...)
	firstReply := figures.Median(inMilliseconds(f.firstReplies))
	resident := f.rows[0].resident
	return figures.Markdown(append(lines, [][]string{
		{
			fmt.Sprintf("start to first reply, both dependencies absent, median of %d", starts),
			fmt.Sprintf("%.0f ms", firstReply), "", fmt.Sprintf("< %d ms", firstReplyTarget.Milliseconds()),
			verdict(firstReply < figures.Milliseconds(firstReplyTarget)),
		},
		{
			fmt.Sprintf("resident after %d requests", serviceRequests),
			orDash("%.1f MB", figures.Megabytes(resident)), "", fmt.Sprintf("< %.0f MB", figures.Megabytes(residentTarget)),
			verdict(0 < resident && resident < residentTarget),
		},
		{
			"size of the static binary, stripped", fmt.Sprintf("%.1f MB", figures.Megabytes(f.binarySize)), "",
			fmt.Sprintf("< %.0f MB", figures.Megabytes(binaryTarget)), verdict(f.binarySize < binaryTarget),
		},
	}...))
}

func ratioLine(label string, r, other *row, target float64) []string {
	return []string{
		label, ratioCell(r, other), orDash("%.2f", r.thriftBeside(other)),
		fmt.Sprintf("≥ %.2f", target), verdict(r.ratioTo(other) >= target),
	}
}

// warning names the rows whose server did not have its processor to itself, or waited for the load.
func (f *field) warning() string {
	var held []string
	for _, r := range f.rows {
		if busy := r.busy(); !r.isNew && busy > 0 && busy < fullyBusy {
			held = append(held, fmt.Sprintf("%s (%.0f %%)", r.label, busy*100))
		}
	}
	if len(held) == 0 {
		return ""
	}
	return "\nIn this run the load or other programs held these up, which used only a part of their core: " +
		strings.Join(held, "; ") + ".\n"
}

func (r *row) medianOf(figure func(run) float64) float64 {
	var values []float64
	for _, one := range r.runs {
		values = append(values, figure(one))
	}
	return figures.Median(values)
}

// ratioTo compares round by round: what slowed the machine down for a while slowed both.
func (r *row) ratioTo(other *row) float64 {
	var values []float64
	for i, one := range r.runs {
		values = append(values, one.perSecond()/other.runs[i].perSecond())
	}
	return figures.Median(values)
}

// thriftBeside is how many requests r serves in the processor time in which other serves one; 0 if the system does
// not say.
func (r *row) thriftBeside(other *row) float64 {
	var values []float64
	for i := range r.runs {
		if own := r.cost(i); own > 0 {
			values = append(values, other.cost(i)/own)
		}
	}
	return figures.Median(values)
}

// cost is the processor time of one request in one run, in microseconds.
func (r *row) cost(i int) float64 {
	return float64(r.processor[i].Microseconds()) / float64(r.runs[i].requests)
}

func (r *row) medianCost() float64 {
	var values []float64
	for i := range r.runs {
		values = append(values, r.cost(i))
	}
	return figures.Median(values)
}

// busy is the share of its processor that the server used.
func (r *row) busy() float64 {
	var values []float64
	for i, one := range r.runs {
		values = append(values, r.processor[i].Seconds()/one.elapsed.Seconds())
	}
	return figures.Median(values)
}

func ratioCell(r, other *row) string {
	if other == nil {
		return "–"
	}
	return fmt.Sprintf("%.2f", r.ratioTo(other))
}

// orDash reports whether a figure could not be had.
func orDash(format string, value float64) string {
	if value == 0 {
		return "–"
	}
	return fmt.Sprintf(format, value)
}

func verdict(reached bool) string {
	if reached {
		return "reached"
	}
	return "missed"
}

func inMilliseconds(all []time.Duration) []float64 {
	values := make([]float64, len(all))
	for i, d := range all {
		values[i] = figures.Milliseconds(d)
	}
	return values
}
