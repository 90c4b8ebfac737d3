package apitest

import (
	"context"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports"
	"github.com/journey-os/journey-api/ports/portstest"
)

// Institution is the institution of every caller.
const Institution = "own"

// Callers returns the verified callers, by token: each role, and each with the suffix -director for one who directs
// courses. Their ids are user- and the role; their institution is Institution.
func Callers() map[string]core.AuthTokenPayload {
	known := map[string]core.AuthTokenPayload{}
	for _, role := range core.Roles() {
		caller := core.AuthTokenPayload{
			Subject: "user-" + string(role), Email: string(role) + "@msm.edu", Role: role, InstitutionID: Institution,
			Audience: "authenticated", ExpiresAt: time.Unix(1740000000, 0), IssuedAt: time.Unix(1739996400, 0),
		}
		known[string(role)] = caller
		caller.IsCourseDirector = true
		known[string(role)+"-director"] = caller
	}
	return known
}

// ExpiredToken is an expired token; every other token that Callers does not list is forged.
const ExpiredToken = "expired"

// Verifier returns a verifier of the tokens of Callers.
func Verifier() ports.TokenVerifier {
	known := portstest.VerifierOf(Callers())
	return &portstest.TokenVerifierMock{
		VerifyFunc: func(ctx context.Context, token string) (core.AuthTokenPayload, error) {
			if token == ExpiredToken {
				return core.AuthTokenPayload{}, core.NewAuthenticationError(core.ReasonTokenExpired, "The token has expired")
			}
			return known.Verify(ctx, token)
		},
	}
}
