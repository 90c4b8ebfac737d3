package ports

import (
	"context"

	"github.com/journey-os/journey-api/core"
)

// TokenVerifier decides whether a bearer token proves who its bearer is. httpapi calls it on each protected route;
// jwtauth.Verifier implements it.
//
// Verify takes the token alone, without its scheme. It returns a valid payload and nil, or an error: CodeAuthentication
// with the reason for a token that proves nothing, CodeUnavailable if it can't be decided now. An error's message
// helps the token's owner and tells nothing of a payload that was not verified. It may be called by many goroutines at
// once and ends with ctx.
type TokenVerifier interface {
	Verify(ctx context.Context, token string) (core.AuthTokenPayload, error)
}
