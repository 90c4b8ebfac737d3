package core

import (
	"context"
	"errors"
	"slices"
)

// HealthChecker is a dependency whose health can be checked. Check uses the dependency as a request does: a reply from
// a proxy in front of it proves nothing. It returns nil only if the dependency works; otherwise FaultOf names what is
// wrong. It ends with ctx. A Monitor never calls it twice at once.
type HealthChecker interface {
	// Name is the key under which the report shows the dependency; it never changes.
	Name() string
	Check(ctx context.Context) error
}

// Fault is the public word for what is wrong with a dependency. The set is closed, so that a public page shows no host,
// user or driver text.
type Fault string

// All the faults there are.
const (
	FaultConnectionRefused   Fault = "Connection refused"
	FaultTimedOut            Fault = "Timed out"
	FaultHostNotFound        Fault = "Host not found"
	FaultTLSFailed           Fault = "TLS failed"
	FaultCredentialsRejected Fault = "Credentials rejected"
	FaultServerError         Fault = "Server error"
	FaultUnreachable         Fault = "Unreachable"
	FaultStorageFull         Fault = "Storage full"
)

// Faults lists every fault.
func Faults() []Fault {
	return []Fault{
		FaultConnectionRefused, FaultTimedOut, FaultHostNotFound, FaultTLSFailed,
		FaultCredentialsRejected, FaultServerError, FaultUnreachable,
		FaultStorageFull,
	}
}

// HealthError is why a check failed: the public word and, for the log, the cause.
type HealthError struct {
	Fault Fault
	cause error
}

// NewHealthError returns an error with a fault and its cause.
func NewHealthError(fault Fault, cause error) *HealthError {
	return &HealthError{Fault: fault, cause: cause}
}

// Error is the unshortened text, for the log.
func (e *HealthError) Error() string {
	if e.cause == nil {
		return string(e.Fault)
	}
	return string(e.Fault) + ": " + e.cause.Error()
}

// Unwrap returns the cause.
func (e *HealthError) Unwrap() error { return e.cause }

// FaultOf returns the public word for a failed check: the HealthError's own if it is one of Faults, Timed out for a
// passed deadline, Unreachable for anything else, and "" for nil.
func FaultOf(err error) Fault {
	var known *HealthError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &known) && (known == nil || !slices.Contains(Faults(), known.Fault)):
		return FaultUnreachable
	case known != nil:
		return known.Fault
	case errors.Is(err, context.DeadlineExceeded):
		return FaultTimedOut
	default:
		return FaultUnreachable
	}
}
