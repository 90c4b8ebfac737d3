package jwtauth

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/journey-os/journey-api/adapters/jwtauth/strictjson"
	"github.com/journey-os/journey-api/core"
)

const (
	// userRole is the top-level "role" of a signed-in user: the Postgres role that Supabase gives them, not their role
	// on the platform.
	userRole = "authenticated"
	// userAudience is the "aud" of a signed-in user.
	userAudience = "authenticated"
)

// claims is the trusted part of the payload of a Supabase access token. user_metadata is missing on purpose: the user
// can change it.
type claims struct {
	DatabaseRole strictjson.Text                `json:"role"`
	IsAnonymous  strictjson.Flag                `json:"is_anonymous"`
	ExpiresAt    strictjson.NumericDate         `json:"exp"`
	NotBefore    strictjson.NumericDate         `json:"nbf"`
	IssuedAt     strictjson.NumericDate         `json:"iat"`
	Audience     strictjson.TextList            `json:"aud"`
	Issuer       strictjson.Text                `json:"iss"`
	Subject      strictjson.Text                `json:"sub"`
	Email        strictjson.Text                `json:"email"`
	AppMetadata  strictjson.Object[appMetadata] `json:"app_metadata"`
}

// appMetadata is what the platform's administrators set for the account.
type appMetadata struct {
	Role             strictjson.Text `json:"role"`
	InstitutionID    strictjson.Text `json:"institution_id"`
	IsCourseDirector strictjson.Flag `json:"is_course_director"`
}

func notAUserToken(message string) error {
	return core.NewAuthenticationError(core.ReasonNotAUserToken, message)
}

func invalidClaim(message string) error {
	return core.NewAuthenticationError(core.ReasonClaimsInvalid, message)
}

// incompleteAccount is for claims that only an administrator can set: a fresh token would have the same fault.
func incompleteAccount(message string) error {
	return core.NewAuthenticationError(core.ReasonAccountIncomplete, message)
}

// checkUser refuses the project's API keys, which are valid HS256 tokens signed with the same secret, and anonymous
// users.
func (c *claims) checkUser() error {
	switch {
	case c.DatabaseRole.Value == AnonKey:
		return notAUserToken("This is the project's anon API key, not a user's token: " +
			"sign in and send the session's access_token")
	case c.DatabaseRole.Value == ServiceRoleKey:
		return notAUserToken("This is the project's service_role API key, which must stay on a server, not a user's token: " +
			"sign in and send the session's access_token")
	case c.DatabaseRole.Value != userRole:
		return notAUserToken("The token is not a signed-in user's: its role is not authenticated")
	case c.IsAnonymous.State == strictjson.Mistyped:
		return invalidClaim("The token's is_anonymous is not a boolean")
	case c.IsAnonymous.Value:
		return notAUserToken("The token is an anonymous user's: sign in with an account that has an email")
	}
	return nil
}

// checkTimes checks exp, nbf and iat, in this order (RFC 7519, section 4.1). The instant of exp itself is too late; the
// instants of nbf and iat are not too early.
func (c *claims) checkTimes(now time.Time, leeway time.Duration) error {
	switch {
	case c.ExpiresAt.State == strictjson.Missing:
		return invalidClaim("The token has no exp")
	case c.ExpiresAt.State == strictjson.Mistyped:
		return invalidTime("exp")
	case !now.Before(c.ExpiresAt.Time().Add(leeway)):
		return core.NewAuthenticationError(core.ReasonTokenExpired,
			"The token has expired: refresh the session and send its new access_token")
	case c.NotBefore.State == strictjson.Mistyped:
		return invalidTime("nbf")
	case c.NotBefore.State == strictjson.Valid && now.Before(c.NotBefore.Time().Add(-leeway)):
		return notYetValid(c.NotBefore.Time().Add(-leeway).Sub(now))
	case c.IssuedAt.State == strictjson.Missing:
		return invalidClaim("The token has no iat")
	case c.IssuedAt.State == strictjson.Mistyped:
		return invalidTime("iat")
	case now.Before(c.IssuedAt.Time().Add(-leeway)):
		return notYetValid(c.IssuedAt.Time().Add(-leeway).Sub(now))
	}
	return nil
}

// validFrom is the first instant that checkTimes accepts; a missing nbf is long past.
func (c *claims) validFrom(leeway time.Duration) time.Time {
	return time.Unix(max(c.NotBefore.Value, c.IssuedAt.Value), 0).Add(-leeway)
}

func invalidTime(name string) error {
	return invalidClaim(fmt.Sprintf("The token's %s is not a number of seconds from 0 to %d", name, core.LatestTime))
}

// notYetValid returns an error with the wait until the token is valid, rounded up.
func notYetValid(wait time.Duration) error {
	return core.NewAuthenticationError(core.ReasonTokenNotYetValid,
		fmt.Sprintf("The token is not valid for another %.0f s: check the clocks", math.Ceil(wait.Seconds())))
}

func (c *claims) checkAudience() error {
	if !slices.Contains(c.Audience.Value, userAudience) {
		return core.NewAuthenticationError(core.ReasonAudienceInvalid, "The token's aud is not authenticated")
	}
	return nil
}

// payload returns the core's caller. It checks the types; core checks the rules.
func (c *claims) payload() (core.AuthTokenPayload, error) {
	account := c.AppMetadata.Value
	switch {
	case c.Issuer.State == strictjson.Mistyped:
		return core.AuthTokenPayload{}, invalidClaim("The token's iss is not a string")
	case !isPlainText(c.Subject):
		return core.AuthTokenPayload{}, invalidClaim("The token's sub is not a string of printable characters")
	case !isPlainText(c.Email):
		return core.AuthTokenPayload{}, incompleteAccount("The account's email is not a string of printable characters")
	case c.AppMetadata.State == strictjson.Mistyped:
		return core.AuthTokenPayload{}, incompleteAccount("The account's app_metadata is not an object")
	case account.Role.State == strictjson.Mistyped:
		return core.AuthTokenPayload{}, incompleteAccount("The account's app_metadata.role is not a string")
	case !isPlainText(account.InstitutionID):
		return core.AuthTokenPayload{},
			incompleteAccount("The account's app_metadata.institution_id is not a string of printable characters")
	case account.IsCourseDirector.State == strictjson.Mistyped:
		return core.AuthTokenPayload{}, incompleteAccount("The account's app_metadata.is_course_director is not a boolean")
	}
	return core.NewAuthTokenPayload(core.AuthTokenPayload{
		Subject:          c.Subject.Value,
		Email:            c.Email.Value,
		Role:             core.Role(account.Role.Value),
		InstitutionID:    account.InstitutionID.Value,
		IsCourseDirector: account.IsCourseDirector.Value,
		Audience:         userAudience,
		ExpiresAt:        c.ExpiresAt.Time(),
		IssuedAt:         c.IssuedAt.Time(),
	})
}

// isPlainText accepts a missing member, since core checks what is required. It refuses control characters, because no
// account has one and stores treat them differently; PostgreSQL can't store a null character.
func isPlainText(t strictjson.Text) bool {
	return t.State != strictjson.Mistyped && !strings.ContainsFunc(t.Value, unicode.IsControl)
}
