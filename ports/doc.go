// Package ports is the catalogue of what Journey API needs from outside, as interfaces. Here "port" means interface,
// never a network port and never a handler.
//
//	port          | who calls it                          | who implements it
//	BankWriter    | the bank's import                     | sqlitedb.Store, postgresdb.Store
//	Catalogue     | httpapi, the imports                  | sqlitedb.Store, postgresdb.Store
//	HealthChecker | health.Monitor                        | neo4jdb.Client, supabasedb.Client, sqlitedb.Store, postgresdb.Store
//	Recorder      | mastery.Service                       | sqlitedb.Store, postgresdb.Store
//	RecordReader  | mastery.Service                       | sqlitedb.Store, postgresdb.Store
//	TokenVerifier | httpapi, on each protected route      | jwtauth.Verifier
//
// An interface stands here where outer code alone calls it, and as an alias of core's where core calls it, so that this
// package is complete and there is never a second method set. An interface's comment is its contract; where a port has
// two implementations, portstest has a suite that holds each of them to it.
package ports
