package tracing

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

const (
	// firstRetry is the first wait before a batch is sent again; each further one is twice as long.
	firstRetry = time.Second
	// maxOTLPReply is how much of a reply is read, in bytes, so that the connection can be used again.
	maxOTLPReply = 64 << 10
)

// otlpClient sends spans to a collector (OTLP/HTTP, in protobuf). It replaces OpenTelemetry's own client, which reads
// the process's environment itself and prints faulty values to stderr, including headers with credentials. That client
// also follows redirects with them, and brings all of gRPC into the binary.
type otlpClient struct {
	settings  Settings
	transport *http.Transport
	// closing ends the waits between two tries, and stopped also the tries.
	closing, stopped context.Context
	hurry, stop      context.CancelFunc
}

var _ otlptrace.Client = (*otlpClient)(nil)

func newOTLPClient(settings Settings) *otlpClient {
	c := &otlpClient{settings: settings, transport: &http.Transport{ // through no proxy, as all of the service's calls
		DialContext:            (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		TLSHandshakeTimeout:    5 * time.Second,
		TLSClientConfig:        settings.tls,
		ForceAttemptHTTP2:      true,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: maxOTLPReply,
	}}
	c.closing, c.hurry = context.WithCancel(context.Background())
	c.stopped, c.stop = context.WithCancel(context.Background())
	return c
}

// statusError is the status of a failed reply, without its body.
type statusError struct {
	status int
	after  time.Duration
}

func (e statusError) Error() string { return fmt.Sprintf("status %d", e.status) }

// isPassing reports whether the same batch may be sent again (OTLP's specification, section "Retryable Response Codes").
func (e statusError) isPassing() bool {
	return slices.Contains([]int{
		http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
	}, e.status)
}

// Start does nothing: the first batch connects.
func (c *otlpClient) Start(context.Context) error { return nil }

// Stop ends what is under way. It may be called more than once.
func (c *otlpClient) Stop(context.Context) error {
	c.hurry()
	c.stop()
	c.transport.CloseIdleConnections()
	return nil
}

// UploadTraces sends one batch, and retries if the collector asks for that, within the timeout.
func (c *otlpClient) UploadTraces(ctx context.Context, spans []*tracepb.ResourceSpans) error {
	body, err := c.encode(spans)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.settings.timeout)
	defer cancel()
	defer context.AfterFunc(c.stopped, cancel)()
	for wait := firstRetry; ; wait *= 2 {
		err := c.send(ctx, body)
		refusal, ok := errors.AsType[statusError](err)
		if !ok || !refusal.isPassing() || !c.pause(ctx, max(wait, refusal.after)) {
			return err
		}
	}
}

// pause waits, and reports whether there is time for another try.
func (c *otlpClient) pause(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-c.closing.Done():
		return false
	case <-ctx.Done():
		return false
	}
}

// encode writes TracesData, which is an ExportTraceServiceRequest on the wire.
func (c *otlpClient) encode(spans []*tracepb.ResourceSpans) ([]byte, error) {
	body, err := proto.Marshal(&tracepb.TracesData{ResourceSpans: spans})
	if err != nil || !c.settings.compress {
		return body, err
	}
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if _, err := writer.Write(body); err != nil {
		return nil, err
	}
	err = writer.Close()
	return packed.Bytes(), err
}

// send follows no redirect: the headers are only for the endpoint.
func (c *otlpClient) send(ctx context.Context, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.settings.endpoint, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("User-Agent", "journey-api/"+c.settings.version)
	for name, value := range c.settings.headers {
		request.Header.Set(name, value)
	}
	request.Header.Set("Content-Type", "application/x-protobuf")
	if c.settings.compress {
		request.Header.Set("Content-Encoding", "gzip")
	}
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	_, err = io.Copy(io.Discard, io.LimitReader(response.Body, maxOTLPReply))
	if response.StatusCode < 200 || response.StatusCode > 299 {
		seconds, _ := strconv.Atoi(response.Header.Get("Retry-After")) // a date is as good as none
		return statusError{status: response.StatusCode, after: time.Duration(seconds) * time.Second}
	}
	return err
}
