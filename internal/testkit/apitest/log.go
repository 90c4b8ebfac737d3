package apitest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/internal/testkit/process"
	"github.com/journey-os/journey-api/internal/testkit/wait"
)

// Log is what the service logs.
type Log struct{ process.Output }

// Lines decodes every line written so far.
func (l *Log) Lines(t *testing.T) []map[string]any {
	t.Helper()
	var lines []map[string]any
	for line := range strings.Lines(l.String()) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatalf("no JSON line: %v in %q", err, line)
		}
		lines = append(lines, fields)
	}
	return lines
}

// Line waits for the line with this correlation id: a line of a socket fault may come after its reply.
func (a *API) Line(id string) map[string]any {
	a.t.Helper()
	var found map[string]any
	if !wait.For(func() bool {
		for _, line := range a.Log.Lines(a.t) {
			if line["correlation_id"] == id {
				found = line
			}
		}
		return found != nil
	}) {
		a.t.Fatalf("no log line for %q in:\n%s", id, a.Log)
	}
	return found
}
