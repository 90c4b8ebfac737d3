package config

import (
	"time"

	"github.com/journey-os/journey-api/core"
)

const fromTheProject = "from the project's API settings"

func supabaseSettings(s *Supabase, jwt *JWT) []Setting {
	return []Setting{
		{
			Name: "SUPABASE_URL", Required: true, value: into(&s.URL, supabaseURL),
			Description: "Where the Supabase project answers. In production plain http is for hosts on a private network alone: see PRIVATE_DOMAINS.",
			Sample:      "http://localhost:54321", Example: "https://abcdefgh.supabase.co",
		},
		{
			Name: secretKeyName, Aliases: []string{"SUPABASE_SECRET_KEY"}, Required: true, Secret: true, value: into(&s.ServiceRoleKey, apiKey),
			Description: "The project's secret (or service_role) key. It passes row-level security: keep it on the server.",
			Sample:      "your-service-role-key", Example: fromTheProject,
		},
		{
			Name: publicKeyName, Aliases: []string{"SUPABASE_PUBLISHABLE_KEY"}, Secret: true, value: into(&s.AnonKey, apiKey),
			Description: "The project's publishable (or anon) key. The service does not use it; the local servers of make stack do, and your pages.",
			Sample:      "your-anon-key", Example: fromTheProject,
		},
		{
			Name: "SUPABASE_JWT_SECRET", Secret: true, value: into(&jwt.Secret, signingSecret),
			Description: "The shared secret that older projects sign access tokens with; newer projects sign with keys that the service fetches from SUPABASE_URL. Required if JWT_ALGORITHMS names HS256. A published or placeholder secret is taken only in development with a SUPABASE_URL on this machine, and warned about.",
			Sample:      "your-jwt-secret-min-32-chars-long", Example: "openssl rand -base64 48 makes one",
		},
		{
			Name: "SUPABASE_TIMEOUT", Default: "5s", value: into(&s.Timeout, duration(shortest, time.Hour)),
			Description: "The longest that one call to Supabase may take.",
		},
	}
}

func neo4jSettings(n *Neo4j) []Setting {
	return []Setting{
		{
			Name: "NEO4J_URI", Required: true, value: into(&n.URI, neo4jURI),
			Description: "Where Neo4j answers: with +s over TLS, with +ssc over TLS with any certificate. In production neither is left out but for hosts on a private network: see PRIVATE_DOMAINS.",
			Sample:      "bolt://localhost:7687", Example: "neo4j+s://graph.example.org",
		},
		{
			Name: "NEO4J_USERNAME", Required: true, value: into(&n.Username, text),
			Description: "Who logs in to Neo4j.",
			Sample:      "neo4j", Example: "neo4j",
		},
		{
			Name: "NEO4J_PASSWORD", Required: true, Secret: true, value: into(&n.Password, anySecret),
			Description: "That user's password.",
			Sample:      "your-neo4j-password", Example: "the password of NEO4J_USERNAME",
		},
		{
			Name: "NEO4J_DATABASE", value: into(&n.Database, text), Example: "neo4j",
			Description: "The database to use; empty for the user's home database.",
		},
		{
			Name: "NEO4J_MAX_POOL_SIZE", Default: "50", value: into(&n.MaxPoolSize, wholeNumber(1, 1000)),
			Description: "The most connections that are kept to one Neo4j server.",
		},
		{
			Name: "NEO4J_ACQUIRE_TIMEOUT", Default: "2s", value: into(&n.AcquireTimeout, duration(shortest, time.Hour)),
			Description: "The longest wait for a free connection of the pool.",
		},
		{
			Name: "NEO4J_CONNECT_TIMEOUT", Default: "2s", value: into(&n.ConnectTimeout, duration(shortest, time.Hour)),
			Description: "The longest that opening a connection may take.",
		},
		{
			Name: "NEO4J_MAX_CONN_LIFETIME", Default: "1h", value: into(&n.MaxConnLifetime, duration(shortest, week)),
			Description: "The age at which a connection is replaced.",
		},
	}
}

func tokenSettings(jwt *JWT) []Setting {
	return []Setting{
		{
			Name: "SUPABASE_JWT_SECRET_PREVIOUS", Secret: true, value: into(&jwt.PreviousSecret, signingSecret),
			Description: "While rotating: the SUPABASE_JWT_SECRET from before, whose tokens are still taken. It is held to the same rules.",
			Example:     "the former SUPABASE_JWT_SECRET",
		},
		{
			Name: "SUPABASE_JWT_ISSUER", value: into(&jwt.Issuer, tokenIssuer), Example: "https://abcdefgh.supabase.co/auth/v1",
			Description: "The only issuer (iss) that a token may have; empty takes any.",
		},
		{
			Name: "JWT_ALGORITHMS", Default: "ES256,RS256,EdDSA,HS256", value: into(&jwt.Algorithms, algorithms),
			Description: "The signature algorithms that are taken: ES256, RS256 and EdDSA by the keys that the project publishes, HS256 by the shared secret. By default HS256 only if SUPABASE_JWT_SECRET is set.",
		},
		{
			Name: "JWT_LEEWAY", Default: "5s", value: into(&jwt.Leeway, duration(0, core.MaxTokenLeeway)),
			Description: "How far the clocks of Supabase and this machine may differ.",
		},
		{
			Name: "JWKS_MAX_STALE", Default: "1h", value: into(&jwt.MaxStale, duration(time.Minute, week)),
			Description: "How long the project's published keys still serve when they can't be fetched again.",
		},
	}
}

func healthSettings(h *Health) []Setting {
	return []Setting{
		{
			Name: "HEALTH_REQUIRED", Default: "database", value: into(&h.Required, dependencies), Example: "database,neo4j",
			Description: "The dependencies without which /health and /health/ready say 503. If any other is down, the service reports degraded.",
		},
		{
			Name: "HEALTH_INTERVAL", Default: "2s", value: into(&h.Interval, duration(shortest, time.Hour)),
			Description: "The time between two probes of a dependency.",
		},
		{
			Name: "HEALTH_TIMEOUT", Default: "1.5s", value: into(&h.Timeout, duration(shortest, time.Hour)),
			Description: "The longest that a probe may take.",
		},
		{
			Name: "HEALTH_SUPABASE_PATH", Default: "/rest/v1/", value: into(&h.SupabasePath, urlPath),
			Description: "What the Supabase probe asks for, below SUPABASE_URL: PostgREST's root, a table or a function, so that the answer comes from PostgREST and reaches Postgres.",
		},
	}
}
