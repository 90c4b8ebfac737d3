// Package app is the service, put together: it builds the adapters, hands them to one another, runs them, drains, and
// stops. It starts where the settings are read and ends where the process does; what can be typed, and signals, are in
// package cli. Tests and the benchmark run the service by this package, so that they see what runs in production.
//
//	a, err := app.New(app.Config{…}) // builds; opens the database, and no port
//	err = a.Listen()                 // opens the ports
//	err = a.Run(stop, hurry)         // serves until stop ends, drains and closes; hurry ends that at once
//
// What is added to the service is one entry in one list:
//
//	an engine            Engines, in engines.go: its routes, its tasks, its figures
//	a route              the Routes of its engine
//	work in background   the Jobs of its engine, which one copy does, or its Tasks, which each copy does
//	a store              openDependencies, in dependencies.go, and a field of Resources for the engines that use it
//	a subcommand         commandLine, in package cli, with a file of its own
//
// An engine's constructor in engines.go builds the use case of core from Resources, and hands it to its routes in httpapi
// and to its tasks. It is called without any resource for the OpenAPI document, so it keeps what it is given and calls
// nothing. Everything else follows from the entry: the golden document and the gate against breaking changes know its
// routes; its figures are in the metrics and the diagnostics; a dependency is in /health, the metrics, the diagnostics,
// the log and the banner, and may be named in HEALTH_REQUIRED.
//
// What is built is a list of parts (parts.go), each of which may use those before it. They start in this order. At the end
// HTTP is drained first, then they stop in the opposite order: tasks, health checks and signing keys, stores, traces, and
// at last the operators' pages, by which the end can be watched.
package app
