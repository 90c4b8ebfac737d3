package config

import "time"

// localPages are where the development servers of Next.js and Vite serve pages.
const localPages = "http://localhost:3000,http://localhost:3001,http://localhost:5173"

func serviceSettings(s *Settings) []Setting {
	http := &s.HTTP
	return []Setting{
		{
			Name: "API_PORT", Aliases: []string{"PYTHON_API_PORT"}, Default: "8000", Sample: "8000", value: into(&http.Port, wholeNumber(0, 65535)),
			Description: "The port to listen on; 0 takes any free one.",
		},
		{
			Name: "API_HOST", Aliases: []string{"PYTHON_API_HOST"}, Default: "0.0.0.0", Sample: "0.0.0.0", value: into(&http.Host, listenHost),
			Description: "The address to listen on; 0.0.0.0 is every interface, 127.0.0.1 this machine alone.",
		},
		{
			Name:    "CORS_ORIGINS",
			Default: localPages, Sample: localPages, Example: "https://app.example.org,http://localhost:3000",
			value:       into(&http.CORSOrigins, origins),
			Description: "The web pages that may call the API from a browser. A * stands for one whole label, below a domain that is yours alone (a public suffix such as vercel.app is refused): whatever is deployed there may call, a preview of any branch included, so list no such origin in production. A page needs a user's token all the same.",
		},
		{
			Name: "CORS_HEADERS", value: into(&http.CORSHeaders, headerNames), Example: "X-Request-Source,X-Tenant",
			Description: "Request headers that those pages may send, beside the usual ones (Authorization, Content-Type, those of this API, of supabase-js and of tracing).",
		},
		{
			Name: "LOG_LEVEL", Default: "INFO", Sample: "INFO", value: into(&s.Log.Level, logLevel),
			Description: "The least that is logged.",
		},
		{
			Name: "LOG_FORMAT", Default: "json", value: into(&s.Log.Format, oneOf("json", "text")),
			Description: "json is for machines, text for a terminal.",
		},
		{
			Name: "APP_ENV", Default: string(Development), value: into(&s.Environment, oneOf(Development, Production)),
			Description: "Production refuses placeholder secrets and plain connections to public hosts, mints no tokens, and has no docs unless asked.",
		},
		{
			Name: "PRIVATE_DOMAINS", value: into(&s.PrivateDomains, domains), Example: "corp.example.org",
			Description: "Domains on a private network whose names could be public: in production they may be reached over plain http and bolt, with all hosts below them. What is private without being listed: private, loopback and link-local addresses, names of one label, names whose last label nobody can register (kong.supabase, db.consul, db.internal, kong.supabase.svc.cluster.local), home.arpa and ts.net. The name of a Kubernetes namespace may be a public domain: write kong.dev.svc.cluster.local, not kong.dev.",
		},
		{
			Name: "DOCS_ENABLED", Default: "true", ProductionDefault: "false", value: into(&http.DocsEnabled, boolean),
			Description: "Whether /docs and the OpenAPI document are served.",
		},
	}
}

func timeoutSettings(http *HTTP) []Setting {
	return []Setting{
		{
			Name: "REQUEST_TIMEOUT", Default: "10s", value: into(&http.RequestTimeout, duration(shortest, time.Hour)),
			Description: "The longest that the work for one request may take.",
		},
		{
			Name: "READ_TIMEOUT", Default: "10s", value: into(&http.ReadTimeout, duration(shortest, time.Hour)),
			Description: "The longest that a request may take to arrive.",
		},
		{
			Name: "WRITE_TIMEOUT", Default: "15s", value: into(&http.WriteTimeout, duration(shortest, time.Hour)),
			Description: "The longest that a reply may take to leave; longer than REQUEST_TIMEOUT.",
		},
		{
			Name: "IDLE_TIMEOUT", Default: "75s", value: into(&http.IdleTimeout, duration(shortest, time.Hour)),
			Description: "How long an unused connection is kept. Make it longer than the load balancer in front keeps one, or it sends requests into connections that are just being closed: 60s is common (AWS, nginx), Google's keeps 600s.",
		},
		{
			Name: "DRAIN_DELAY", Default: "0s", ProductionDefault: "5s", value: into(&http.DrainDelay, duration(0, time.Hour)),
			Description: "When stopping: how long requests are still served after readiness said no, so that load balancers notice.",
		},
		{
			Name: "SHUTDOWN_TIMEOUT", Default: "10s", value: into(&http.ShutdownTimeout, duration(shortest, time.Hour)),
			Description: "When stopping: how long requests in flight may take to finish. More than 5s, because a new connection that has sent nothing counts as idle only then.",
		},
	}
}

// mostPerMinute is the highest rate limit: a million a second.
const mostPerMinute = 60_000_000

func limitSettings(http *HTTP) []Setting {
	return []Setting{
		{
			Name: "MAX_BODY_BYTES", Default: "1048576", value: into(&http.MaxBodyBytes, wholeNumber(1, 64<<20)),
			Description: "The largest request body, in bytes, whatever the route: most take 64 KiB.",
		},
		{
			Name: "MAX_HEADER_BYTES", Default: "16384", value: into(&http.MaxHeaderBytes, wholeNumber(1<<10, 1<<20)),
			Description: "The largest request line with its headers, in bytes.",
		},
		{
			Name: "MAX_IN_FLIGHT", Default: "1024", value: into(&http.MaxInFlight, wholeNumber(1, 1<<16)),
			Description: "The most requests served at once; a further one gets 503 overloaded. Of connections four times as many are served, at about 27 KB each; a further one takes the place of one that has been idle for a second or more, and if there is none its caller gets 503 too.",
		},
		{
			Name: "RATE_LIMIT", Default: "0", Example: "600", value: into(&http.RateLimit, wholeNumber(0, mostPerMinute)),
			Description: "How many requests a minute each user may make; 0 is any number. All may come at once. Each copy of the service counts for itself.",
		},
		{
			Name: "FAILED_SIGN_IN_LIMIT", Default: "0", Example: "60", value: into(&http.FailedSignInLimit, wholeNumber(0, mostPerMinute)),
			Description: "How many tokens without a good signature each address (of IPv6: each /64) may send a minute; further ones get 429. 0 is any number. A token whose signature is good, even an expired one, is neither counted nor refused for others. Each copy of the service counts for itself.",
		},
		{
			Name: "TRUSTED_PROXIES", Example: "10.0.0.0/8,192.168.1.7", value: into(&http.TrustedProxies, prefixes),
			Description: "The proxies whose X-Forwarded-For is read. Empty for none.",
		},
	}
}

func observabilitySettings(o *Observability) []Setting {
	return []Setting{
		{
			Name: "METRICS_ADDR", Example: "0.0.0.0:9090", value: into(&o.MetricsAddress, listenAddress),
			Description: "Where GET /metrics is served to Prometheus; a port without a host is every interface. Empty for no metrics. Keep it away from the public.",
		},
		{
			Name: "DEBUG_ADDR", Example: "127.0.0.1:6060", value: into(&o.DebugAddress, loopbackAddress),
			Description: "Where profiles are served and the log level can be changed, on this machine alone. Empty for neither.",
		},
	}
}
