package health

import (
	"time"

	"github.com/journey-os/journey-api/core"
)

// Status is the state of the service or of one dependency.
type Status string

// A dependency is ok or error; the service may be degraded as well.
const (
	StatusOK       Status = "ok"
	StatusDegraded Status = "degraded"
	StatusError    Status = "error"
)

// Dependency is the last result of one dependency.
type Dependency struct {
	Name   string
	Status Status
	// Latency is how long the last check took; it is meaningful only if Status is ok.
	Latency time.Duration
	// Fault is "" if Status is ok.
	Fault core.Fault
	// Cause is the full error, for the log and the diagnostics; no public page shows it.
	Cause error
}

// Report is the state of the service at one moment.
type Report struct {
	Status  Status
	Version string
	// Timestamp is when the report was made, in UTC.
	Timestamp time.Time
	// Uptime is measured with the monotonic clock: setting the wall clock does not change it.
	Uptime       time.Duration
	Dependencies []Dependency
}

// OverallStatus returns the state of the service: error if a required dependency is down, degraded if any other is,
// else ok.
func OverallStatus(dependencies []Dependency, isRequired func(name string) bool) Status {
	status := StatusOK
	for _, dependency := range dependencies {
		switch {
		case dependency.Status == StatusOK:
		case isRequired(dependency.Name):
			return StatusError
		default:
			status = StatusDegraded
		}
	}
	return status
}
