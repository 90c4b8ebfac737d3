// Package debughttp serves profiles of the running service, and changes its log level. It asks for no credentials, so
// it is for a listener on loopback, and it refuses what a web page in a browser on that machine could send.
package debughttp

import (
	"log/slog"
	"net/http"
	"net/http/pprof" // it registers with http.DefaultServeMux as well, which nothing serves: the linter bans that
)

// Config configures the handler. Everything is required.
type Config struct {
	// Level is the level of the log.
	Level *slog.LevelVar
	// LevelChanged is called for each change, by one goroutine at a time.
	LevelChanged func(before, after slog.Level)
}

// New makes the handler: /debug/pprof/ as net/http/pprof has it, and GET and PUT /log-level.
func New(config Config) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("POST /debug/pprof/symbol", pprof.Symbol) // go tool pprof asks for many addresses at once
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	level := &logLevel{level: config.Level, changed: config.LevelChanged}
	mux.HandleFunc("GET /log-level", level.show)
	mux.HandleFunc("PUT /log-level", level.change)
	return guard(mux)
}
