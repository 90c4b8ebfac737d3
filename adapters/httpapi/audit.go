package httpapi

import (
	"errors"
	"log/slog"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/journey-os/journey-api/core"
)

// auditRefusal logs that a known caller was refused: who, what, why and whose. A record of another institution is
// refused with the 404 of one that does not exist; this line tells the two apart. It holds ids alone.
func (s *Server) auditRefusal(c *fiber.Ctx, x *exchange) {
	reason := x.failure.Reason
	refusal, isRecord := errors.AsType[*core.RecordRefusal](x.failure)
	if isRecord {
		reason = refusal.Reason
	}
	ctx := c.UserContext()
	isRefusal := isRecord || x.failure.Code == core.CodeForbidden
	if !isRefusal || x.caller == nil || x.route == nil || !s.log.Enabled(ctx, slog.LevelWarn) {
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
		slog.String("reason", string(reason)),
	)
	institution := x.institution
	if isRecord {
		record.AddAttrs(slog.String("requested_student_id", idOrNothing(refusal.Record.StudentID)))
		institution = refusal.Record.InstitutionID
	}
	if reason == core.ReasonInstitutionMismatch {
		record.AddAttrs(slog.String("requested_institution_id", idOrNothing(institution)))
	}
	_ = s.log.Handle(ctx, record) // a log that can't be written has nobody left to tell
}

// idOrNothing keeps what is no id out of the log: the caller may have chosen it.
func idOrNothing(text string) string {
	if !core.IsID(text) {
		return ""
	}
	return text
}
