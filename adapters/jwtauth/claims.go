package jwtauth

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/journey-os/journey-api/core"
)

const (
	// userRole is the top-level "role" of a signed-in user: the Postgres role that Supabase gives them, not their role
	// on the platform.
	userRole = "authenticated"
	// userAudience is the "aud" of a signed-in user.
	userAudience = "authenticated"
)

// claims is the payload of a Supabase access token, as far as it is believed. user_metadata is missing on purpose: its
// user can write it.
type claims struct {
	DatabaseRole text                `json:"role"`
	IsAnonymous  flag                `json:"is_anonymous"`
	ExpiresAt    numericDate         `json:"exp"`
	NotBefore    numericDate         `json:"nbf"`
	IssuedAt     numericDate         `json:"iat"`
	Audience     textList            `json:"aud"`
	Issuer       text                `json:"iss"`
	Subject      text                `json:"sub"`
	Email        text                `json:"email"`
	AppMetadata  object[appMetadata] `json:"app_metadata"`
}

// appMetadata is what the platform's administrators say of the account.
type appMetadata struct {
	Role             text `json:"role"`
	InstitutionID    text `json:"institution_id"`
	IsCourseDirector flag `json:"is_course_director"`
}

func notAUserToken(message string) error {
	return core.NewAuthenticationError(core.ReasonNotAUserToken, message)
}

func invalidClaim(message string) error {
	return core.NewAuthenticationError(core.ReasonClaimsInvalid, message)
}

// incompleteAccount is for what an administrator writes into the account: a fresh token would have it too.
func incompleteAccount(message string) error {
	return core.NewAuthenticationError(core.ReasonAccountIncomplete, message)
}

// checkUser tells users from the project's API keys, which are valid HS256 tokens under the same secret, and from
// people who have not signed up.
func (c *claims) checkUser() error {
	switch {
	case c.DatabaseRole.value == AnonKey:
		return notAUserToken("This is the project's anon API key, not a user's token: " +
			"sign in and send the session's access_token")
	case c.DatabaseRole.value == ServiceRoleKey:
		return notAUserToken("This is the project's service_role API key, which must stay on a server, not a user's token: " +
			"sign in and send the session's access_token")
	case c.DatabaseRole.value != userRole:
		return notAUserToken("The token is not a signed-in user's: its role is not authenticated")
	case c.IsAnonymous.state == mistyped:
		return invalidClaim("The token's is_anonymous is not a boolean")
	case c.IsAnonymous.value:
		return notAUserToken("The token is an anonymous user's: sign in with an account that has an email")
	}
	return nil
}

// checkTimes takes exp, nbf and iat one after the other (RFC 7519, section 4.1). The instant of exp itself is too late,
// that of nbf and iat is not too early.
func (c *claims) checkTimes(now time.Time, leeway time.Duration) error {
	switch {
	case c.ExpiresAt.state == missing:
		return invalidClaim("The token has no exp")
	case c.ExpiresAt.state == mistyped:
		return invalidTime("exp")
	case !now.Before(c.ExpiresAt.time().Add(leeway)):
		return core.NewAuthenticationError(core.ReasonTokenExpired,
			"The token has expired: refresh the session and send its new access_token")
	case c.NotBefore.state == mistyped:
		return invalidTime("nbf")
	case c.NotBefore.state == valid && now.Before(c.NotBefore.time().Add(-leeway)):
		return notYetValid(c.NotBefore.time().Add(-leeway).Sub(now))
	case c.IssuedAt.state == missing:
		return invalidClaim("The token has no iat")
	case c.IssuedAt.state == mistyped:
		return invalidTime("iat")
	case now.Before(c.IssuedAt.time().Add(-leeway)):
		return notYetValid(c.IssuedAt.time().Add(-leeway).Sub(now))
	}
	return nil
}

func (n numericDate) time() time.Time { return time.Unix(n.value, 0).UTC() }

// validFrom is when checkTimes begins to let the token in: a missing nbf is long past.
func (c *claims) validFrom(leeway time.Duration) time.Time {
	return time.Unix(max(c.NotBefore.value, c.IssuedAt.value), 0).Add(-leeway)
}

func invalidTime(name string) error {
	return invalidClaim(fmt.Sprintf("The token's %s is not a number of seconds from 0 to %d", name, core.LatestTime))
}

// notYetValid says how long until the token is let in, rounded up: waiting that long is enough.
func notYetValid(wait time.Duration) error {
	return core.NewAuthenticationError(core.ReasonTokenNotYetValid,
		fmt.Sprintf("The token is not valid for another %.0f s: check the clocks", math.Ceil(wait.Seconds())))
}

func (c *claims) checkAudience() error {
	if !slices.Contains(c.Audience.value, userAudience) {
		return core.NewAuthenticationError(core.ReasonAudienceInvalid, "The token's aud is not authenticated")
	}
	return nil
}

// payload turns the claims into the core's caller: the types are checked here, the rules by core.
func (c *claims) payload() (core.AuthTokenPayload, error) {
	account := c.AppMetadata.value
	switch {
	case c.Issuer.state == mistyped:
		return core.AuthTokenPayload{}, invalidClaim("The token's iss is not a string")
	case !isPlainText(c.Subject):
		return core.AuthTokenPayload{}, invalidClaim("The token's sub is not a string of printable characters")
	case !isPlainText(c.Email):
		return core.AuthTokenPayload{}, incompleteAccount("The account's email is not a string of printable characters")
	case c.AppMetadata.state == mistyped:
		return core.AuthTokenPayload{}, incompleteAccount("The account's app_metadata is not an object")
	case account.Role.state == mistyped:
		return core.AuthTokenPayload{}, incompleteAccount("The account's app_metadata.role is not a string")
	case !isPlainText(account.InstitutionID):
		return core.AuthTokenPayload{},
			incompleteAccount("The account's app_metadata.institution_id is not a string of printable characters")
	case account.IsCourseDirector.state == mistyped:
		return core.AuthTokenPayload{}, incompleteAccount("The account's app_metadata.is_course_director is not a boolean")
	}
	return core.NewAuthTokenPayload(core.AuthTokenPayload{
		Subject:          c.Subject.value,
		Email:            c.Email.value,
		Role:             core.Role(account.Role.value),
		InstitutionID:    account.InstitutionID.value,
		IsCourseDirector: account.IsCourseDirector.value,
		Audience:         userAudience,
		ExpiresAt:        c.ExpiresAt.time(),
		IssuedAt:         c.IssuedAt.time(),
	})
}

// isPlainText lets a missing member pass: core says what is required. A control character in an id is refused because
// no account has one (PostgreSQL can't even store a null character) and what it means differs from store to store.
func isPlainText(t text) bool {
	return t.state != mistyped && !strings.ContainsFunc(t.value, unicode.IsControl)
}
