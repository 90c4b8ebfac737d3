package portstest

import (
	"context"

	"github.com/journey-os/journey-api/core"
)

// VerifierAccepting accepts one token for caller and refuses every other for its signature.
func VerifierAccepting(token string, caller core.AuthTokenPayload) *TokenVerifierMock {
	return VerifierOf(map[string]core.AuthTokenPayload{token: caller})
}

// VerifierOf accepts each token of callers for its caller and refuses every other for its signature.
func VerifierOf(callers map[string]core.AuthTokenPayload) *TokenVerifierMock {
	return &TokenVerifierMock{
		VerifyFunc: func(_ context.Context, token string) (core.AuthTokenPayload, error) {
			if caller, ok := callers[token]; ok {
				return caller, nil
			}
			return core.AuthTokenPayload{},
				core.NewAuthenticationError(core.ReasonSignatureInvalid, "The token's signature is not valid")
		},
	}
}

// VerifierFailing answers every token with err.
func VerifierFailing(err error) *TokenVerifierMock {
	return &TokenVerifierMock{
		VerifyFunc: func(context.Context, string) (core.AuthTokenPayload, error) {
			return core.AuthTokenPayload{}, err
		},
	}
}
