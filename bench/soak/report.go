package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"text/template"
	"time"

	"github.com/journey-os/journey-api/bench/figures"
)

const reportText = `{{.Length}} of mixed traffic at full speed (seed {{.Seed}}), {{.Connections}} connections that never rest, {{.Newcomers}} with tokens whose key may be unknown and {{.Rude}} that are slow, idle or hang up, faults before both dependencies ({{.Behind}}), the load on the same {{.Cores}} cores. {{.GoVersion}} on {{.Platform}}.

{{.Figures}}
{{.Usage}}
{{.Kinds}}`

func (s *soak) report(out io.Writer) error {
	return template.Must(template.New("report").Parse(reportText)).Execute(out, map[string]any{
		"Length": s.length, "Seed": s.seed, "Behind": s.what, "Connections": visitorCount, "Newcomers": newcomerCount, "Rude": rudeCount,
		"Cores": runtime.NumCPU(), "GoVersion": runtime.Version(), "Platform": runtime.GOOS + "/" + runtime.GOARCH,
		"Figures": s.figures(), "Usage": s.usageFigures(), "Kinds": s.kindFigures(),
	})
}

func (s *soak) figures() string {
	latency := &s.tally.latency
	around := s.town.climate
	return figures.Markdown([][]string{
		{"", "measured"},
		{"requests answered", strconv.Itoa(s.tally.requests())},
		{"by outcome", s.tally.byOutcome()},
		{"requests/s", fmt.Sprintf("%.0f", float64(s.tally.requests())/s.length.Seconds())},
		{"latency, p50 / p99 / max, ms", fmt.Sprintf("%.2f / %.2f / %.0f", figures.Milliseconds(latency.percentile(50)),
			figures.Milliseconds(latency.percentile(99)), figures.Milliseconds(latency.most))},
		{"requests cut off, connections left idle", strconv.Itoa(s.tally.unanswered)},
		{"faults before Neo4j", fmt.Sprintf("%d (%s)", around.neo4j.came(), around.neo4j.history())},
		{"faults before Supabase", fmt.Sprintf("%d (%s)", around.supabase.came(), around.supabase.history())},
		{"key rotations; fetches of the keys", fmt.Sprintf("%d; %d", s.town.keys.rotations(), s.project.fetches.Load())},
		{"health answers of which one alone was right", strconv.FormatInt(around.certain.Load(), 10)},
		{"lines in the log; requests that the metrics counted", fmt.Sprintf("%d; %d", s.log.requests.Load(), s.counted)},
		{"SIGTERM to exit 0; requests answered around it; lost", s.drainFigures()},
		{"wrong answers", strconv.Itoa(s.wrong.count())},
	})
}

func (s *soak) drainFigures() string {
	if s.drained.fault != nil {
		return s.drained.fault.Error()
	}
	return fmt.Sprintf("%s; %d; 0", s.drained.took.Round(10*time.Millisecond), s.drained.requests)
}

func (s *soak) usageFigures() string {
	lines := [][]string{{"", "first fifth", "last fifth", "most", "allowed", "", "idle before", "idle after"}}
	for _, r := range resources() {
		show := func(value float64) string { return fmt.Sprintf(r.format, value) }
		lines = append(lines, []string{
			r.name, show(s.usage.first(r)), show(s.usage.last(r)), show(s.usage.most(r)), "≤ " + show(s.usage.allowed(r)),
			verdict(s.usage.isFlat(r)), show(r.of(s.idleBefore)), show(r.of(s.idleAfter)),
		})
	}
	return figures.Markdown(lines)
}

func verdict(isFlat bool) string {
	if isFlat {
		return "flat"
	}
	return "grows"
}

func (s *soak) kindFigures() string {
	lines := [][]string{{"what came", "requests", "answered"}}
	for _, name := range slices.Sorted(maps.Keys(s.tally.outcomes)) {
		outcomes, sum := s.tally.outcomes[name], 0
		for _, count := range outcomes {
			sum += count
		}
		lines = append(lines, []string{name, strconv.Itoa(sum), inOrder(outcomes)})
	}
	return figures.Markdown(lines)
}

// verdict is an error that says everything that is not as it should be.
func (s *soak) verdict() error {
	faults := []error{s.wrong.fault()}
	for _, r := range resources() {
		if !s.usage.isFlat(r) {
			faults = append(faults, fmt.Errorf("%s: %.1f at first, %.1f at last", r.name, s.usage.first(r), s.usage.last(r)))
		}
	}
	if !s.isCalm() {
		faults = append(faults, fmt.Errorf("what the load needed is not given back: %+v before, %+v after", s.idleBefore, s.idleAfter))
	}
	if s.drained.fault != nil {
		faults = append(faults, fmt.Errorf("the end: %w", s.drained.fault))
	}
	return errors.Join(faults...)
}
