package jwtauth

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/journey-os/journey-api/adapters/jwtauth/keyring"
	"github.com/journey-os/journey-api/core"
)

// The algorithms that a token may be signed with. HS256 is verified with the project's secret, the others with the keys
// that the project publishes.
const (
	HS256 = "HS256"
	ES256 = keyring.ES256
	RS256 = keyring.RS256
	EdDSA = keyring.EdDSA
)

// Config configures a Verifier. Algorithms is required, Secret with HS256, and JWKSURL with any other.
type Config struct {
	// Algorithms are those that a token may be signed with: HS256, ES256, RS256, EdDSA.
	Algorithms []string
	// Secret is the project's JWT secret, its raw bytes; at least 32.
	Secret string
	// PreviousSecret verifies too, while the secret is being rotated; "" if there is none.
	PreviousSecret string
	// JWKSURL is where the project publishes its keys (RFC 7517, section 5): an absolute http or https URL. It is
	// fetched without any credentials, and never if only HS256 is allowed.
	JWKSURL string
	// JWKSMaxStale is how long the keys of the last good answer are used while newer fetches fail; at least 20 s, and
	// one hour if it is zero.
	JWKSMaxStale time.Duration
	// Transport fetches the keys; nil is one that uses no proxy and keeps no connection. It has to end with the
	// request's context.
	Transport http.RoundTripper
	// KeyEndpointChanged, if set, is called for each change of the key endpoint's state or fault; "" is no fault. Calls
	// do not overlap. Tokens that wait for the fetch wait for the call too, so it must not block.
	KeyEndpointChanged func(keyring.EndpointState, keyring.Fault)
	// KeyIgnored, if set, is called for each published key that can't be used, once for as long as it is published, and
	// at most for the first 100 in an answer. It is called in the same way as KeyEndpointChanged.
	KeyIgnored func(keyring.IgnoredKey)
	// Leeway is how far the clocks of issuer and verifier may differ, 0 to 60 s; it applies to exp, nbf and iat.
	Leeway time.Duration
	// Issuer is the only accepted "iss"; "" accepts any.
	Issuer string
	// RefuseDevelopmentTokens refuses tokens of core.DevelopmentIssuer.
	RefuseDevelopmentTokens bool
	// Now is the clock for exp, nbf and iat, and for the age of keys and verdicts; nil is time.Now, which measures ages
	// on the monotonic clock.
	Now func() time.Time
}

// check also fills in what was left out.
func (c *Config) check() error {
	if len(c.Algorithms) == 0 {
		return errors.New("no algorithm is allowed")
	}
	for _, algorithm := range c.Algorithms {
		if algorithm != HS256 && signingMethods[algorithm] == nil {
			return fmt.Errorf("algorithm %q is not supported", algorithm)
		}
	}
	if err := c.checkSecrets(); err != nil {
		return err
	}
	if c.Leeway < 0 || c.Leeway > core.MaxTokenLeeway {
		return fmt.Errorf("the leeway must be between 0 and %s", core.MaxTokenLeeway)
	}
	if c.RefuseDevelopmentTokens && c.Issuer == core.DevelopmentIssuer {
		return errors.New("the only issuer let in is the development issuer, which is refused")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return nil
}

func (c *Config) checkSecrets() error {
	switch {
	case !slices.Contains(c.Algorithms, HS256):
		return nil
	case len(c.Secret) < core.MinSecretBytes:
		return fmt.Errorf("HS256 needs a secret of at least %d bytes", core.MinSecretBytes)
	case c.PreviousSecret != "" && len(c.PreviousSecret) < core.MinSecretBytes:
		return fmt.Errorf("HS256 needs a previous secret of at least %d bytes", core.MinSecretBytes)
	}
	return nil
}

// publishesKeys reports whether any allowed algorithm takes the project's published keys.
func (c *Config) publishesKeys() bool {
	return slices.ContainsFunc(c.Algorithms, func(algorithm string) bool { return algorithm != HS256 })
}
