// Package core is the domain of Journey API. It imports the standard library alone, does no input or output, reads no
// environment, and knows neither HTTP nor JSON.
//
// The house is a hexagon, and imports run one way only, towards the middle:
//
//	         bootstrap            puts it together; main, app and cli
//	             |
//	+------------v------------+
//	|        adapters         |   one folder for each outside thing
//	|  httpapi       jwtauth  |   (HTTP, tokens, Neo4j, Supabase, the stores, settings, metrics, traces)
//	|   +-----------------+   |
//	|   |      ports      |   |   what the middle needs from outside, as interfaces
//	|   |   +---------+   |   |
//	|   |   |  core   |   |   |   roles, access rules, errors, health; the engines
//	|   |   +---------+   |   |
//	|   +-----------------+   |
//	|  neo4jdb    supabasedb  |
//	|  sqlitedb   postgresdb  |
//	|  metrics       tracing  |
//	+-------------------------+
//
// The law, which architecture_test.go at the top of the repository enforces:
//
//   - core <- ports <- adapters <- bootstrap, never the other way, and adapters never import one another.
//   - An interface is declared by the innermost code that calls it. Core calls it: it stands here beside its caller and
//     ports lists it as an alias. Only outer code calls it: it stands in ports.
//   - There is one error, Error. Whatever is none is an internal error, and its text never leaves the service.
//   - Values are parsed at the edge and valid by construction inside.
//
// Where to start reading: Role and Access say who may do what. AuthTokenPayload is the caller. Error is what can go
// wrong. HealthChecker and health.Monitor are how the service knows that it works.
package core
