package app

import (
	"fmt"
	"slices"
	"time"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/adapters/jwtauth"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/demo"
)

// signInTime is how long a demo user is signed in.
const signInTime = time.Hour

// IsOwnProject reports whether this is development with a project on this machine, for which tokens may be made.
func IsOwnProject(settings config.Settings) bool {
	return settings.Environment == config.Development && settings.Supabase.IsLoopback()
}

// CanSignTokens reports whether tokens may be made and there is a secret to sign them.
func CanSignTokens(settings config.Settings) bool {
	return IsOwnProject(settings) && slices.Contains(settings.JWT.Algorithms, jwtauth.HS256)
}

// HasPracticePage reports whether the service has a practice page, which needs tokens that are made here and accepted.
func HasPracticePage(settings config.Settings) bool {
	return CanSignTokens(settings) && (settings.JWT.Issuer == "" || settings.JWT.Issuer == core.DevelopmentIssuer)
}

// signIn returns the function that signs in demo users; nil if nobody may sign in.
func signIn(settings config.Settings) func(core.Role) (httpapi.SignedIn, error) {
	if !HasPracticePage(settings) {
		return nil
	}
	return func(role core.Role) (httpapi.SignedIn, error) {
		user := httpapi.SignedIn{ExpiresIn: int(signInTime / time.Second)}
		now := time.Now()
		claims := core.AuthTokenPayload{
			Subject: demo.PractisingStudentID, Email: string(role) + "@journey.example", Role: role,
			InstitutionID: demo.InstitutionID, IssuedAt: now, ExpiresAt: now.Add(signInTime),
		}
		if role == core.RoleFaculty {
			claims.Subject = demo.FacultyID
			user.Students = demo.Cohort(demo.DefaultStudents)
		}
		token, err := jwtauth.SignUserToken(settings.JWT.Secret.Reveal(), claims)
		if err != nil {
			return httpapi.SignedIn{}, fmt.Errorf("sign in a demo user: %w", err)
		}
		user.Token = token
		return user, nil
	}
}
