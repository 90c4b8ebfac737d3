// Package health knows whether the service works: Monitor asks every dependency in the background, and Report is what it
// knows at one moment. What a dependency has to offer is core.HealthChecker.
package health
