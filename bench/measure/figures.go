package measure

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// Metrics is a page of metrics by name.
type Metrics map[string]*dto.MetricFamily

// Scrape reads the server's page of metrics.
func (s *Server) Scrape() (Metrics, error) {
	client := http.Client{Timeout: 5 * time.Second}
	response, err := client.Get("http://" + s.Metrics + "/metrics")
	if err != nil {
		return nil, fmt.Errorf("its metrics: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	return parser.TextToMetricFamilies(response.Body)
}

// Sum adds the values of a gauge or counter, whatever its labels.
func (m Metrics) Sum(name string) (sum float64) {
	for _, one := range m[name].GetMetric() {
		sum += one.GetGauge().GetValue() + one.GetCounter().GetValue()
	}
	return sum
}

// Median is that of a figure of all; 0 of none.
func Median[T any](all []T, figure func(T) float64) float64 {
	var values []float64
	for _, one := range all {
		values = append(values, figure(one))
	}
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}

// Markdown is a table whose first line is its head; all columns but the first are aligned to the right.
func Markdown(lines [][]string) string {
	var text strings.Builder
	for i, cells := range lines {
		text.WriteString("| " + strings.Join(cells, " | ") + " |\n")
		if i == 0 {
			text.WriteString("|---|" + strings.Repeat("---:|", len(cells)-1) + "\n")
		}
	}
	return text.String()
}
