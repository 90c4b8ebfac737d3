package config

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The two API keys of a Supabase project: one stays on servers, the other is in web pages.
const (
	secretKeyName = "SUPABASE_SERVICE_ROLE_KEY"
	publicKeyName = "SUPABASE_ANON_KEY"
)

// The roles of the keys that are JWTs; keys of the newer form have the same roles.
const (
	secretKeyRole = "service_role"
	publicKeyRole = "anon"
)

// apiKeyClaims are the claims of a key that is a JWT.
type apiKeyClaims struct {
	Role      string `json:"role"`
	Issuer    string `json:"iss"`
	ExpiresAt int64  `json:"exp"`
}

// checkKeys refuses a key in place of the other, if it would fail silently or be published, and warns about one that
// has expired.
func (l *loader) checkKeys() {
	project, jwt := l.loaded.Settings.Supabase, l.loaded.Settings.JWT
	l.checkKey(secretKeyName, project.ServiceRoleKey, secretKeyRole, "the project's secret (or service_role) key belongs here")
	l.checkKey(publicKeyName, project.AnonKey, publicKeyRole, "the project's publishable (or anon) key belongs here, and a secret one in no web page")
	if project.AnonKey.IsSet() && project.AnonKey.Equal(project.ServiceRoleKey) && l.areValid(secretKeyName, publicKeyName) {
		l.fault(l.setting(publicKeyName), "is the same key as "+l.nameGiven(secretKeyName)+": the project has two")
	}
	for _, held := range []namedSecret{{"SUPABASE_JWT_SECRET", jwt.Secret}, {"SUPABASE_JWT_SECRET_PREVIOUS", jwt.PreviousSecret}} {
		_, isKey := keyRole(held.secret.Reveal())
		if held.secret.IsSet() && (isKey || held.secret.Equal(project.ServiceRoleKey) || held.secret.Equal(project.AnonKey)) {
			l.fault(l.setting(held.name), "is an API key, and not the secret that the project signs tokens with")
		}
	}
}

// checkKey refuses a key in a setting for another role. A key of an unknown form passes.
func (l *loader) checkKey(name string, key Secret, want, advice string) {
	role, isKnown := keyRole(key.Reveal())
	if isKnown && role != want {
		l.fault(l.setting(name), "is "+describeKey(key.Reveal(), role)+": "+advice)
		return
	}
	claims, isJWT := keyClaims(key.Reveal())
	if expiry := time.Unix(claims.ExpiresAt, 0); isJWT && claims.ExpiresAt > 0 && time.Now().After(expiry) {
		l.warn(l.nameGiven(name), fmt.Sprintf("expired at %s, and Supabase refuses it", expiry.UTC().Format(time.RFC3339)))
	}
}

// keyRole returns the role that a key is for, and reports whether it is recognised as a key of Supabase.
func keyRole(key string) (string, bool) {
	switch {
	case strings.HasPrefix(key, "sb_secret_"):
		return secretKeyRole, true
	case strings.HasPrefix(key, "sb_publishable_"):
		return publicKeyRole, true
	}
	claims, isJWT := keyClaims(key)
	return claims.Role, isJWT
}

// describeKey quotes only known parts of the key.
func describeKey(key, role string) string {
	_, isJWT := keyClaims(key)
	switch {
	case isJWT && slices.Contains([]string{secretKeyRole, publicKeyRole, "authenticated"}, role):
		return "a JWT of the role " + role
	case isJWT:
		return "a JWT of no role of an API key"
	case role == secretKeyRole:
		return "a secret key (sb_secret_…)"
	default:
		return "a publishable key (sb_publishable_…)"
	}
}

// keyClaims reads the payload of a JWT; nobody has verified it.
func keyClaims(key string) (claims apiKeyClaims, isJWT bool) {
	parts := strings.Split(key, ".")
	if len(parts) != 3 {
		return apiKeyClaims{}, false
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	return claims, err == nil && json.Unmarshal(payload, &claims) == nil
}
