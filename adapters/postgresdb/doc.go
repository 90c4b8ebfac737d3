// Package postgresdb is the store on PostgreSQL, in a schema of its own. It works directly or through a pooler in
// transaction mode, so nothing outlives a transaction: no prepared statement, no setting of the session, no advisory
// lock.
//
// The SQL files name the schema journey, so that they are valid SQL; the name is replaced if the schema has another
// one.
package postgresdb
