package config

import (
	"slices"
	"strings"
)

// published are secrets that anyone can read, in lower case: those of the Supabase CLI, of PostgREST's tutorial and of
// jwt.io. The placeholders of the story and of Supabase's self-hosting guide begin with "your-".
var published = []string{
	"sb_secret_n7und0ugjktvk-uodkm0hg_xsvempvz",
	"sb_publishable_acjwlzqhlzjbreguhvfoxg_3bjgxaah",
	"super-secret-jwt-token-with-at-least-32-characters-long",
	"reallyreallyreallyreallyverysafe",
	"a-string-secret-at-least-256-bits-long",
}

var placeholderBeginnings = []string{
	"your-", "your_", "changeme", "change-me", "change_me", "change-this", "replaceme", "replace-me", "replace_me",
	"placeholder", "example", "<",
}

// isPlaceholder reports whether secret is published, or was never filled in.
func isPlaceholder(secret Secret) bool {
	if !secret.IsSet() {
		return false
	}
	value := strings.ToLower(secret.Reveal())
	return slices.Contains(published, value) ||
		slices.ContainsFunc(placeholderBeginnings, func(start string) bool { return strings.HasPrefix(value, start) }) ||
		strings.Count(value, value[:1]) == len(value) ||
		isDemoKey(secret.Reveal())
}

// isDemoKey recognises the keys that every local Supabase has by default: JWTs issued by "supabase-demo".
func isDemoKey(key string) bool {
	claims, _ := keyClaims(key)
	return claims.Issuer == "supabase-demo"
}
