package jwtauth

import (
	"errors"
	"fmt"

	"github.com/golang-jwt/jwt/v5"

	"github.com/journey-os/journey-api/core"
)

// keys holds what each allowed algorithm verifies with. An algorithm has its own keys and no others, so that a key can
// never be used with an algorithm of another family.
type keys map[string]candidates

// candidates are the keys that may have signed a token, and the method to try each of them with.
type candidates struct {
	method jwt.SigningMethod
	keys   []any
}

func newKeys(config Config) (keys, error) {
	if len(config.Algorithms) == 0 {
		return nil, errors.New("no algorithm is allowed")
	}
	allowed := keys{}
	for _, algorithm := range config.Algorithms {
		if algorithm != jwt.SigningMethodHS256.Alg() {
			return nil, fmt.Errorf("algorithm %q is not supported", algorithm)
		}
		secrets, err := secretKeys(config)
		if err != nil {
			return nil, err
		}
		allowed[algorithm] = candidates{method: jwt.SigningMethodHS256, keys: secrets}
	}
	return allowed, nil
}

func secretKeys(config Config) ([]any, error) {
	if len(config.Secret) < minSecretBytes {
		return nil, fmt.Errorf("HS256 needs a secret of at least %d bytes", minSecretBytes)
	}
	secrets := []any{[]byte(config.Secret)}
	if config.PreviousSecret == "" {
		return secrets, nil
	}
	if len(config.PreviousSecret) < minSecretBytes {
		return nil, fmt.Errorf("HS256 needs a previous secret of at least %d bytes", minSecretBytes)
	}
	return append(secrets, []byte(config.PreviousSecret)), nil
}

// find picks the keys by the header. An alg that is missing or no string is not allowed either.
func (k keys) find(h header) (candidates, error) {
	found, ok := k[h.Algorithm.value]
	if !ok {
		return candidates{}, core.NewAuthenticationError(core.ReasonAlgorithmRejected,
			"The token is signed with an algorithm that is not allowed here")
	}
	return found, nil
}

// verify compares in constant time: golang-jwt's HMAC uses hmac.Equal.
func (c candidates) verify(t *token) error {
	for _, key := range c.keys {
		if c.method.Verify(t.signed, t.signature, key) == nil {
			return nil
		}
	}
	return core.NewAuthenticationError(core.ReasonSignatureInvalid, "The token's signature is not valid")
}
