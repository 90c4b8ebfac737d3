package config

import (
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"time"
)

// Settings are the values in force, checked. Reference says what each name means and which values it takes.
type Settings struct {
	// Environment is APP_ENV.
	Environment Environment
	// PrivateDomains are those whose hosts production may reach over plain connections, in lower case.
	PrivateDomains []string
	HTTP           HTTP
	Supabase       Supabase
	Neo4j          Neo4j
	JWT            JWT
	Database       Database
	Mastery        Mastery
	Practice       Practice
	Calibration    Calibration
	Health         Health
	Log            Log
	// Observability is what operators use beside the log.
	Observability Observability
}

// Environment is the kind of environment that the service runs in.
type Environment string

// The two environments.
const (
	Development Environment = "development"
	Production  Environment = "production"
)

// HTTP is the listener with its limits.
type HTTP struct {
	Host string
	// Port is 0 for any free one.
	Port int
	// CORSOrigins are in lower case and without a default port, as a browser sends them; or "*" alone. The first label of
	// a host may be *, for any one label.
	CORSOrigins []string
	// CORSHeaders are names of request headers, beside those that pages may always send.
	CORSHeaders    []string
	RequestTimeout time.Duration
	ReadTimeout    time.Duration
	// WriteTimeout is longer than RequestTimeout.
	WriteTimeout   time.Duration
	IdleTimeout    time.Duration
	MaxBodyBytes   int
	MaxHeaderBytes int
	MaxInFlight    int
	// RateLimit is each user's requests, FailedSignInLimit each address's failures, per minute; 0 is any number.
	RateLimit, FailedSignInLimit int
	// TrustedProxies are masked; a single address is a prefix of its full length.
	TrustedProxies  []netip.Prefix
	DrainDelay      time.Duration
	ShutdownTimeout time.Duration
	DocsEnabled     bool
}

// Address is what to listen on, host:port.
func (h HTTP) Address() string { return net.JoinHostPort(h.Host, strconv.Itoa(h.Port)) }

// Supabase is the project that holds the platform's accounts and rows.
type Supabase struct {
	// URL has no slash at its end.
	URL            string
	AnonKey        Secret
	ServiceRoleKey Secret
	Timeout        time.Duration
}

// IsLoopback reports whether the project runs on this machine.
func (s Supabase) IsLoopback() bool { return isLoopback(hostOf(s.URL)) }

// Neo4j is the graph database with its pool.
type Neo4j struct {
	URI      string
	Username string
	Password Secret
	// Database is "" for the user's home database.
	Database        string
	MaxPoolSize     int
	AcquireTimeout  time.Duration
	ConnectTimeout  time.Duration
	MaxConnLifetime time.Duration
}

// JWT is how access tokens are verified.
type JWT struct {
	// Secret and PreviousSecret are used as raw bytes; PreviousSecret is set only during a rotation.
	Secret         Secret
	PreviousSecret Secret
	// Issuer is "" if any issuer is taken.
	Issuer     string
	Algorithms []string
	Leeway     time.Duration
	// MaxStale is how long fetched keys are used after the last successful fetch.
	MaxStale time.Duration
}

// Database is where records and the bank are kept.
type Database struct {
	// URL is sqlite: and the path of a file, or the URL of a PostgreSQL database.
	URL Secret
	// Schema is for PostgreSQL.
	Schema         string
	MigrateOnStart bool
}

// Mastery configures the mastery engine.
type Mastery struct {
	// Mastered is above 0 and at most 1.
	Mastered float64
	OpenBank bool
	// Graph is where the states are written beside the database: GraphOff or GraphNeo4j.
	Graph Graph
}

// Practice configures how the next item is picked.
type Practice struct {
	// Ready is above 0 and at most 1.
	Ready float64
	// Randomesque is at least 1.
	Randomesque int
	// Criterion is information, weighted_information or mepv.
	Criterion string
	// Drift is 0 or more.
	Drift float64
	// Graph is where prerequisites are read: GraphDatabase or GraphNeo4j.
	Graph Graph
	// Label, Key and Relationship are their names in Neo4j.
	Label, Key, Relationship string
}

// Graph is a place where data about concepts are kept.
type Graph string

// The graphs.
const (
	GraphOff      Graph = "off"
	GraphNeo4j    Graph = "neo4j"
	GraphDatabase Graph = "database"
)

// Calibration configures how items are calibrated.
type Calibration struct {
	// Enabled reports whether this copy computes.
	Enabled bool
	// Every is 0 for never.
	Every time.Duration
	// Memory is in bytes.
	Memory int64
}

// Health configures how the dependencies are probed.
type Health struct {
	// Required is a subset of database, neo4j and supabase, sorted.
	Required     []string
	Interval     time.Duration
	Timeout      time.Duration
	SupabasePath string
}

// Log is what is written to stdout.
type Log struct {
	Level slog.Level
	// Format is json or text.
	Format string
}

// Observability is the listeners of operators; "" if there is none.
type Observability struct {
	// MetricsAddress is host:port, the host empty for every interface.
	MetricsAddress string
	// DebugAddress is host:port on loopback.
	DebugAddress string
}
