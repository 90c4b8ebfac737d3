package ports

import "github.com/journey-os/journey-api/core"

// HealthChecker is core's: health.Monitor calls it. neo4jdb.Client, supabasedb.Client, sqlitedb.Store and
// postgresdb.Store implement it.
type HealthChecker = core.HealthChecker
