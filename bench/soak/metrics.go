package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	goroutinesMetric = "go_goroutines"
	requestsMetric   = "http_server_request_duration_seconds_count"
	changesMetric    = "journey_api_dependency_changes_total"
	scrapeTimeout    = 5 * time.Second
)

// metrics are the service's, by name with labels as it writes them.
type metrics map[string]float64

// scrape reads the page of a service that listens for it on address.
func scrape(ctx context.Context, address string) (metrics, error) {
	ctx, cancel := context.WithTimeout(ctx, scrapeTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/metrics", http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("scrape: %s", response.Status)
	}
	return parseMetrics(response.Body)
}

// parseMetrics reads Prometheus' text format, as far as this service writes it.
func parseMetrics(page io.Reader) (metrics, error) {
	all := metrics{}
	lines := bufio.NewScanner(page)
	for lines.Scan() {
		text := lines.Text()
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		at := strings.LastIndexByte(text, ' ')
		value, err := strconv.ParseFloat(text[at+1:], 64)
		if at < 0 || err != nil {
			return nil, fmt.Errorf("scrape: the line %q", text)
		}
		all[text[:at]] = value
	}
	return all, lines.Err()
}

var label = regexp.MustCompile(`(\w+)="([^"]*)"`)

// requests are the counts of requests by method, route and status.
func (m metrics) requests() map[entry]int {
	counts := map[entry]int{}
	for name, value := range m {
		labels, isCount := strings.CutPrefix(name, requestsMetric+"{")
		if !isCount {
			continue
		}
		var e entry
		for _, found := range label.FindAllStringSubmatch(labels, -1) {
			switch found[1] {
			case "http_request_method":
				e.method = found[2]
			case "http_route":
				e.route = found[2]
			case "http_response_status_code":
				e.status, _ = strconv.Atoi(found[2])
			}
		}
		counts[e] += int(value)
	}
	return counts
}

// sum adds the values of a name, whatever its labels.
func (m metrics) sum(name string) (sum float64) {
	for key, value := range m {
		if key == name || strings.HasPrefix(key, name+"{") {
			sum += value
		}
	}
	return sum
}

// counted compares what the metrics counted with what the log says, request by request.
func (m metrics) counted(logged map[entry]int, complain func(kind, id, what string)) {
	measured := m.requests()
	for e, count := range logged {
		if e.method == "" { // what could not be read has no route in the log
			e.route = "unmatched"
		}
		measured[e] -= count
	}
	for e, difference := range measured {
		if difference != 0 {
			complain("metrics", "", fmt.Sprintf("%+v was counted %+d times beside the log", e, difference))
		}
	}
}
