package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

func TestCommandsThatCannotRunSayWhyInASentence(t *testing.T) {
	dir := t.TempDir()
	tests := map[string]struct {
		args []string
		code int
		want string
	}{
		"no command":             {nil, 2, `expected one of "start", "stop", "status", "exec"`},
		"an unknown command":     {[]string{"launch"}, 2, "unexpected argument launch"},
		"an unknown flag":        {[]string{"start", "--fast"}, 2, "unknown flag --fast"},
		"an unknown server":      {[]string{"start", "redis"}, 2, `there is no server "redis": neo4j, postgres, postgrest or gateway`},
		"stop, unknown server":   {[]string{"stop", "redis"}, 2, `there is no server "redis": neo4j, postgres, postgrest or gateway`},
		"exec without a program": {[]string{"exec"}, 2, "a program to run is missing"},
		"exec with -- alone":     {[]string{"exec", "--"}, 2, "a program to run is missing"},
		"exec, unknown program":  {[]string{"exec", "--", filepath.Join(dir, "none")}, 2, "no such file or directory"},
		"start without .env":     {[]string{"start"}, 1, "`make run` or `journey-api init` makes one"},
		"stop with no servers":   {[]string{"stop"}, 0, "no servers were started here"},
		"status with no servers": {[]string{"status"}, 0, "no servers were started here"},
		"help":                   {[]string{"--help"}, 0, "Start the servers and return when they are ready"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			flags := []string{"--env", filepath.Join(dir, ".env"), "--state-dir", filepath.Join(dir, ".stack")}
			code := run(t.Context(), append(flags, test.args...), &stdout, &stderr)
			said := stderr.String()
			if test.code == 0 {
				said = stdout.String()
			}
			if code != test.code || !strings.Contains(said, test.want) {
				t.Errorf("code %d, %q; want %d, %q", code, said, test.code, test.want)
			}
		})
	}
}
