// Package jwtauth verifies Supabase access tokens, and signs tokens for development. It is the only importer of
// golang-jwt, which verifies and makes signatures. Everything else about a token is checked here, since that library's
// JSON decoder takes "App_Metadata" for "app_metadata", and accepts duplicate names.
//
// Start reading at Verifier.Verify: it shows the steps in order. A token is decoded strictly (token.go), and its
// algorithm and kid select the keys (keys.go). Its signature is verified behind a limiter, so that forged tokens can't
// take up the processors (verify_limiter.go). Only then are its claims read (claims.go). Good tokens are cached for a
// while (verdict.go). The package keyring has the project's published keys, and strictjson reads JSON for both. Nothing
// here logs, and no error contains a byte of a token.
package jwtauth

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/journey-os/journey-api/adapters/jwtauth/strictjson"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports"
)

// Verifier implements ports.TokenVerifier. It may be used by many goroutines at once.
type Verifier struct {
	keys              keys
	limiter           *verifyLimiter
	verdicts          *verdicts
	leeway            time.Duration
	issuer            string
	refuseDevelopment bool
	now               func() time.Time
}

var _ ports.TokenVerifier = (*Verifier)(nil)

// New returns an error for an unknown algorithm, a secret that is missing or shorter than its algorithm allows, a
// missing JWKS URL, and values out of range. It opens no connection: Run fetches keys, and so does the first token that
// needs one.
func New(config Config) (*Verifier, error) {
	if err := config.check(); err != nil {
		return nil, fmt.Errorf("token verifier: %w", err)
	}
	verifier := &Verifier{
		limiter:           newVerifyLimiter(),
		verdicts:          newVerdicts(),
		leeway:            config.Leeway,
		issuer:            config.Issuer,
		refuseDevelopment: config.RefuseDevelopmentTokens,
		now:               config.Now,
	}
	var err error
	verifier.keys, err = newKeys(config, verifier.dropExpired)
	if err != nil {
		return nil, fmt.Errorf("token verifier: %w", err)
	}
	return verifier, nil
}

// Run fetches the project's published keys ahead of need until ctx ends, and each minute drops verdicts that have
// expired. It returns once no fetch of its own is under way, at most 2 s after ctx ends.
func (v *Verifier) Run(ctx context.Context) {
	var fetching sync.WaitGroup
	defer fetching.Wait()
	if v.keys.published != nil {
		fetching.Go(func() { v.keys.published.Run(ctx) })
	}
	minute := time.NewTicker(verdictLifetime)
	defer minute.Stop()
	for {
		select {
		case <-minute.C:
			v.dropExpired()
		case <-ctx.Done():
			return
		}
	}
}

func (v *Verifier) dropExpired() { v.verdicts.dropExpired(&v.keys, v.now()) }

// Verify runs the checks in a fixed order. The first one that fails gives the reason, and no check before that of the
// signature reveals anything about the payload. A token that passed all checks lately skips them as long as its times
// and its key are valid. Verify waits for a key, 2 s at most, and for a permit of the limiter. If ctx ends meanwhile,
// the error is CodeUnavailable.
func (v *Verifier) Verify(ctx context.Context, bearer string) (core.AuthTokenPayload, error) {
	if err := refuseAPIKey(bearer); err != nil {
		return core.AuthTokenPayload{}, err
	}
	digest := digestOf(bearer)
	if caller, ok := v.verdicts.find(digest, v.now(), &v.keys); ok {
		return caller, nil
	}
	if v.limiter.isFull() { // taking the token apart would be for nothing
		return core.AuthTokenPayload{}, errLaneFull
	}
	token, err := decodeToken(bearer)
	if err != nil {
		return core.AuthTokenPayload{}, err
	}
	if err := token.header.check(); err != nil {
		return core.AuthTokenPayload{}, err
	}
	candidates, err := v.keys.find(ctx, token.header)
	if err != nil {
		return core.AuthTokenPayload{}, err
	}
	if err := v.limiter.verify(ctx, candidates, token); err != nil {
		return core.AuthTokenPayload{}, err
	}
	now := v.now()
	if !v.keys.stillTrusts(candidates.published, now) { // it left while the token waited for its turn
		return v.Verify(ctx, bearer)
	}
	caller, err := v.readClaims(&token.claims, now)
	if err != nil {
		return core.AuthTokenPayload{}, err
	}
	v.verdicts.keep(digest, &verdict{
		caller:     caller,
		key:        candidates.published,
		validFrom:  token.claims.validFrom(v.leeway),
		validUntil: token.claims.ExpiresAt.Time(),
	}, now)
	return caller, nil
}

// readClaims runs the checks that follow the signature.
func (v *Verifier) readClaims(claims *claims, now time.Time) (core.AuthTokenPayload, error) {
	if err := claims.checkUser(); err != nil {
		return core.AuthTokenPayload{}, err
	}
	if err := claims.checkTimes(now, v.leeway); err != nil {
		return core.AuthTokenPayload{}, err
	}
	if err := claims.checkAudience(); err != nil {
		return core.AuthTokenPayload{}, err
	}
	if err := v.checkIssuer(claims.Issuer); err != nil {
		return core.AuthTokenPayload{}, err
	}
	return claims.payload()
}

func (v *Verifier) checkIssuer(issuer strictjson.Text) error {
	switch {
	case v.refuseDevelopment && issuer.Value == core.DevelopmentIssuer:
		return core.NewAuthenticationError(core.ReasonIssuerInvalid,
			"This is a development token, which is refused here: sign in and send the session's access_token")
	case v.issuer != "" && issuer.Value != v.issuer:
		return core.NewAuthenticationError(core.ReasonIssuerInvalid,
			"The token's iss is not the issuer that this service trusts")
	}
	return nil
}
