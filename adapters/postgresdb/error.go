package postgresdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports/masking"
	"github.com/journey-os/journey-api/ports/netfault"
)

// retryAfter is the Retry-After while the database is unavailable.
const retryAfter = time.Second

// Codes of PostgreSQL (its manual, appendix A).
const (
	codeUniqueViolation  = "23505"
	codeSerialization    = "40001"
	codeDeadlock         = "40P01"
	codeDiskFull         = "53100"
	codePrivilege        = "42501"
	classConnection      = "08"
	classAuthentication  = "28"
	classResources       = "53"
	classIntervention    = "57"
	classSystem          = "58"
	codeAdminShutdown    = "57P01"
	codeCrashShutdown    = "57P02"
	codeReadOnly         = "25006"
	codeIdleTransaction  = "25P03"
	codeTransactionTimed = "25P04"
)

func codeOf(err error) string {
	if server, ok := errors.AsType[*pgconn.PgError](err); ok {
		return server.Code
	}
	return ""
}

// isConflict reports whether a transaction conflicted with another one, so that a retry can succeed.
func isConflict(err error) bool {
	switch codeOf(err) {
	case codeUniqueViolation, codeSerialization, codeDeadlock:
		return true
	}
	return errors.Is(err, errTakenMeanwhile)
}

// mapError maps a driver's error to the errors that the ports document.
func (s *Store) mapError(err error) error {
	if err == nil {
		return nil
	}
	if known, ok := errors.AsType[*core.Error](err); ok && known != nil {
		return err
	}
	cause := fmt.Errorf("database: %w", masking.Error(err, s.password))
	switch {
	case codeOf(err) == codeDiskFull:
		return core.NewUnavailableError(core.ReasonDependencyUnavailable, "The storage is full", retryAfter).WithCause(cause)
	case isUnavailable(err):
		return core.NewUnavailableError(core.ReasonDependencyUnavailable, "A dependency is unavailable", retryAfter).WithCause(cause)
	default:
		return cause
	}
}

// isUnavailable reports whether PostgreSQL, a pooler or the connection to them failed.
func isUnavailable(err error) bool {
	if code := codeOf(err); code != "" {
		for _, class := range []string{classConnection, classAuthentication, classResources, classIntervention, classSystem} {
			if strings.HasPrefix(code, class) {
				return true
			}
		}
		return isConflict(err) || code == codePrivilege || code == codeReadOnly || code == codeIdleTransaction || code == codeTransactionTimed
	}
	if errors.Is(err, context.Canceled) {
		return false
	}
	_, isNetwork := errors.AsType[net.Error](err)
	_, isConnect := errors.AsType[*pgconn.ConnectError](err)
	return isNetwork || isConnect || isConflict(err) || isClosed(err) || errors.Is(err, context.DeadlineExceeded)
}

// isLost reports whether an open connection was lost, rather than one that could not be opened.
func isLost(err error) bool {
	_, isConnect := errors.AsType[*pgconn.ConnectError](err)
	return !isConnect && (codeOf(err) == codeAdminShutdown || codeOf(err) == codeCrashShutdown || codeOf(err) == "" && isUnavailable(err))
}

// isClosed recognises a connection that was closed during a statement; the driver's own errors for it have no type.
func isClosed(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		strings.Contains(err.Error(), "conn closed") || strings.Contains(err.Error(), "closed pool")
}

// fault returns the public word for a failed check.
func fault(err error) core.Fault {
	code := codeOf(err)
	switch {
	case code == codeDiskFull:
		return core.FaultStorageFull
	case strings.HasPrefix(code, classAuthentication), code == codePrivilege:
		return core.FaultCredentialsRejected
	case code != "":
		return core.FaultServerError
	default:
		return netfault.Of(err)
	}
}
