package main

import (
	"maps"
	"slices"
)

// keysPath is where a Supabase project publishes its keys.
const keysPath = "/auth/v1/.well-known/jwks.json"

// generousLimit is a rate limit, a minute, that nobody here reaches: what is measured is the counting.
const generousLimit = "60000000"

// serviceSettings are those of a service with everything switched on and no Neo4j; of Supabase there are the keys alone.
func serviceSettings(c credentials, port string) map[string]string {
	return map[string]string{
		"API_HOST":                  "127.0.0.1",
		"API_PORT":                  port,
		"SUPABASE_URL":              c.project,
		"SUPABASE_ANON_KEY":         "bench-anon-key",
		"SUPABASE_SERVICE_ROLE_KEY": "bench-service-role-key",
		"SUPABASE_JWT_SECRET":       c.secret,
		"NEO4J_URI":                 "bolt://127.0.0.1:1",
		"NEO4J_USERNAME":            "neo4j",
		"NEO4J_PASSWORD":            "bench-password",
		"METRICS_ADDR":              "127.0.0.1:0",
		"RATE_LIMIT":                generousLimit,
		"FAILED_SIGN_IN_LIMIT":      generousLimit,
	}
}

func serviceProgram(path string, c credentials) program {
	return program{
		name: "journey-api", path: path,
		arguments: func(string) []string { return []string{"serve"} },
		environment: func(port string) []string {
			var lines []string
			for name, value := range maps.All(serviceSettings(c, port)) {
				lines = append(lines, name+"="+value)
			}
			return slices.Sorted(slices.Values(lines))
		},
		ready: requestFor("/health/live", ""),
	}
}

// rivalProgram is one of the comparison servers, by its kind.
func rivalProgram(path, kind string, c credentials, arguments ...string) program {
	return program{
		name: kind, path: path,
		arguments: func(port string) []string {
			return append([]string{"-kind", kind, "-address", "127.0.0.1:" + port}, arguments...)
		},
		environment: func(string) []string { return nil },
		ready:       requestFor("/api/me", c.hs256),
	}
}
