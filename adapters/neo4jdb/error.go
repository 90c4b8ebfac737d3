package neo4jdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports/masking"
)

// retryAfter is the Retry-After while Neo4j is unavailable.
const retryAfter = time.Second

// mapError maps a driver's error for a call with ctx to the errors that Read documents, without the password.
func mapError(ctx context.Context, err error, password string) error {
	var (
		known  *core.Error
		server *neo4j.Neo4jError
	)
	if err == nil || errors.As(err, &known) {
		return err
	}
	shown := makeUnwrappable(err)
	switch {
	case errors.As(shown, &known):
		return known
	case errors.As(shown, &server) && server.Code == "Neo.ClientError.Schema.ConstraintValidationFailed":
		// The server's message quotes the value.
		return core.NewConflictError("It conflicts with what is already there").WithCause(errors.New(server.Code))
	case errors.Is(ctx.Err(), context.Canceled):
		return fmt.Errorf("neo4j: %w", ctx.Err())
	case isUnavailable(server, shown), errors.Is(ctx.Err(), context.DeadlineExceeded):
		return core.NewUnavailableError(core.ReasonDependencyUnavailable, "A dependency is unavailable", retryAfter).
			WithCause(fmt.Errorf("neo4j: %w", masking.Error(shown, password)))
	default:
		return fmt.Errorf("neo4j: %w", masking.Error(err, password))
	}
}

// isUnavailable reports whether Neo4j, or the connection to it, failed; server is nil if it sent no error.
func isUnavailable(server *neo4j.Neo4jError, err error) bool {
	if server != nil {
		return server.HasSecurityCode() || server.IsRetriable() ||
			strings.HasPrefix(server.Code, "Neo.ClientError.Transaction.TransactionTimedOut") ||
			server.Code == "Neo.ClientError.Transaction.Terminated" ||
			server.Code == "Neo.ClientError.Transaction.LockClientStopped"
	}
	return isNetwork(err)
}

func isNetwork(err error) bool {
	var (
		connectivity *neo4j.ConnectivityError
		network      net.Error
	)
	return errors.As(err, &connectivity) || errors.As(err, &network) || errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.DeadlineExceeded)
}
