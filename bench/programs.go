package main

import (
	"maps"
	"slices"
	"time"

	"github.com/journey-os/journey-api/ports/portstest"
)

// credentials are what requests are signed with in one run of the benchmark.
type credentials struct{ secret, token string }

func newCredentials(secret string) credentials {
	return credentials{secret: secret, token: portstest.Token(secret, portstest.RealSizedClaims(time.Now()))}
}

// serviceSettings are those of a service with everything switched on and nobody there at its dependencies' addresses:
// port 1 of loopback refuses.
func serviceSettings(c credentials, port string) map[string]string {
	return map[string]string{
		"API_HOST":                  "127.0.0.1",
		"API_PORT":                  port,
		"SUPABASE_URL":              "http://127.0.0.1:1",
		"SUPABASE_ANON_KEY":         "bench-anon-key",
		"SUPABASE_SERVICE_ROLE_KEY": "bench-service-role-key",
		"SUPABASE_JWT_SECRET":       c.secret,
		"NEO4J_URI":                 "bolt://127.0.0.1:1",
		"NEO4J_USERNAME":            "neo4j",
		"NEO4J_PASSWORD":            "bench-password",
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
		ready:       requestFor("/api/me", c.token),
	}
}
