package jwtauth

import (
	"context"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/journey-os/journey-api/adapters/jwtauth/keyring"
	"github.com/journey-os/journey-api/core"
)

// keys is what tokens are verified with. The algorithm says which family of keys counts, and only within the published
// ones the kid says which key, so that a key can never be used with an algorithm of another family.
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

// signingMethods are those that verify with a published key, by the one alg that a key of theirs may be used with.
var signingMethods = map[string]jwt.SigningMethod{
	ES256: jwt.SigningMethodES256,
	RS256: jwt.SigningMethodRS256,
	EdDSA: jwt.SigningMethodEdDSA,
}

// newKeys takes a config whose own fields were checked; keysLeft is told when a published key has left.
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
		Changed: config.KeyEndpointChanged, Ignored: config.KeyIgnored, KeysLeft: keysLeft,
	})
	return found, err
}

// find picks the keys by the header. An alg that is missing or no string is not allowed either.
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

// hold reports whether a token that verified with key, nil for a secret, would find it at now.
func (k *keys) hold(key *keyring.Key, now time.Time) bool {
	return key == nil || k.published.Known(key.ID, now) == key
}

// verify compares HMACs in constant time, since golang-jwt uses hmac.Equal. An ECDSA signature is r and s of 32 bytes
// each, in range (RFC 7518, section 3.4).
func (c candidates) verify(t *token) error {
	for _, key := range c.keys {
		if c.method.Verify(t.signed, t.signature, key) == nil {
			return nil
		}
	}
	return core.NewAuthenticationError(core.ReasonSignatureInvalid, "The token's signature is not valid")
}
