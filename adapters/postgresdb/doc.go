// Package postgresdb is the store on PostgreSQL: in a schema of its own, directly or through a pooler in transaction
// mode, so that nothing outlives a transaction: no prepared statement, no setting of the session, no advisory lock.
//
// The SQL files name the schema journey, so that they are SQL as they stand; a schema of another name takes its place.
package postgresdb
