// Package collector is a stand-in for an OpenTelemetry collector.
package collector

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Collector takes spans as an OpenTelemetry collector does (OTLP/HTTP).
type Collector struct {
	URL string
	// answer, if set, returns the status of each batch.
	answer func(w http.ResponseWriter) int

	lock   sync.Mutex
	asked  []*http.Request
	bodies [][]byte
	traces []*tracepb.ResourceSpans
}

// Start serves a collector until the test ends. If answer is set, it returns the status of each batch.
func Start(t *testing.T, answer func(http.ResponseWriter) int) *Collector {
	t.Helper()
	c := &Collector{answer: answer}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	c.URL = server.URL
	return c
}

// ServeHTTP takes a batch.
func (c *Collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		body = unpacked
	}
	text, err := io.ReadAll(body)
	var batch tracepb.TracesData
	if err != nil || proto.Unmarshal(text, &batch) != nil || r.Header.Get("Content-Type") != "application/x-protobuf" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.lock.Lock()
	c.asked = append(c.asked, r)
	c.bodies = append(c.bodies, text)
	c.lock.Unlock()
	if c.answer != nil {
		if status := c.answer(w); status != http.StatusOK {
			w.WriteHeader(status)
			return
		}
	}
	c.lock.Lock()
	defer c.lock.Unlock()
	c.traces = append(c.traces, batch.GetResourceSpans()...)
}

// Requests returns the batches that came, accepted or not.
func (c *Collector) Requests() []*http.Request {
	c.lock.Lock()
	defer c.lock.Unlock()
	return slices.Clone(c.asked)
}

// Spans returns the accepted spans, those of clients first, since they end first.
func (c *Collector) Spans() []*tracepb.Span {
	c.lock.Lock()
	defer c.lock.Unlock()
	var spans []*tracepb.Span
	for _, resource := range c.traces {
		for _, scope := range resource.GetScopeSpans() {
			spans = append(spans, scope.GetSpans()...)
		}
	}
	slices.SortStableFunc(spans, func(a, b *tracepb.Span) int { return int(a.GetEndTimeUnixNano()) - int(b.GetEndTimeUnixNano()) })
	return spans
}

// Names returns the spans' names.
func (c *Collector) Names() []string {
	var names []string
	for _, span := range c.Spans() {
		names = append(names, span.GetName())
	}
	return names
}

// Resource returns the resource attributes of all spans.
func (c *Collector) Resource() map[string]string {
	c.lock.Lock()
	defer c.lock.Unlock()
	return TextsOf(c.traces[0].GetResource().GetAttributes())
}

// Contains reports whether text is in any batch that came.
func (c *Collector) Contains(text string) bool {
	c.lock.Lock()
	defer c.lock.Unlock()
	return slices.ContainsFunc(c.bodies, func(body []byte) bool { return strings.Contains(string(body), text) })
}

// TextsOf returns the attributes that are strings.
func TextsOf(attributes []*commonpb.KeyValue) map[string]string {
	texts := map[string]string{}
	for _, attribute := range attributes {
		texts[attribute.GetKey()] = attribute.GetValue().GetStringValue()
	}
	return texts
}
