package supabasedb

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports"
)

// maxHealthReply is how much of a health reply's body is read, in bytes: all of it, so that the connection can be used
// again, but for a project with some thousands of tables, each of which the reply describes.
const maxHealthReply = 1 << 20

var _ ports.HealthChecker = (*Client)(nil)

// Name is "supabase".
func (c *Client) Name() string { return "supabase" }

// Check sends one GET to the health path with the service key. A redirect is no success and is not followed.
func (c *Client) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	status, err := c.ask(ctx)
	switch {
	case err != nil:
		return core.NewHealthError(ports.NetworkFault(err), fmt.Errorf("supabase: %w", ports.Masked(err, c.key)))
	case status >= 200 && status <= 299:
		return nil
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return core.NewHealthError(core.FaultCredentialsRejected, fmt.Errorf("supabase: status %d", status))
	default:
		return core.NewHealthError(core.FaultServerError, fmt.Errorf("supabase: status %d", status))
	}
}

func (c *Client) ask(ctx context.Context) (status int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.healthURL, nil)
	if err != nil {
		return 0, err
	}
	for name, value := range c.headers {
		request.Header.Set(name, value)
	}
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		return 0, err
	}
	defer func() { _ = response.Body.Close() }()
	_, err = io.Copy(io.Discard, io.LimitReader(response.Body, maxHealthReply))
	return response.StatusCode, err
}
