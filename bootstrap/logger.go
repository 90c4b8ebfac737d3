package main

import (
	"io"
	"log/slog"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/adapters/jwtauth"
	"github.com/journey-os/journey-api/core"
)

// newLogger writes one line an event: JSON, or text for a terminal.
func newLogger(w io.Writer, settings config.Log) *slog.Logger {
	options := &slog.HandlerOptions{Level: settings.Level}
	if settings.Format == "text" {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

// logKeyEndpoint writes each change of how fetching the project's keys goes.
func logKeyEndpoint(log *slog.Logger, state jwtauth.KeyEndpointState, fault jwtauth.KeyFault) {
	if fault == "" {
		log.Info("signing keys", "state", string(state))
		return
	}
	log.Warn("signing keys", "state", string(state), "fault", string(fault))
}

// logIgnoredKey writes that a published key can't be used.
func logIgnoredKey(log *slog.Logger, key jwtauth.IgnoredKey) {
	log.Warn("signing key ignored", "kid", key.ID, "reason", "it "+key.Why)
}

// logDependency writes a dependency's first state and each change of it, with the unshortened cause.
func logDependency(log *slog.Logger, dependency core.Dependency) {
	if dependency.Status == core.StatusOK {
		log.Info("dependency is up", "dependency", dependency.Name, "latency_ms", float64(dependency.Latency.Microseconds())/1000)
		return
	}
	log.Warn("dependency is down", "dependency", dependency.Name, "fault", string(dependency.Fault), "error", dependency.Cause.Error())
}
