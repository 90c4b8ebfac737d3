package check

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// series maps the names of time series to the labels that they have.
type series map[string][]string

var promQL = parser.NewParser(parser.Options{})

// scraped are the series of a page of metrics, with what Prometheus adds.
func scraped(t *testing.T, page string) series {
	t.Helper()
	ofPrometheus := []string{model.MetricNameLabel, "instance", "job"}
	found := series{"up": ofPrometheus}
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		metric, err := promQL.ParseMetric(line[:strings.LastIndex(line, " ")])
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		names := slices.Clone(ofPrometheus)
		metric.Range(func(label labels.Label) { names = append(names, label.Name) })
		found[metric.Get(model.MetricNameLabel)] = names
	}
	return found
}

// query is an expression of an alert or a panel.
type query struct {
	place, text string
	// shown are the labels that its legend or its words name.
	shown []string
}

// matches are the parts of a text in a pattern's parentheses.
func matches(pattern, text string) []string {
	var found []string
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		found = append(found, match[1])
	}
	return found
}

// check holds a query against what is exported: a selector of a series that nobody exports finds nothing, forever and
// in silence, and so does one by a label that the series has not.
func (q query) check(t *testing.T, exported series) {
	t.Helper()
	expression, err := promQL.ParseExpr(q.text)
	if err != nil {
		t.Errorf("%s: %v", q.place, err)
		return
	}
	selected := labelsWithin(expression, exported)
	if len(selected) == 0 {
		t.Errorf("%s: it looks at no series", q.place)
	}
	var kept []string // by the outermost aggregations, if there are any
	isAggregated := false
	parser.Inspect(expression, func(node parser.Node, above []parser.Node) error {
		switch part := node.(type) {
		case *parser.VectorSelector:
			known, is := exported[part.Name]
			if !is {
				t.Errorf("%s: the service exports no %s", q.place, part.Name)
			}
			for _, matcher := range part.LabelMatchers {
				q.wantLabels(t, known, matcher.Name)
			}
		case *parser.AggregateExpr:
			q.wantLabels(t, labelsWithin(part.Expr, exported), part.Grouping...)
			if !slices.ContainsFunc(above, func(n parser.Node) bool { _, is := n.(*parser.AggregateExpr); return is }) {
				isAggregated, kept = true, append(kept, part.Grouping...)
			}
		case *parser.BinaryExpr:
			if part.VectorMatching != nil {
				q.wantLabels(t, labelsWithin(part, exported), part.VectorMatching.MatchingLabels...)
			}
		}
		return nil
	})
	if !isAggregated {
		kept = selected
	}
	q.wantLabels(t, kept, q.shown...)
}

func (q query) wantLabels(t *testing.T, known []string, used ...string) {
	t.Helper()
	for _, label := range used {
		if !slices.Contains(known, label) {
			t.Errorf("%s: no series there has a label %s", q.place, label)
		}
	}
}

// labelsWithin are those of every series that a part of a query selects.
func labelsWithin(part parser.Node, exported series) []string {
	var found []string
	for _, node := range parser.Children(part) {
		found = append(found, labelsWithin(node, exported)...)
	}
	if selector, is := part.(*parser.VectorSelector); is {
		found = append(found, exported[selector.Name]...)
	}
	return found
}
