// Package health monitors whether the service works. Monitor checks every dependency in the background, and Report is
// the state at one moment. A dependency implements core.HealthChecker.
package health
