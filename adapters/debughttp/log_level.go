package debughttp

import (
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	// maxLevelBytes bounds a body: the longest word with white space around it.
	maxLevelBytes = 64
	// bodyTimeout bounds how long a body may take to arrive.
	bodyTimeout = 5 * time.Second
)

// logLevel shows and changes the level of the log.
type logLevel struct {
	level   *slog.LevelVar
	changed func(before, after slog.Level)
	// lock serialises changes, so that each reports the level before it.
	lock sync.Mutex
}

func (l *logLevel) show(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, l.level.Level().String()+"\n")
}

func (l *logLevel) change(w http.ResponseWriter, r *http.Request) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTimeout)) // one that can't have any needs none
	body, err := io.ReadAll(io.LimitReader(r.Body, maxLevelBytes+1))
	level, known := levelNamed(string(body))
	if err != nil || len(body) > maxLevelBytes || !known {
		http.Error(w, "The body is one of DEBUG, INFO, WARN and ERROR", http.StatusBadRequest)
		return
	}
	l.set(level)
	l.show(w, r)
}

func (l *logLevel) set(level slog.Level) {
	l.lock.Lock()
	defer l.lock.Unlock()
	before := l.level.Level()
	l.level.Set(level)
	if before != level {
		l.changed(before, level)
	}
}

// levelNamed returns the level with a name of LOG_LEVEL.
func levelNamed(word string) (level slog.Level, known bool) {
	switch strings.ToUpper(strings.TrimSpace(word)) {
	case "DEBUG":
		return slog.LevelDebug, true
	case "INFO":
		return slog.LevelInfo, true
	case "WARN", "WARNING":
		return slog.LevelWarn, true
	case "ERROR":
		return slog.LevelError, true
	default:
		return 0, false
	}
}
