// Package supabasedb is the client for a Supabase project. It queries tables and calls functions over PostgREST with
// the service key, checks Supabase's health, and changes accounts of Supabase Auth. No other package imports Supabase's
// libraries.
//
// The service key passes row-level security: nothing here checks tenants, so every store filters by institution itself.
package supabasedb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/supabase-community/postgrest-go"
	"go.opentelemetry.io/otel/trace"

	"github.com/journey-os/journey-api/core/health"
)

// restPath is where a Supabase project serves PostgREST.
const restPath = "/rest/v1"

// Config configures a Client. Only UserAgent, Transport and Traces may be zero.
type Config struct {
	// URL is the project's URL, without a path.
	URL string
	// ServiceRoleKey is a JWT with the role service_role, or a secret key (sb_secret_…).
	ServiceRoleKey string
	// Timeout bounds one request, including its reply's body; a context that ends earlier still ends it.
	Timeout time.Duration
	// HealthPath is the path that Check requests from PostgREST. It must reach Postgres, as /rest/v1/, a table and a
	// function do.
	HealthPath string
	// UserAgent is what the project logs about us; "" is that of the HTTP client.
	UserAgent string
	// Transport sends the requests; nil is one that uses no proxy and keeps connections for reuse.
	Transport http.RoundTripper
	// Traces, if it is set, gets a span for each request but those of Check.
	Traces trace.TracerProvider
}

// Client talks to one project. It may be used by many goroutines at once: they share connections and nothing else.
type Client struct {
	rootURL   string
	restURL   string
	healthURL string
	key       string
	headers   map[string]string
	timeout   time.Duration
	transport http.RoundTripper
	tracer    trace.Tracer
	inFlight  atomic.Int64
}

// Stats is how many calls are under way; only their contexts bound them. It may be called at any time.
func (c *Client) Stats() health.Pool {
	return health.Pool{Name: c.Name(), InUse: int(c.inFlight.Load())}
}

// New refuses a configuration that can't work. It opens no connection.
func New(config Config) (*Client, error) {
	switch {
	case !isBase(config.URL):
		return nil, errors.New("supabase: the URL must be http(s)://host, without userinfo, query and fragment")
	case config.ServiceRoleKey == "":
		return nil, errors.New("supabase: the service role key is missing")
	case config.Timeout <= 0:
		return nil, errors.New("supabase: the timeout must be above zero")
	case !strings.HasPrefix(config.HealthPath, "/"):
		return nil, errors.New("supabase: the health path must begin with a slash")
	}
	root := strings.TrimRight(config.URL, "/")
	if _, err := url.Parse(root + config.HealthPath); err != nil {
		return nil, fmt.Errorf("supabase: the health path: %w", err)
	}
	transport := config.Transport
	if transport == nil {
		transport = newTransport()
	}
	client := &Client{
		rootURL:   root,
		restURL:   root + restPath,
		healthURL: root + config.HealthPath,
		key:       config.ServiceRoleKey,
		headers:   keyHeaders(config),
		timeout:   config.Timeout,
		transport: transport,
		tracer:    tracerOf(config.Traces),
	}
	return client, nil
}

func isBase(text string) bool {
	base, err := url.Parse(text)
	return err == nil && (base.Scheme == "http" || base.Scheme == "https") && base.Host != "" &&
		base.User == nil && base.RawQuery == "" && base.Fragment == ""
}

// keyHeaders returns the headers with the key for the project's gateway. PostgREST reads the role from a JWT; a secret
// key is no JWT and is refused as a bearer token.
func keyHeaders(config Config) map[string]string {
	key := config.ServiceRoleKey
	headers := map[string]string{"apikey": key}
	if isJWT := strings.Count(key, ".") == 2; isJWT {
		headers["Authorization"] = "Bearer " + key
	}
	if config.UserAgent != "" {
		headers["User-Agent"] = config.UserAgent
	}
	return headers
}

func newTransport() *http.Transport {
	return &http.Transport{
		DialContext:            (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 15 * time.Second}).DialContext,
		TLSHandshakeTimeout:    5 * time.Second,
		ForceAttemptHTTP2:      true,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 5 * time.Second},
		MaxIdleConnsPerHost:    64,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// From starts a query on a table or view of the schema public; it ends with ctx, whichever of the builder's Execute
// methods sends it, and carries ctx's correlation id. ExecuteTo decodes rows; a change that returns none ("minimal")
// has nothing to decode and is sent by Execute.
//
// The builder combines filters safely only with one filter for each column. Two on one column become a logical tree
// whose values it does not quote, and with two such columns a filter is lost: write a function and Call it instead.
//
// The errors of a query and of Call: CodeConflict if a unique or foreign key is violated; CodeNotFound if one
// row was asked for (Single) and there is not exactly one; CodeUnavailable (ReasonDependencyUnavailable) if Supabase
// can't be reached, takes too long, has no room, fails or refuses our key; context.Canceled, wrapped, if ctx was
// cancelled; anything else, a faulty query say, as a plain error.
func (c *Client) From(ctx context.Context, table string) *postgrest.QueryBuilder {
	return c.bound(ctx).From(table)
}

// Call calls a function of the schema public. args is an object of its parameters, nil for none; out is what its JSON
// result is decoded into, nil to drop it. Its errors are From's.
func (c *Client) Call(ctx context.Context, function string, args, out any) error {
	reply, err := c.bound(ctx).RpcWithError(function, "", args)
	if err != nil {
		return fmt.Errorf("supabase: call %s: %w", function, err)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal([]byte(reply), out); err != nil {
		return fmt.Errorf("supabase: decode the result of %s: %w", function, err)
	}
	return nil
}

// Close closes the idle connections.
func (c *Client) Close() {
	if transport, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		transport.CloseIdleConnections()
	}
}

// bound returns a PostgREST client for one call. A shared client would share headers and the last error between calls,
// and has no context for functions; supabase.NewClient takes no transport either.
func (c *Client) bound(ctx context.Context) *postgrest.Client {
	client := postgrest.NewClient(c.restURL, "public", c.headers)
	client.Transport.Parent = &call{ctx: ctx, key: c.key, timeout: c.timeout, transport: c.transport, tracer: c.tracer, inFlight: &c.inFlight}
	return client
}
