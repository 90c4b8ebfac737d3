package jwtauth

import (
	"context"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/journey-os/journey-api/adapters/jwtauth/keyring"
	"github.com/journey-os/journey-api/core"
)

// keys are the keys that verify tokens. The algorithm selects the family of keys, and the kid selects a key only among
// the published ones. So a key can never be used with an algorithm of another family.
type keys struct {
	allowed   []string
	secrets   candidates
	published *keyring.Ring // nil if no algorithm takes a published key
}

// candidates are the keys that may have signed a token, and the method to try each of them with.
type candidates struct {
	method jwt.SigningMethod
	keys   []any
	// published is the one key if it came from the project's JWKS, else nil.
	published *keyring.Key
}

// signingMethods are the methods that verify with a published key, by the only alg that such a key may be used with.
var signingMethods = map[string]jwt.SigningMethod{
	ES256: jwt.SigningMethodES256,
	RS256: jwt.SigningMethodRS256,
	EdDSA: jwt.SigningMethodEdDSA,
}

// newKeys takes a checked config; keysLeft is called when published keys were removed.
func newKeys(config Config, keysLeft func()) (keys, error) {
	secrets := candidates{method: jwt.SigningMethodHS256, keys: []any{[]byte(config.Secret)}}
	if config.PreviousSecret != "" {
		secrets.keys = append(secrets.keys, []byte(config.PreviousSecret))
	}
	found := keys{allowed: slices.Clone(config.Algorithms), secrets: secrets}
	if !config.publishesKeys() {
		return found, nil
	}
	var err error
	found.published, err = keyring.New(keyring.Config{
		URL: config.JWKSURL, MaxStale: config.JWKSMaxStale, Transport: config.Transport, Now: config.Now,
		Changed: config.KeyEndpointChanged, Ignored: config.KeyIgnored, KeyRemoved: keysLeft,
	})
	return found, err
}

// find selects the keys by the header. A missing alg, or one that is no string, is not allowed either.
func (k *keys) find(ctx context.Context, h header) (candidates, error) {
	algorithm := h.Algorithm.Value
	switch {
	case !slices.Contains(k.allowed, algorithm):
		return candidates{}, core.NewAuthenticationError(core.ReasonAlgorithmRejected,
			"The token is signed with an algorithm that is not allowed here")
	case algorithm == HS256:
		return k.secrets, nil
	case h.KeyID.Value == "" || len(h.KeyID.Value) > keyring.MaxIDBytes:
		return candidates{}, core.NewAuthenticationError(core.ReasonKeyUnknown, "The token does not name its signing key (kid)")
	}
	key, err := k.published.Find(ctx, h.KeyID.Value)
	switch {
	case err != nil:
		return candidates{}, err
	case key.Algorithm != algorithm:
		return candidates{}, core.NewAuthenticationError(core.ReasonAlgorithmRejected,
			"The token is signed with another algorithm than its signing key is for")
	}
	return candidates{method: signingMethods[algorithm], keys: []any{key.Material}, published: key}, nil
}

// stillTrusts reports whether key, nil for a secret, would still be found at now.
func (k *keys) stillTrusts(key *keyring.Key, now time.Time) bool {
	return key == nil || k.published.Lookup(key.ID, now) == key
}

// verify verifies the signature. golang-jwt compares HMACs in constant time. An ECDSA signature is r and s of 32 bytes
// each, in range (RFC 7518, section 3.4).
func (c candidates) verify(t *token) error {
	for _, key := range c.keys {
		if c.method.Verify(t.signed, t.signature, key) == nil {
			return nil
		}
	}
	return core.NewAuthenticationError(core.ReasonSignatureInvalid, "The token's signature is not valid")
}
