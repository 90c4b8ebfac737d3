package jobs

import (
	"context"
	"log/slog"
)

// quiet passes on River's log lines one level lower, except errors: River logs each start and stop as Info, and what it
// repairs by itself as Warn. The queue logs failed jobs, with their kind and key.
type quiet struct{ slog.Handler }

// Enabled reports whether a line of that level is logged.
func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return q.Handler.Enabled(ctx, lowered(level))
}

// Handle writes a line.
func (q quiet) Handle(ctx context.Context, line slog.Record) error {
	line.Level = lowered(line.Level)
	if !q.Handler.Enabled(ctx, line.Level) {
		return nil
	}
	return q.Handler.Handle(ctx, line)
}

// WithAttrs returns one with more attributes.
func (q quiet) WithAttrs(attributes []slog.Attr) slog.Handler {
	return quiet{q.Handler.WithAttrs(attributes)}
}

// WithGroup returns one that groups what follows.
func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name)} }

func lowered(level slog.Level) slog.Level {
	switch {
	case level >= slog.LevelError:
		return slog.LevelWarn
	case level >= slog.LevelWarn:
		return slog.LevelInfo
	default:
		return slog.LevelDebug
	}
}
