package keyring

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

const (
	// defaultMaxStale is how long keys are used after the last good answer.
	defaultMaxStale = time.Hour
	// minMaxStale leaves room for a second fetch, so that the keys of an endpoint that works never go stale.
	minMaxStale = 2 * fetchSpacing
)

// Config configures a Ring. URL is required.
type Config struct {
	// URL is where the project publishes its keys (RFC 7517, section 5): an absolute http or https URL. It is fetched
	// without any credentials.
	URL string
	// MaxStale is how long the keys of the last good answer are used while newer fetches fail; at least 20 s, and one
	// hour if it is zero.
	MaxStale time.Duration
	// Transport fetches the keys; nil is one that uses no proxy and keeps no connection. It has to end with the
	// request's context.
	Transport http.RoundTripper
	// Changed, if set, is called for each change of the endpoint's state or fault; "" is no fault. Calls do not
	// overlap. Callers that wait for the fetch wait for the call too, so it must not block.
	Changed func(EndpointState, Fault)
	// Ignored, if set, is called for each published key that can't be used, once for as long as it is published, and at
	// most for the first 100 in an answer. It is called in the same way as Changed.
	Ignored func(IgnoredKey)
	// KeyRemoved, if set, is called when keys were removed from the ring. It is called in the same way as Changed.
	KeyRemoved func()
	// Now is the clock that keys go stale by; nil is time.Now, which measures on the monotonic clock.
	Now func() time.Time
}

// check also fills in what was left out.
func (c *Config) check() error {
	address, err := url.Parse(c.URL)
	if err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https" {
		return errors.New("ES256, RS256 and EdDSA need the URL of the project's JWKS, http or https") // the URL may hold anything: it is not told
	}
	if c.MaxStale == 0 {
		c.MaxStale = defaultMaxStale
	}
	if c.MaxStale < minMaxStale {
		return fmt.Errorf("keys must be allowed to be %s old or more", minMaxStale)
	}
	if c.Changed == nil {
		c.Changed = func(EndpointState, Fault) {}
	}
	if c.Ignored == nil {
		c.Ignored = func(IgnoredKey) {}
	}
	if c.KeyRemoved == nil {
		c.KeyRemoved = func() {}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return nil
}
