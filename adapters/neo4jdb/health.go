package neo4jdb

import (
	"context"
	"errors"
	"fmt"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/ports"
	"github.com/journey-os/journey-api/ports/masking"
	"github.com/journey-os/journey-api/ports/netfault"
)

var _ ports.HealthChecker = (*Client)(nil)

// Name is "neo4j".
func (c *Client) Name() string { return "neo4j" }

// Check runs `RETURN 1 AS ok` (STORY-ST-1, section 4) on the configured database, once: a transient fault is a fault.
// It tries again only if the connection broke: after a restart of the server the pooled connections are dead, the
// driver drops all of them with the first, and a new one shows the true state. A peer that answers in another protocol
// than Bolt is a server error.
func (c *Client) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	err := c.attempt(ctx)
	if core.FaultOf(err) == core.FaultUnreachable && ctx.Err() == nil {
		err = c.attempt(ctx)
	}
	return err
}

func (c *Client) attempt(ctx context.Context) error {
	if err := c.ask(ctx); err != nil {
		shown := makeUnwrappable(err)
		return core.NewHealthError(fault(ctx, shown), fmt.Errorf("neo4j: %w", masking.Error(shown, c.password)))
	}
	return nil
}

func (c *Client) ask(ctx context.Context) error {
	session, release := c.session(ctx, neo4j.AccessModeRead)
	defer release()
	result, err := session.Run(ctx, "RETURN 1 AS ok", nil)
	if err != nil {
		return err
	}
	record, err := result.Single(ctx)
	if err != nil {
		return err
	}
	if answer, _ := record.Get("ok"); answer != int64(1) {
		return fmt.Errorf("RETURN 1 AS ok answered %v", answer)
	}
	return nil
}

func fault(ctx context.Context, err error) core.Fault {
	var (
		server *neo4j.Neo4jError
		usage  *neo4j.UsageError // how the driver calls a peer that speaks something else
	)
	switch {
	case errors.As(err, &server) && server.HasSecurityCode():
		return core.FaultCredentialsRejected
	case errors.As(err, &server), errors.As(err, &usage):
		return core.FaultServerError
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return core.FaultTimedOut
	case isNetwork(err), ctx.Err() != nil:
		if word := netfault.Of(err); word != core.FaultUnreachable || !isHandshake(err) {
			return word
		}
		return core.FaultTLSFailed
	default:
		return core.FaultServerError
	}
}
