package check

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// series maps the names of time series to the labels that they have.
type series map[string][]string

// listedSeries are those of every metric that the service promises to export.
func listedSeries(t *testing.T) series {
	t.Helper()
	listed := series{}
	for line := range strings.Lines(string(read(t, "adapters/metrics/testdata/metrics.golden"))) {
		words := strings.Fields(line)
		if len(words) != 3 {
			t.Fatalf("%q is not name, type and labels", line)
		}
		listed.add(words[0], words[1], strings.FieldsFunc(words[2], func(r rune) bool { return r == ',' || r == '-' }))
	}
	return listed
}

// add puts in the series of a metric, which are several if it is a histogram or a summary.
func (s series) add(name, kind string, labels []string) {
	switch kind {
	case "histogram":
		s[name+"_bucket"] = append(slices.Clone(labels), "le")
		s[name+"_sum"], s[name+"_count"] = labels, labels
	case "summary":
		s[name] = append(slices.Clone(labels), "quantile")
		s[name+"_sum"], s[name+"_count"] = labels, labels
	default:
		s[name] = labels
	}
}

// ofPrometheus are what a scrape adds to every series, and the series that it makes itself.
var ofPrometheus = []string{"instance", "job"}

const up = "up"

// query is an expression of an alert or a panel.
type query struct {
	place, text string
	// shown are the labels that its legend or its words name.
	shown []string
}

// check holds a query against what is exported: a selector of a series that nobody exports finds nothing, forever and
// in silence, and so does one by a label that the series has not.
func (q query) check(t *testing.T, exported series) {
	t.Helper()
	expression, err := parser.NewParser(parser.Options{}).ParseExpr(q.text)
	if err != nil {
		t.Errorf("%s: %v", q.place, err)
		return
	}
	selected := 0
	parser.Inspect(expression, func(node parser.Node, _ []parser.Node) error {
		switch part := node.(type) {
		case *parser.VectorSelector:
			selected++
			q.checkSelector(t, part, exported)
		case *parser.AggregateExpr:
			q.checkLabels(t, part.Grouping, labelsWithin(part.Expr, exported))
		case *parser.BinaryExpr:
			if part.VectorMatching != nil {
				q.checkLabels(t, part.VectorMatching.MatchingLabels, labelsWithin(part, exported))
			}
		}
		return nil
	})
	q.checkLabels(t, q.shown, resultLabels(expression, exported))
	if selected == 0 {
		t.Errorf("%s: it looks at no series", q.place)
	}
}

func (q query) checkSelector(t *testing.T, selector *parser.VectorSelector, exported series) {
	t.Helper()
	known, isExported := exported[selector.Name]
	if !isExported && selector.Name != up {
		t.Errorf("%s: the service exports no %s", q.place, selector.Name)
		return
	}
	for _, matcher := range selector.LabelMatchers {
		if matcher.Name != labels.MetricName {
			q.checkLabels(t, []string{matcher.Name}, known)
		}
	}
}

func (q query) checkLabels(t *testing.T, used, known []string) {
	t.Helper()
	for _, label := range used {
		if !slices.Contains(known, label) && !slices.Contains(ofPrometheus, label) {
			t.Errorf("%s: no series there has a label %s", q.place, label)
		}
	}
}

// labelsWithin are those of every series that a part of a query selects.
func labelsWithin(part parser.Node, exported series) []string {
	found := map[string]bool{}
	parser.Inspect(part, func(node parser.Node, _ []parser.Node) error {
		if selector, ok := node.(*parser.VectorSelector); ok {
			for _, label := range exported[selector.Name] {
				found[label] = true
			}
		}
		return nil
	})
	return slices.Collect(maps.Keys(found))
}

// resultLabels are those that the answer still has: what the outermost aggregations keep, or else all.
func resultLabels(expression parser.Node, exported series) []string {
	var kept []string
	aggregates := false
	parser.Inspect(expression, func(node parser.Node, path []parser.Node) error {
		outer := slices.ContainsFunc(path, func(above parser.Node) bool { _, is := above.(*parser.AggregateExpr); return is })
		if aggregation, is := node.(*parser.AggregateExpr); is && !outer {
			aggregates = true
			kept = append(kept, aggregation.Grouping...)
		}
		return nil
	})
	if aggregates {
		return kept
	}
	return labelsWithin(expression, exported)
}
