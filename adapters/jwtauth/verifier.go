// Package jwtauth decides whether a Supabase access token proves who its bearer is, and signs the tokens that
// development needs. It is the only importer of golang-jwt, which checks and makes signatures; everything else about a
// token is checked here, since that library's JSON decoder takes "App_Metadata" for "app_metadata" and the last of two
// equal names for the only one.
//
// Verifier.Verify is the place to start: it shows the steps in their order. A token is decoded whole and strictly
// before anything in it is believed (token.go), its algorithm and kid pick the keys (keys.go), its signature is verified
// in a lane that keeps forged tokens from taking up the processors (lane.go), and only then are its claims read
// (claims.go). The project's published keys are a package of their own, keyring, and strictjson is how both read JSON. Good
// tokens are remembered for a while (verdict.go). Nothing here logs, and no error carries a byte of a token.
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
	lane              *lane
	verdicts          *verdicts
	leeway            time.Duration
	issuer            string
	refuseDevelopment bool
	now               func() time.Time
}

var _ ports.TokenVerifier = (*Verifier)(nil)

// New refuses an algorithm that it does not know, a secret that is missing or shorter than its algorithm allows, a
// missing JWKS URL, and bounds that can't be meant. It opens nothing: keys are fetched by Run, and by the first token
// that needs one.
func New(config Config) (*Verifier, error) {
	if err := config.check(); err != nil {
		return nil, fmt.Errorf("token verifier: %w", err)
	}
	verifier := &Verifier{
		lane:              newLane(),
		verdicts:          newVerdicts(),
		leeway:            config.Leeway,
		issuer:            config.Issuer,
		refuseDevelopment: config.RefuseDevelopmentTokens,
		now:               config.Now,
	}
	var err error
	verifier.keys, err = newKeys(config, verifier.forgetFallen)
	if err != nil {
		return nil, fmt.Errorf("token verifier: %w", err)
	}
	return verifier, nil
}

// Run keeps the project's published keys fetched ahead of need until ctx ends, and forgets each minute the callers whose
// verdicts have fallen. It returns once no fetch of its own is under way, 2 s after ctx at most.
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
			v.forgetFallen()
		case <-ctx.Done():
			return
		}
	}
}

func (v *Verifier) forgetFallen() { v.verdicts.forgetFallen(&v.keys, v.now()) }

// Verify takes the steps in the order in which they may tell the caller something: the first that fails names the
// reason, and no step before the signature says anything about the payload. Every step is skipped for a token that has
// lately taken them all, as long as its times and its key still hold. It waits for a key, 2 s at most, and for its turn
// in the lane; both end with ctx, as CodeUnavailable.
func (v *Verifier) Verify(ctx context.Context, bearer string) (core.AuthTokenPayload, error) {
	if err := refuseAPIKey(bearer); err != nil {
		return core.AuthTokenPayload{}, err
	}
	digest := digestOf(bearer)
	if caller, ok := v.verdicts.find(digest, v.now(), &v.keys); ok {
		return caller, nil
	}
	if v.lane.isFull() { // taking the token apart would be for nothing
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
	if err := v.lane.verify(ctx, candidates, token); err != nil {
		return core.AuthTokenPayload{}, err
	}
	now := v.now()
	if !v.keys.hold(candidates.published, now) { // it left while the token waited for its turn
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

// readClaims takes the steps that follow the signature.
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
