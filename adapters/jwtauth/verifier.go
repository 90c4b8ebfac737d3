// Package jwtauth decides whether a Supabase access token proves who its bearer is, and signs the tokens that
// development needs. It is the only importer of golang-jwt, which checks and makes signatures; everything else about a
// token is checked here, since that library's JSON decoder takes "App_Metadata" for "app_metadata" and the last of two
// equal names for the only one.
//
// Verifier.Verify is the place to start: it shows the steps in their order. A token is decoded whole and strictly
// before anything in it is believed (token.go), its algorithm picks the keys (keys.go), and only then are its claims
// read (claims.go). Nothing here logs, and no error carries a byte of a token.
package jwtauth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports"
)

// DevelopmentIssuer is the "iss" of the user tokens that SignUserToken makes. Production refuses it.
const DevelopmentIssuer = "journey-api-dev"

const (
	// minSecretBytes is what RFC 7518, section 3.2 asks of a key for HS256.
	minSecretBytes = 32
	// maxLeeway keeps a forgiven clock from becoming a second lifetime.
	maxLeeway = time.Minute
)

// Config is what a Verifier believes. Algorithms and Secret are required.
type Config struct {
	// Algorithms that a token may be signed with, by their names in RFC 7518; HS256 alone is known.
	Algorithms []string
	// Secret is the project's JWT secret, its raw bytes; at least 32.
	Secret string
	// PreviousSecret verifies too, while the secret is being rotated; "" where there is none.
	PreviousSecret string
	// Leeway is how far the clocks of issuer and verifier may differ, 0 to 60 s; it applies to exp, nbf and iat.
	Leeway time.Duration
	// Issuer is the only "iss" let in; "" lets in any.
	Issuer string
	// RefuseDevelopmentTokens refuses tokens of DevelopmentIssuer.
	RefuseDevelopmentTokens bool
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Verifier implements ports.TokenVerifier. It may be used by many goroutines at once.
type Verifier struct {
	keys              keys
	leeway            time.Duration
	issuer            string
	refuseDevelopment bool
	now               func() time.Time
}

var _ ports.TokenVerifier = (*Verifier)(nil)

// New refuses an algorithm that it does not know, a secret that is missing or shorter than its algorithm allows, and a
// leeway out of bounds.
func New(config Config) (*Verifier, error) {
	keys, err := newKeys(config)
	if err != nil {
		return nil, fmt.Errorf("token verifier: %w", err)
	}
	if config.Leeway < 0 || config.Leeway > maxLeeway {
		return nil, fmt.Errorf("token verifier: the leeway must be between 0 and %s", maxLeeway)
	}
	if config.RefuseDevelopmentTokens && config.Issuer == DevelopmentIssuer {
		return nil, errors.New("token verifier: the only issuer let in is the development issuer, which is refused")
	}
	now := config.Now
	if now == nil {
		now = time.Now
	}
	return &Verifier{
		keys:              keys,
		leeway:            config.Leeway,
		issuer:            config.Issuer,
		refuseDevelopment: config.RefuseDevelopmentTokens,
		now:               now,
	}, nil
}

// Verify takes the steps in the order in which they may tell the caller something: the first that fails names the
// reason, and no step before the signature says anything about the payload. It never waits, since the secrets are at
// hand, so it has no use for a context.
func (v *Verifier) Verify(_ context.Context, bearer string) (core.AuthTokenPayload, error) {
	if err := refuseAPIKey(bearer); err != nil {
		return core.AuthTokenPayload{}, err
	}
	token, err := decodeToken(bearer)
	if err != nil {
		return core.AuthTokenPayload{}, err
	}
	if err := token.header.check(); err != nil {
		return core.AuthTokenPayload{}, err
	}
	candidates, err := v.keys.find(token.header)
	if err != nil {
		return core.AuthTokenPayload{}, err
	}
	if err := candidates.verify(token); err != nil {
		return core.AuthTokenPayload{}, err
	}
	if err := token.claims.checkUser(); err != nil {
		return core.AuthTokenPayload{}, err
	}
	if err := token.claims.checkTimes(v.now(), v.leeway); err != nil {
		return core.AuthTokenPayload{}, err
	}
	if err := token.claims.checkAudience(); err != nil {
		return core.AuthTokenPayload{}, err
	}
	if err := v.checkIssuer(token.claims.Issuer); err != nil {
		return core.AuthTokenPayload{}, err
	}
	return token.claims.payload()
}

func (v *Verifier) checkIssuer(issuer text) error {
	switch {
	case v.refuseDevelopment && issuer.value == DevelopmentIssuer:
		return core.NewAuthenticationError(core.ReasonIssuerInvalid,
			"This is a development token, which is refused here: sign in and send the session's access_token")
	case v.issuer != "" && issuer.value != v.issuer:
		return core.NewAuthenticationError(core.ReasonIssuerInvalid,
			"The token's iss is not the issuer that this service trusts")
	}
	return nil
}
