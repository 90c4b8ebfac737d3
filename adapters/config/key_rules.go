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

// keyForm is how credentials of Supabase begin, with their role if they are API keys.
type keyForm struct{ prefix, role, description string }

var keyForms = []keyForm{
	{"sb_secret_", secretKeyRole, "a secret key (sb_secret_…)"},
	{"sb_publishable_", publicKeyRole, "a publishable key (sb_publishable_…)"},
	{"sbp_", "", "a personal access token (sbp_…)"},
}

// apiKeyClaims are the claims of a key that is a JWT.
type apiKeyClaims struct {
	Role      string `json:"role"`
	Issuer    string `json:"iss"`
	ExpiresAt int64  `json:"exp"`
}

// checkKeys refuses a key in place of another, if it would fail silently, be published or let anyone sign tokens, and
// warns about one that has expired.
func (l *loader) checkKeys() {
	project, jwt := l.loaded.Settings.Supabase, l.loaded.Settings.JWT
	l.checkKey(secretKeyName, project.ServiceRoleKey, secretKeyRole, "the project's secret (or service_role) key belongs here")
	l.checkKey(publicKeyName, project.AnonKey, publicKeyRole, "the project's publishable (or anon) key belongs here, and a secret one in no web page")
	if project.AnonKey.IsSet() && project.AnonKey.Equal(project.ServiceRoleKey) && l.areValid(secretKeyName, publicKeyName) {
		l.fault(l.setting(publicKeyName), "is the same key as "+l.nameGiven(secretKeyName)+": the project has two")
	}
	for _, held := range []namedSecret{{"SUPABASE_JWT_SECRET", jwt.Secret}, {"SUPABASE_JWT_SECRET_PREVIOUS", jwt.PreviousSecret}} {
		_, isKey := keyRole(held.secret.Reveal())
		switch {
		case !held.secret.IsSet():
		case isKey || held.secret.Equal(project.ServiceRoleKey) || held.secret.Equal(project.AnonKey):
			l.fault(l.setting(held.name), "is an API key, and not the secret that the project signs tokens with")
		case isKeyDocument(held.secret.Reveal()):
			l.fault(l.setting(held.name), "is a key in the form of PEM or JWK, and not a shared secret: whoever has a public key could "+
				"sign tokens. The service fetches published keys from SUPABASE_URL")
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

// formOf returns the form that a key has, if it has one of keyForms.
func formOf(key string) (keyForm, bool) {
	at := slices.IndexFunc(keyForms, func(form keyForm) bool { return strings.HasPrefix(key, form.prefix) })
	if at < 0 {
		return keyForm{}, false
	}
	return keyForms[at], true
}

// keyRole returns the role that a key is for, and reports whether it is recognised as a key of Supabase.
func keyRole(key string) (string, bool) {
	if form, hasForm := formOf(key); hasForm {
		return form.role, true
	}
	claims, isJWT := keyClaims(key)
	return claims.Role, isJWT
}

// describeKey quotes only known parts of the key.
func describeKey(key, role string) string {
	if form, hasForm := formOf(key); hasForm {
		return form.description
	}
	if slices.Contains([]string{secretKeyRole, publicKeyRole, "authenticated"}, role) {
		return "a JWT of the role " + role
	}
	return "a JWT of no role of an API key"
}

// isKeyDocument reports whether a secret is PEM or JSON (RFC 7517), as keys of a key pair are published.
func isKeyDocument(secret string) bool {
	var document map[string]json.RawMessage
	return strings.Contains(secret, "-----BEGIN ") || json.Unmarshal([]byte(secret), &document) == nil
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
