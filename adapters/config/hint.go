package config

import (
	"fmt"
	"strings"
)

// knownNames are other programs' names for settings of this service: those of Supabase's guides and its CLI, of Neo4j's
// drivers, of frameworks and platforms. They are looked up before the spelling is compared, since a name may be nearer
// to another setting than to its own.
var knownNames = map[string]string{
	"API_URL":                          "SUPABASE_URL",
	"SUPABASE_PROJECT_URL":             "SUPABASE_URL",
	"SUPABASE_PUBLIC_URL":              "SUPABASE_URL",
	"SUPABASE_KEY":                     secretKeyName + " or " + publicKeyName,
	"SUPABASE_API_KEY":                 secretKeyName + " or " + publicKeyName,
	"SECRET_KEY":                       secretKeyName,
	"SERVICE_KEY":                      secretKeyName,
	"SERVICE_ROLE_KEY":                 secretKeyName,
	"SUPABASE_SECRET":                  secretKeyName + " or SUPABASE_JWT_SECRET",
	"SUPABASE_SECRET_KEYS":             secretKeyName,
	"SUPABASE_SERVICE_KEY":             secretKeyName,
	"SUPABASE_SERVICE_ROLE":            secretKeyName,
	"SUPABASE_SERVICE_SECRET_KEY":      secretKeyName,
	"ANON_KEY":                         publicKeyName,
	"PUBLISHABLE_KEY":                  publicKeyName,
	"SUPABASE_PUBLIC_KEY":              publicKeyName,
	"SUPABASE_PUBLISHABLE_KEYS":        publicKeyName,
	"SUPABASE_PUBLISHABLE_DEFAULT_KEY": publicKeyName,
	"SUPABASE_PUBLISHABLE_OR_ANON_KEY": publicKeyName,
	"SUPABASE_DB_URL":                  databaseName,
	"SUPABASE_DB_PASSWORD":             databaseName,
	"POSTGRES_URL":                     databaseName,
	"POSTGRES_PRISMA_URL":              databaseName,
	"POSTGRES_URL_NON_POOLING":         databaseName,
	"POSTGRES_PASSWORD":                databaseName,
	"DIRECT_URL":                       databaseName,
	"DB_URL":                           databaseName,
	"PG_URL":                           databaseName,
	"DB_SCHEMA":                        "DATABASE_SCHEMA",
	"JWT_SECRET":                       "SUPABASE_JWT_SECRET",
	"JWT_SECRET_KEY":                   "SUPABASE_JWT_SECRET",
	"SUPABASE_JWT_KEY":                 "SUPABASE_JWT_SECRET",
	"SUPABASE_JWT":                     "SUPABASE_JWT_SECRET",
	"SUPABASE_SIGNING_KEY":             "SUPABASE_JWT_SECRET",
	"SUPABASE_JWT_SECRET_OLD":          "SUPABASE_JWT_SECRET_PREVIOUS",
	"JWT_ISSUER":                       "SUPABASE_JWT_ISSUER",
	"GOTRUE_JWT_SECRET":                "SUPABASE_JWT_SECRET",
	"PGRST_JWT_SECRET":                 "SUPABASE_JWT_SECRET",
	"NEO4J_URL":                        "NEO4J_URI",
	"NEO4J_HOST":                       "NEO4J_URI",
	"NEO4J_BOLT_URL":                   "NEO4J_URI",
	"NEO4J_USER":                       "NEO4J_USERNAME",
	"NEO4J_PASS":                       "NEO4J_PASSWORD",
	"NEO4J_DB":                         "NEO4J_DATABASE",
	"NEO4J_AUTH":                       "NEO4J_USERNAME with NEO4J_PASSWORD",
	"PORT":                             "API_PORT",
	"HTTP_PORT":                        "API_PORT",
	"SERVER_PORT":                      "API_PORT",
	"HOST":                             "API_HOST",
	"ALLOWED_ORIGINS":                  "CORS_ORIGINS",
	"CORS_ALLOWED_ORIGINS":             "CORS_ORIGINS",
	"CORS_ALLOW_ORIGINS":               "CORS_ORIGINS",
	"CORS_ALLOWED_HEADERS":             "CORS_HEADERS",
	"ENVIRONMENT":                      "APP_ENV",
	"NODE_ENV":                         "APP_ENV",
	"GO_ENV":                           "APP_ENV",
	"LOGLEVEL":                         "LOG_LEVEL",
	"TRUST_PROXY":                      "TRUSTED_PROXIES",
}

// pagePrefixes are the prefixes by which build tools of web pages recognise names to publish.
var pagePrefixes = []string{"NEXT_PUBLIC_", "NUXT_PUBLIC_", "EXPO_PUBLIC_", "REACT_APP_", "VITE_", "PUBLIC_"}

// unknownName suggests the setting that an unknown name probably means. It quotes the name only if there is a
// suggestion.
func unknownName(name string, known map[string]string) string {
	upper := strings.ToUpper(name)
	if strings.HasPrefix(upper, "OTEL_") {
		return "sets a variable of OpenTelemetry, which is read from the environment alone: it is ignored"
	}
	for _, prefix := range pagePrefixes {
		upper = strings.TrimPrefix(upper, prefix)
	}
	meant := knownNames[upper]
	if meant == "" {
		meant = nearest(upper, known)
	}
	if meant == "" {
		return "sets a name that is not a setting: it is ignored"
	}
	return fmt.Sprintf("sets %s, which is not a setting: is %s meant?", quote(name), meant)
}

// maxPublicDistance is how many letters of a public key's name may differ: with more, another word is in its place.
const maxPublicDistance = 2

// nearest finds the real name that name is a misspelling of: at most a third of it differs, or it is a part of the real
// one, which is as near as a single letter. It returns "" if none is near. The name of the public key has to be nearer:
// a user who followed that hint with another key would publish a secret.
func nearest(name string, known map[string]string) string {
	best, bestDistance := "", 0
	for candidate, setting := range known {
		distance := editDistance(name, candidate)
		if len(name) >= 4 && strings.Contains(candidate, name) {
			distance = min(distance, 1)
		}
		if setting == publicKeyName && distance > maxPublicDistance {
			continue
		}
		closer := best == "" || distance < bestDistance || distance == bestDistance && candidate < best
		if distance <= max(2, len(name)/3) && closer {
			best, bestDistance = candidate, distance
		}
	}
	return best
}

// editDistance is Levenshtein's: the insertions, deletions and substitutions of a byte between two names.
func editDistance(from, to string) int {
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(from) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(to) {
			substitution := diagonal
			if from[i] != to[j] {
				substitution++
			}
			diagonal = row[j+1]
			row[j+1] = min(substitution, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(to)]
}
