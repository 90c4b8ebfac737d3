package main

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

// collector takes spans as an OpenTelemetry collector does (OTLP/HTTP).
type collector struct {
	url string
	// answer, where set, is asked for the status of each batch.
	answer func(w http.ResponseWriter) int

	lock   sync.Mutex
	asked  []*http.Request
	bodies [][]byte
	traces []*tracepb.ResourceSpans
}

func startCollector(t *testing.T, answer func(http.ResponseWriter) int) *collector {
	t.Helper()
	c := &collector{answer: answer}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
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

// requests are the batches that came, taken or not.
func (c *collector) requests() []*http.Request {
	c.lock.Lock()
	defer c.lock.Unlock()
	return slices.Clone(c.asked)
}

// spans are those that were taken, those of clients first: they end first.
func (c *collector) spans() []*tracepb.Span {
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

// names are the spans' names.
func (c *collector) names() []string {
	var names []string
	for _, span := range c.spans() {
		names = append(names, span.GetName())
	}
	return names
}

// resource is what all spans say of whom they come from.
func (c *collector) resource() map[string]string {
	c.lock.Lock()
	defer c.lock.Unlock()
	return textsOf(c.traces[0].GetResource().GetAttributes())
}

// contains looks for text in every byte that came.
func (c *collector) contains(text string) bool {
	c.lock.Lock()
	defer c.lock.Unlock()
	return slices.ContainsFunc(c.bodies, func(body []byte) bool { return strings.Contains(string(body), text) })
}

func textsOf(attributes []*commonpb.KeyValue) map[string]string {
	texts := map[string]string{}
	for _, attribute := range attributes {
		texts[attribute.GetKey()] = attribute.GetValue().GetStringValue()
	}
	return texts
}
