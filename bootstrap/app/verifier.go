package app

import (
	"context"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/adapters/jwtauth"
	"github.com/journey-os/journey-api/adapters/jwtauth/keyring"
)

// keysPath is where a Supabase project publishes the keys that it signs access tokens with.
const keysPath = "/auth/v1/.well-known/jwks.json"

func (a *App) openVerifier() error {
	settings, log := a.settings, a.log.Logger
	verifier, err := jwtauth.New(jwtauth.Config{
		Algorithms:     settings.JWT.Algorithms,
		Secret:         settings.JWT.Secret.Reveal(),
		PreviousSecret: settings.JWT.PreviousSecret.Reveal(),
		JWKSURL:        settings.Supabase.URL + keysPath,
		JWKSMaxStale:   settings.JWT.MaxStale,
		KeyEndpointChanged: func(state keyring.EndpointState, fault keyring.Fault) {
			logKeyEndpoint(log, state, fault)
		},
		KeyIgnored:              func(key keyring.IgnoredKey) { logIgnoredKey(log, key) },
		Leeway:                  settings.JWT.Leeway,
		Issuer:                  settings.JWT.Issuer,
		RefuseDevelopmentTokens: settings.Environment == config.Production,
	})
	if err != nil {
		return err
	}
	a.verifier = verifier
	a.parts.add(part{name: "signing keys", run: func(ctx context.Context) error { verifier.Run(ctx); return nil }})
	return nil
}
