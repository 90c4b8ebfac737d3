// Package app is the service, put together: it builds the adapters, hands them to one another, runs them, drains, and
// stops. It starts where the settings are read and ends where the process does; what can be typed, and signals, are in
// package cli. Tests and the benchmark run the service by this package, so that they see what runs in production.
//
//	a, err := app.New(app.Config{…}) // builds; opens no connection and no port
//	err = a.Listen()                 // opens the ports
//	err = a.Run(stop, hurry)         // serves until stop ends, drains and closes; hurry ends that at once
package app
