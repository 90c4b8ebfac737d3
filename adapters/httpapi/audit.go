package httpapi

import (
	"log/slog"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/journey-os/journey-api/core"
)

// audit writes that a known caller was refused: who, what, and, across tenants, whose. It holds ids alone.
func (s *Server) audit(c *fiber.Ctx, x *exchange) {
	ctx := c.UserContext()
	if x.caller == nil || x.route == nil || !s.log.Enabled(ctx, slog.LevelWarn) {
		return
	}
	record := slog.NewRecord(time.Now(), slog.LevelWarn, "access refused", 0)
	record.AddAttrs(slog.String("correlation_id", string(x.correlationID)))
	record.AddAttrs(x.traceAttrs(nil)...)
	record.AddAttrs(
		slog.String("user_id", x.caller.Subject),
		slog.String("role", string(x.caller.Role)),
		slog.String("institution_id", x.caller.InstitutionID),
		slog.String("method", c.Method()),
		slog.String("route", x.route.Path),
		slog.String("reason", string(x.failure.Reason)),
	)
	if x.failure.Reason == core.ReasonInstitutionMismatch {
		record.AddAttrs(slog.String("requested_institution_id", idOrNothing(x.institution)))
	}
	_ = s.log.Handle(ctx, record) // a log that can't be written has nobody left to tell
}

// idOrNothing keeps what is no id out of the log: the caller chose it.
func idOrNothing(text string) string {
	id, ok := core.ParseCorrelationID(text) // the same letters, the same length
	if !ok {
		return ""
	}
	return string(id)
}
