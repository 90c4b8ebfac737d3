package measure

import (
	"fmt"
	"net/http"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// Metrics is a page of metrics by name.
type Metrics map[string]*dto.MetricFamily

// Scrape reads the page of a program that listens for it on address.
func Scrape(address string) (Metrics, error) {
	client := http.Client{Timeout: 5 * time.Second}
	response, err := client.Get("http://" + address + "/metrics")
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
