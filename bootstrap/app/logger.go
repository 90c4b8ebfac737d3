package app

import (
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/adapters/jwtauth/keyring"
	"github.com/journey-os/journey-api/core/health"
)

// logger is the log with its level, which may change while the service runs.
type logger struct {
	*slog.Logger
	level *slog.LevelVar
}

// newLogger returns a logger that writes one line an event: JSON, or text for a terminal.
func newLogger(w io.Writer, settings config.Log) logger {
	level := &slog.LevelVar{}
	level.Set(settings.Level)
	options := &slog.HandlerOptions{Level: level}
	if settings.Format == "text" {
		return logger{slog.New(slog.NewTextHandler(w, options)), level}
	}
	return logger{slog.New(slog.NewJSONHandler(w, options)), level}
}

// levelChanged writes its line at any level, so that a log that becomes silent says why.
func (l logger) levelChanged(before, after slog.Level) {
	l.always(slog.LevelInfo, "log level changed", slog.String("old", before.String()), slog.String("new", after.String()))
}

// linesDropped writes its line at any level, since lines of every level were dropped.
func (l logger) linesDropped(lines uint64) {
	l.always(slog.LevelWarn, "log lines were dropped", slog.Uint64("lines", lines))
}

func (l logger) always(level slog.Level, message string, attrs ...slog.Attr) {
	record := slog.NewRecord(time.Now(), level, message, 0)
	record.AddAttrs(attrs...)
	_ = l.Handler().Handle(context.Background(), record)
}

// logKeyEndpoint logs each change of the state of fetching the project's keys.
func logKeyEndpoint(log *slog.Logger, state keyring.EndpointState, fault keyring.Fault) {
	if fault == "" {
		log.Info("signing keys", "state", string(state))
		return
	}
	attrs := []any{"state", string(state), "fault", string(fault)}
	if fault == keyring.FaultGateway {
		attrs = append(attrs, "remedy", "let GET "+keysPath+" through the gateway without an API key, or set JWT_ALGORITHMS=HS256 if the project signs with a shared secret alone")
	}
	log.Warn("signing keys", attrs...)
}

// logIgnoredKey logs that a published key can't be used.
func logIgnoredKey(log *slog.Logger, key keyring.IgnoredKey) {
	log.Warn("signing key ignored", "kid", key.ID, "reason", "it "+key.Why)
}

// logDependency logs a dependency's first state and each change of it, with the full cause.
func logDependency(log *slog.Logger, dependency health.Dependency) {
	if dependency.Status == health.StatusOK {
		log.Info("dependency is up", "dependency", dependency.Name, "latency_ms", float64(dependency.Latency.Microseconds())/1000)
		return
	}
	log.Warn("dependency is down", "dependency", dependency.Name, "fault", string(dependency.Fault), "error", dependency.Cause.Error())
}
