package config

import (
	"log/slog"
	"net/netip"
	"time"
)

// Setting is one row of the table that everything about a name comes from.
type Setting struct {
	Name string
	// Older is a name from before that means the same setting; within one layer Name beats it.
	Older string
	// Group is the heading that it stands under.
	Group string
	// Description says in a sentence or two what it does and which values it takes.
	Description string
	Required    bool
	// Secret settings are masked, never quoted, and may come from a file that <Name>_FILE names.
	Secret bool
	// Default is "" where none exists; ProductionDefault is set where production has another.
	Default           string
	ProductionDefault string
	// Sample is the value in .env.example; settings without one stand there as a comment.
	Sample string
	// Example is a good value to show beside a fault.
	Example string

	apply func(*Settings, string) error
}

const (
	groupSupabase = "Supabase"
	groupNeo4j    = "Neo4j"
	groupService  = "Service"
	groupTokens   = "Tokens"
	groupHealth   = "Health"
	groupTimeouts = "Timeouts and shutdown"
	groupLimits   = "Limits"
	groupObserve  = "Observability"
)

// Reference lists every setting in the order of .env.example: first what a new installation fills in, then what has a
// default.
func Reference() []Setting {
	var table []Setting
	for _, part := range [][]Setting{
		supabaseSettings(), neo4jSettings(), serviceSettings(), tokenSettings(), healthSettings(), timeoutSettings(),
		limitSettings(), observabilitySettings(),
	} {
		table = append(table, part...)
	}
	for i := range table {
		if table[i].Example == "" {
			table[i].Example = table[i].Default
		}
	}
	return table
}

func supabaseSettings() []Setting {
	return []Setting{
		{
			Name: "SUPABASE_URL", Group: groupSupabase, Required: true,
			Description: "Where the Supabase project answers: http or https, without user, query or fragment. In production https, but for hosts on a private network.",
			Sample:      "http://localhost:54321", Example: "https://abcdefgh.supabase.co",
			apply: into(func(s *Settings) *string { return &s.Supabase.URL }, supabaseURL),
		},
		{
			Name: "SUPABASE_ANON_KEY", Group: groupSupabase, Required: true, Secret: true,
			Description: "The project's anon (or publishable) key.",
			Sample:      "your-anon-key", Example: "from the project's API settings",
			apply: into(func(s *Settings) *Secret { return &s.Supabase.AnonKey }, apiKey),
		},
		{
			Name: "SUPABASE_SERVICE_ROLE_KEY", Group: groupSupabase, Required: true, Secret: true,
			Description: "The project's service_role (or secret) key. It passes row-level security: keep it on the server.",
			Sample:      "your-service-role-key", Example: "from the project's API settings",
			apply: into(func(s *Settings) *Secret { return &s.Supabase.ServiceRoleKey }, apiKey),
		},
		{
			Name: "SUPABASE_JWT_SECRET", Group: groupSupabase, Secret: true,
			Description: "The shared secret that older projects sign access tokens with, at least 32 bytes; newer projects sign with keys that the service fetches from SUPABASE_URL. Required where JWT_ALGORITHMS names HS256. A published or placeholder secret is taken only in development with a SUPABASE_URL on this machine, and warned about.",
			Sample:      "your-jwt-secret-min-32-chars-long", Example: "openssl rand -base64 48 makes one",
			apply: into(func(s *Settings) *Secret { return &s.JWT.Secret }, signingSecret),
		},
		{
			Name: "SUPABASE_TIMEOUT", Group: groupSupabase, Default: "5s",
			Description: "The longest that one call to Supabase may take.",
			apply:       into(func(s *Settings) *time.Duration { return &s.Supabase.Timeout }, duration(shortest, time.Hour)),
		},
	}
}

func neo4jSettings() []Setting {
	return []Setting{
		{
			Name: "NEO4J_URI", Group: groupNeo4j, Required: true,
			Description: "Where Neo4j answers: bolt or neo4j, each also with +s (TLS) or +ssc (TLS, any certificate), without user, path, query or fragment.",
			Sample:      "bolt://localhost:7687", Example: "neo4j+s://graph.example.org",
			apply: into(func(s *Settings) *string { return &s.Neo4j.URI }, neo4jURI),
		},
		{
			Name: "NEO4J_USERNAME", Group: groupNeo4j, Required: true,
			Description: "Who logs in to Neo4j.",
			Sample:      "neo4j", Example: "neo4j",
			apply: into(func(s *Settings) *string { return &s.Neo4j.Username }, text),
		},
		{
			Name: "NEO4J_PASSWORD", Group: groupNeo4j, Required: true, Secret: true,
			Description: "That user's password.",
			Sample:      "your-neo4j-password", Example: "the password of NEO4J_USERNAME",
			apply: into(func(s *Settings) *Secret { return &s.Neo4j.Password }, anySecret),
		},
		{
			Name: "NEO4J_DATABASE", Group: groupNeo4j, Example: "neo4j",
			Description: "The database to use; empty for the user's home database.",
			apply:       into(func(s *Settings) *string { return &s.Neo4j.Database }, text),
		},
		{
			Name: "NEO4J_MAX_POOL_SIZE", Group: groupNeo4j, Default: "50",
			Description: "The most connections that are kept to one Neo4j server, 1 to 1000.",
			apply:       into(func(s *Settings) *int { return &s.Neo4j.MaxPoolSize }, wholeNumber(1, 1000)),
		},
		{
			Name: "NEO4J_ACQUIRE_TIMEOUT", Group: groupNeo4j, Default: "2s",
			Description: "The longest wait for a free connection of the pool.",
			apply:       into(func(s *Settings) *time.Duration { return &s.Neo4j.AcquireTimeout }, duration(shortest, time.Hour)),
		},
		{
			Name: "NEO4J_CONNECT_TIMEOUT", Group: groupNeo4j, Default: "2s",
			Description: "The longest that opening a connection may take.",
			apply:       into(func(s *Settings) *time.Duration { return &s.Neo4j.ConnectTimeout }, duration(shortest, time.Hour)),
		},
		{
			Name: "NEO4J_MAX_CONN_LIFETIME", Group: groupNeo4j, Default: "1h",
			Description: "The age at which a connection is replaced.",
			apply:       into(func(s *Settings) *time.Duration { return &s.Neo4j.MaxConnLifetime }, duration(shortest, 7*24*time.Hour)),
		},
	}
}

func serviceSettings() []Setting {
	return []Setting{
		{
			Name: "API_PORT", Older: "PYTHON_API_PORT", Group: groupService, Default: "8000", Sample: "8000",
			Description: "The port to listen on, 0 to 65535; 0 takes any free one.",
			apply:       into(func(s *Settings) *int { return &s.HTTP.Port }, wholeNumber(0, 65535)),
		},
		{
			Name: "API_HOST", Older: "PYTHON_API_HOST", Group: groupService, Default: "0.0.0.0", Sample: "0.0.0.0",
			Description: "The address to listen on; 0.0.0.0 is every interface, 127.0.0.1 this machine alone.",
			apply:       into(func(s *Settings) *string { return &s.HTTP.Host }, listenHost),
		},
		{
			Name: "CORS_ORIGINS", Group: groupService,
			Default: "http://localhost:3000,http://localhost:3001", Sample: "http://localhost:3000,http://localhost:3001",
			Description: "The web pages that may call the API from a browser: origins without a path, separated by commas; or * alone for all.",
			Example:     "https://app.example.org,http://localhost:3000",
			apply:       into(func(s *Settings) *[]string { return &s.HTTP.CORSOrigins }, origins),
		},
		{
			Name: "LOG_LEVEL", Group: groupService, Default: "INFO", Sample: "INFO",
			Description: "The least that is logged: DEBUG, INFO, WARN (or WARNING) or ERROR, in any case.",
			apply:       into(func(s *Settings) *slog.Level { return &s.Log.Level }, logLevel),
		},
		{
			Name: "LOG_FORMAT", Group: groupService, Default: "json",
			Description: "json for machines, text for a terminal.",
			apply:       into(func(s *Settings) *string { return &s.Log.Format }, oneOf("json", "text")),
		},
		{
			Name: "APP_ENV", Group: groupService, Default: string(Development),
			Description: "development or production. Production refuses placeholder secrets and plain http to public hosts, mints no tokens, and has no docs unless asked.",
			apply:       into(func(s *Settings) *Environment { return &s.Environment }, oneOf(Development, Production)),
		},
		{
			Name: "DOCS_ENABLED", Group: groupService, Default: "true", ProductionDefault: "false",
			Description: "Whether /docs and the OpenAPI document are served: true or false.",
			apply:       into(func(s *Settings) *bool { return &s.HTTP.DocsEnabled }, boolean),
		},
	}
}

func tokenSettings() []Setting {
	return []Setting{
		{
			Name: "SUPABASE_JWT_SECRET_PREVIOUS", Group: groupTokens, Secret: true,
			Description: "While rotating: the secret from before, whose tokens are still taken. The same rules as for SUPABASE_JWT_SECRET.",
			Example:     "the former SUPABASE_JWT_SECRET",
			apply:       into(func(s *Settings) *Secret { return &s.JWT.PreviousSecret }, signingSecret),
		},
		{
			Name: "SUPABASE_JWT_ISSUER", Group: groupTokens, Example: "https://abcdefgh.supabase.co/auth/v1",
			Description: "The only issuer (iss) that a token may have; empty takes any.",
			apply:       into(func(s *Settings) *string { return &s.JWT.Issuer }, text),
		},
		{
			Name: "JWT_ALGORITHMS", Group: groupTokens, Default: "ES256,RS256,EdDSA,HS256",
			Description: "The signature algorithms that are taken: any of ES256, RS256, EdDSA (by the keys that the project publishes) and HS256 (by the shared secret). By default HS256 only where SUPABASE_JWT_SECRET is set.",
			apply:       into(func(s *Settings) *[]string { return &s.JWT.Algorithms }, algorithms),
		},
		{
			Name: "JWT_LEEWAY", Group: groupTokens, Default: "5s",
			Description: "How far the clocks of Supabase and this machine may differ, 0s to 60s.",
			apply:       into(func(s *Settings) *time.Duration { return &s.JWT.Leeway }, duration(0, time.Minute)),
		},
		{
			Name: "JWKS_MAX_STALE", Group: groupTokens, Default: "1h",
			Description: "How long the project's published keys still serve when they can't be fetched again.",
			apply:       into(func(s *Settings) *time.Duration { return &s.JWT.MaxStale }, duration(time.Minute, 7*24*time.Hour)),
		},
	}
}

func healthSettings() []Setting {
	return []Setting{
		{
			Name: "HEALTH_REQUIRED", Group: groupHealth, Example: "neo4j,supabase",
			Description: "The dependencies without which /health says 503: any of neo4j, supabase, separated by commas. Empty for none: the service then reports degraded.",
			apply:       into(func(s *Settings) *[]string { return &s.Health.Required }, subset("neo4j", "supabase")),
		},
		{
			Name: "HEALTH_INTERVAL", Group: groupHealth, Default: "2s",
			Description: "The time between two probes of a dependency.",
			apply:       into(func(s *Settings) *time.Duration { return &s.Health.Interval }, duration(shortest, time.Hour)),
		},
		{
			Name: "HEALTH_TIMEOUT", Group: groupHealth, Default: "1.5s",
			Description: "The longest that a probe may take.",
			apply:       into(func(s *Settings) *time.Duration { return &s.Health.Timeout }, duration(shortest, time.Hour)),
		},
		{
			Name: "HEALTH_SUPABASE_PATH", Group: groupHealth, Default: "/rest/v1/",
			Description: "What the Supabase probe asks for, below SUPABASE_URL. It should be a page that reaches Postgres.",
			apply:       into(func(s *Settings) *string { return &s.Health.SupabasePath }, urlPath),
		},
	}
}

func timeoutSettings() []Setting {
	return []Setting{
		{
			Name: "REQUEST_TIMEOUT", Group: groupTimeouts, Default: "10s",
			Description: "The longest that the work for one request may take.",
			apply:       into(func(s *Settings) *time.Duration { return &s.HTTP.RequestTimeout }, duration(shortest, time.Hour)),
		},
		{
			Name: "READ_TIMEOUT", Group: groupTimeouts, Default: "10s",
			Description: "The longest that a request may take to arrive.",
			apply:       into(func(s *Settings) *time.Duration { return &s.HTTP.ReadTimeout }, duration(shortest, time.Hour)),
		},
		{
			Name: "WRITE_TIMEOUT", Group: groupTimeouts, Default: "15s",
			Description: "The longest that a reply may take to leave; longer than REQUEST_TIMEOUT.",
			apply:       into(func(s *Settings) *time.Duration { return &s.HTTP.WriteTimeout }, duration(shortest, time.Hour)),
		},
		{
			Name: "IDLE_TIMEOUT", Group: groupTimeouts, Default: "60s",
			Description: "How long an unused connection is kept.",
			apply:       into(func(s *Settings) *time.Duration { return &s.HTTP.IdleTimeout }, duration(shortest, time.Hour)),
		},
		{
			Name: "DRAIN_DELAY", Group: groupTimeouts, Default: "0s", ProductionDefault: "5s",
			Description: "When stopping: how long requests are still served after readiness said no, so that load balancers notice.",
			apply:       into(func(s *Settings) *time.Duration { return &s.HTTP.DrainDelay }, duration(0, time.Hour)),
		},
		{
			Name: "SHUTDOWN_TIMEOUT", Group: groupTimeouts, Default: "10s",
			Description: "When stopping: how long requests in flight may take to finish. More than 5s, because a new connection that has sent nothing counts as idle only then.",
			apply:       into(func(s *Settings) *time.Duration { return &s.HTTP.ShutdownTimeout }, duration(shortest, time.Hour)),
		},
	}
}

func limitSettings() []Setting {
	return []Setting{
		{
			Name: "MAX_BODY_BYTES", Group: groupLimits, Default: "1048576",
			Description: "The largest request body, 1 to 67108864 (64 MiB).",
			apply:       into(func(s *Settings) *int { return &s.HTTP.MaxBodyBytes }, wholeNumber(1, 64<<20)),
		},
		{
			Name: "MAX_HEADER_BYTES", Group: groupLimits, Default: "16384",
			Description: "The largest request line with its headers, 1024 to 1048576 (1 MiB).",
			apply:       into(func(s *Settings) *int { return &s.HTTP.MaxHeaderBytes }, wholeNumber(1<<10, 1<<20)),
		},
		{
			Name: "MAX_IN_FLIGHT", Group: groupLimits, Default: "1024",
			Description: "The most requests served at once, 1 to 65536; more are told to come back.",
			apply:       into(func(s *Settings) *int { return &s.HTTP.MaxInFlight }, wholeNumber(1, 1<<16)),
		},
		{
			Name: "RATE_LIMIT", Group: groupLimits, Default: "0", Example: "600",
			Description: "How many requests a minute each user may make, and how many times a minute each address may fail to authenticate, 0 to 60000000; 0 is any number. Each copy of the service counts for itself.",
			apply:       into(func(s *Settings) *int { return &s.HTTP.RateLimit }, wholeNumber(0, 60_000_000)),
		},
		{
			Name: "TRUSTED_PROXIES", Group: groupLimits, Example: "10.0.0.0/8,192.168.1.7",
			Description: "The proxies whose X-Forwarded-For is believed: addresses or CIDR ranges, separated by commas. Empty for none.",
			apply:       into(func(s *Settings) *[]netip.Prefix { return &s.HTTP.TrustedProxies }, prefixes),
		},
	}
}

func observabilitySettings() []Setting {
	return []Setting{
		{
			Name: "METRICS_ADDR", Group: groupObserve, Example: "0.0.0.0:9090",
			Description: "Where GET /metrics is served to Prometheus, host:port; a port without a host is every interface. Empty for no metrics. Keep it away from the public.",
			apply:       into(func(s *Settings) *string { return &s.Observability.MetricsAddress }, listenAddress),
		},
		{
			Name: "DEBUG_ADDR", Group: groupObserve, Example: "127.0.0.1:6060",
			Description: "Where profiles are served and the log level can be changed, host:port on this machine alone. Empty for neither.",
			apply:       into(func(s *Settings) *string { return &s.Observability.DebugAddress }, loopbackAddress),
		},
	}
}
