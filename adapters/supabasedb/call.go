package supabasedb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports/correlation"
	"github.com/journey-os/journey-api/ports/masking"
)

// maxReply bounds the body of a reply, in bytes, decompressed. A query that needs more needs a limit.
const maxReply = 8 << 20

// call sends the request of one call. It is an http.RoundTripper beneath the PostgREST client, which all of its
// requests pass. It binds them to the call's context, and turns a failed reply into the error that From documents,
// which the client would reduce to a text. It reads the body itself, for the same reasons.
type call struct {
	ctx       context.Context
	key       string // to keep it out of what the project says
	timeout   time.Duration
	transport http.RoundTripper
	tracer    trace.Tracer
	inFlight  *atomic.Int64
}

func (c *call) RoundTrip(request *http.Request) (response *http.Response, err error) {
	c.inFlight.Add(1)
	defer c.inFlight.Add(-1)
	ctx, end := c.startSpan(c.ctx, request)
	defer func() { end(err) }()
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	stop := context.AfterFunc(request.Context(), cancel)
	defer stop()
	bound := request.Clone(ctx)
	if id := core.CorrelationIDFrom(c.ctx); id != "" {
		bound.Header.Set(correlation.Header, string(id))
	}
	addTraceHeaders(ctx, bound.Header)
	response, err = c.send(bound)
	if err == nil {
		return response, nil
	}
	// http.Client quotes the request's URL in its error, and the filters in it are people's data.
	request.URL = &url.URL{Path: request.URL.Path}
	if errors.Is(c.ctx.Err(), context.Canceled) || errors.Is(request.Context().Err(), context.Canceled) {
		return nil, fmt.Errorf("supabase: %w", context.Canceled)
	}
	return nil, err
}

// send returns a success with its whole body in memory, or an error.
func (c *call) send(request *http.Request) (*http.Response, error) {
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		return nil, unavailable(fmt.Errorf("supabase: %w", masking.Error(err, c.key)))
	}
	defer func() { _ = response.Body.Close() }()
	noteStatus(request.Context(), response.StatusCode)
	body, err := io.ReadAll(io.LimitReader(response.Body, maxReply+1))
	switch {
	case err != nil:
		return nil, unavailable(fmt.Errorf("supabase: %w", masking.Error(err, c.key)))
	case response.StatusCode < 200 || response.StatusCode > 299:
		return nil, mapReply(response.StatusCode, body, c.key)
	case len(body) > maxReply:
		return nil, fmt.Errorf("supabase: the reply is over %d bytes", maxReply)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}
