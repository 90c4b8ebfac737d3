package postgresdb

import "embed"

// Queries and Migrations are the files of the statements and of the schema.
//
//go:embed sql/*.sql
var Queries embed.FS

// Migrations are the files of the schema.
var Migrations = migrations
