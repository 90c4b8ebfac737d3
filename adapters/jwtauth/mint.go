package jwtauth

import (
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/journey-os/journey-api/core"
)

// The top-level roles of a Supabase project's API keys that are JWTs.
const (
	AnonKey        = "anon"
	ServiceRoleKey = "service_role"
)

// apiKeyIssuer and apiKeyYears are the issuer and the lifetime of Supabase's own API keys.
const (
	apiKeyIssuer = "supabase"
	apiKeyYears  = 10
)

// SignUserToken makes an access token of core.DevelopmentIssuer for development, signed with HS256 and secret, with the
// claims that Supabase would write for the account. Its aud is always that of a signed-in user; user.Audience is
// ignored. The errors are those of core.NewAuthTokenPayload, and one for a secret of less than 32 bytes.
func SignUserToken(secret string, user core.AuthTokenPayload) (string, error) {
	user.Audience = userAudience
	user, err := core.NewAuthTokenPayload(user)
	if err != nil {
		return "", fmt.Errorf("sign user token: %w", err)
	}
	return sign(secret, jwt.MapClaims{
		"iss":          core.DevelopmentIssuer,
		"sub":          user.Subject,
		"aud":          user.Audience,
		"exp":          user.ExpiresAt.Unix(),
		"iat":          user.IssuedAt.Unix(),
		"email":        user.Email,
		"role":         userRole,
		"is_anonymous": false,
		"app_metadata": map[string]any{
			"role":               string(user.Role),
			"institution_id":     user.InstitutionID,
			"is_course_director": user.IsCourseDirector,
		},
	})
}

// SignAPIKey makes the API key of a local Supabase project for role, AnonKey or ServiceRoleKey, valid for ten years
// from issuedAt.
func SignAPIKey(secret, role string, issuedAt time.Time) (string, error) {
	if role != AnonKey && role != ServiceRoleKey {
		return "", fmt.Errorf("sign API key: %q is not a role of an API key", role)
	}
	return sign(secret, jwt.MapClaims{
		"iss":  apiKeyIssuer,
		"role": role,
		"iat":  issuedAt.Unix(),
		"exp":  issuedAt.AddDate(apiKeyYears, 0, 0).Unix(),
	})
}

func sign(secret string, claims jwt.MapClaims) (string, error) {
	if len(secret) < core.MinSecretBytes {
		return "", errors.New("sign token: the secret is shorter than HS256 allows")
	}
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(secret))
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	return signed, nil
}
