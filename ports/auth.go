package ports

import (
	"context"

	"github.com/journey-os/journey-api/core"
)

// TokenVerifier decides whether a bearer token is valid, and who its caller is. httpapi calls it on each protected
// route; jwtauth.Verifier implements it.
//
// Verify takes only the token, without its scheme. It returns a valid payload and nil, or an error: CodeAuthentication
// with the reason for an invalid token, CodeUnavailable if the token can't be checked now. An error's message helps the
// token's owner and contains nothing of a payload that was not verified. It may be called by many goroutines at once
// and ends with ctx.
type TokenVerifier interface {
	Verify(ctx context.Context, token string) (core.AuthTokenPayload, error)
}
