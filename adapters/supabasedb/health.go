package supabasedb

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"regexp"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports"
	"github.com/journey-os/journey-api/ports/masking"
	"github.com/journey-os/journey-api/ports/netfault"
)

// maxHealthReply is how much of a health reply's body is read, in bytes, so that the connection can be used again: all
// of it, except for a project with thousands of tables, which the reply describes.
const maxHealthReply = 1 << 20

var _ ports.HealthChecker = (*Client)(nil)

// Name is "supabase".
func (c *Client) Name() string { return "supabase" }

// Check sends one GET to the health path with the service key. It succeeds only if PostgREST itself answers: a gateway,
// a login page or a parked domain in front of it may answer 200 too. A redirect is no success and is not followed.
func (c *Client) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	status, header, err := c.ask(ctx)
	switch {
	case err != nil:
		return core.NewHealthError(netfault.Of(err), fmt.Errorf("supabase: %w", masking.Error(err, c.key)))
	case status >= 200 && status <= 299 && isPostgREST(header):
		return nil
	case status >= 200 && status <= 299:
		return core.NewHealthError(core.FaultServerError,
			fmt.Errorf("supabase: status %d, but it is not PostgREST that answers (%s)", status, mediaType(header)))
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return core.NewHealthError(core.FaultCredentialsRejected, fmt.Errorf("supabase: status %d", status))
	case status == http.StatusNotFound:
		return core.NewHealthError(core.FaultUnreachable,
			fmt.Errorf("supabase: status %d: nothing is served at the path of HEALTH_SUPABASE_PATH below SUPABASE_URL", status))
	default:
		return core.NewHealthError(core.FaultServerError, fmt.Errorf("supabase: status %d", status))
	}
}

func (c *Client) ask(ctx context.Context) (status int, header http.Header, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.healthURL, nil)
	if err != nil {
		return 0, nil, err
	}
	for name, value := range c.headers {
		request.Header.Set(name, value)
	}
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	_, err = io.Copy(io.Discard, io.LimitReader(response.Body, maxHealthReply))
	return response.StatusCode, response.Header, err
}

// rootType is the media type of PostgREST's root, which describes its schema.
const rootType = "application/openapi+json"

// contentRange is how PostgREST counts rows, on every reply to a read of a table and to a call of a function: 0-24/*,
// */0. It has no unit, unlike file servers' "bytes" (RFC 9110, section 14.4).
var contentRange = regexp.MustCompile(`^(\d+-\d+|\*)/(\d+|\*)$`)

// isPostgREST reports whether a successful reply to a GET comes from PostgREST. Its Server header does not pass every
// gateway.
func isPostgREST(header http.Header) bool {
	return mediaType(header) == rootType || contentRange.MatchString(header.Get("Content-Range"))
}

// mediaType returns the media type of the reply, for the log, and nothing else of the reply.
func mediaType(header http.Header) string {
	media, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil || len(media) > 100 {
		return "no media type"
	}
	return media
}
