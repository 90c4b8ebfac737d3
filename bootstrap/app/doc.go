// Package app is the whole service: it builds the adapters, connects them, runs them, drains, and stops. It takes
// settings that are read already; package cli has the command line and the signals. Tests and the benchmark run the
// service through this package, so that they test what runs in production.
//
//	a, err := app.New(app.Config{…}) // builds; opens the database, and no port
//	err = a.Listen()                 // opens the ports
//	err = a.Run(stop, hurry)         // serves until stop ends, drains and closes; hurry ends that at once
//
// An addition to the service is one entry in one list:
//
//	an engine            Engines, in engines.go: its routes, its tasks, its figures
//	a route              the Routes of its engine
//	work in background   the Jobs of its engine, which one copy does, or its Tasks, which each copy does
//	a store              openDependencies, in dependencies.go, and a field of Resources for the engines that use it
//	a subcommand         commandLine, in package cli, with a file of its own
//
// An engine's constructor in engines.go builds the use case of core from Resources, and passes it to its routes in
// httpapi and to its tasks. For the OpenAPI document it is called without any resource, so it only stores what it is
// given. Everything else follows from the entry. The golden document and the check for breaking changes include its
// routes. Its figures are in the metrics and the diagnostics. A dependency is in /health, the metrics, the diagnostics,
// the log and the banner, and may be named in HEALTH_REQUIRED.
//
// The service is a list of parts (parts.go), each of which may use those before it. They start in this order. On
// shutdown HTTP is drained first, then they stop in the opposite order: tasks, health checks and signing keys, stores,
// traces, and last the operators' pages, so that the shutdown can be watched.
package app
