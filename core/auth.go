package core

import (
	"context"
	"time"
)

// LatestTime is the last second that RFC 3339 can write, 9999-12-31T23:59:59Z, in seconds since 1970: the upper bound of
// every time in a token.
const LatestTime = 253402300799

// AuthTokenPayload is a verified caller: who they are, their role and the institution they belong to (STORY-ST-1,
// section 3). Only NewAuthTokenPayload makes a valid one.
type AuthTokenPayload struct {
	// Subject is the Supabase user id ("sub").
	Subject string
	// Email is never empty: the platform works with emails.
	Email string
	Role  Role
	// InstitutionID is the tenant; empty for a superadmin who belongs to none, and for nobody else.
	InstitutionID    string
	IsCourseDirector bool
	// Audience is whom the token was issued for ("aud").
	Audience  string
	ExpiresAt time.Time
	IssuedAt  time.Time
}

// NewAuthTokenPayload validates a caller. Its errors have CodeAuthentication and name what is wrong, never its value;
// their reason is ReasonAccountIncomplete if the account has to be set up first, and ReasonClaimsInvalid otherwise.
func NewAuthTokenPayload(caller AuthTokenPayload) (AuthTokenPayload, error) {
	switch {
	case caller.Subject == "":
		return AuthTokenPayload{}, invalidToken("The token has no sub")
	case caller.Email == "":
		return AuthTokenPayload{}, incompleteAccount("The account has no email")
	case caller.Role == "":
		return AuthTokenPayload{}, incompleteAccount("The account has no app_metadata.role yet")
	case caller.Role.Level() == 0:
		return AuthTokenPayload{}, incompleteAccount("The account's app_metadata.role is not a role of the platform")
	case caller.InstitutionID == "" && caller.Role != RoleSuperadmin:
		return AuthTokenPayload{}, incompleteAccount("The account has no app_metadata.institution_id yet")
	case caller.Audience == "":
		return AuthTokenPayload{}, invalidToken("The token has no aud")
	case !inTokenTime(caller.ExpiresAt):
		return AuthTokenPayload{}, invalidToken("The token's exp is out of range")
	case !inTokenTime(caller.IssuedAt):
		return AuthTokenPayload{}, invalidToken("The token's iat is out of range")
	}
	return caller, nil
}

func invalidToken(message string) error {
	return NewAuthenticationError(ReasonClaimsInvalid, message)
}

func incompleteAccount(message string) error {
	return NewAuthenticationError(ReasonAccountIncomplete, message)
}

func inTokenTime(at time.Time) bool {
	seconds := at.Unix()
	return seconds >= 0 && seconds <= LatestTime
}

type callerKey struct{}

// WithCaller returns a context that carries the verified caller.
func WithCaller(ctx context.Context, caller AuthTokenPayload) context.Context {
	return context.WithValue(ctx, callerKey{}, caller)
}

// CallerFrom returns the verified caller of ctx, and false on a route that needs none.
func CallerFrom(ctx context.Context) (AuthTokenPayload, bool) {
	caller, ok := ctx.Value(callerKey{}).(AuthTokenPayload)
	return caller, ok
}
