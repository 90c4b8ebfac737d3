// Command journey-api is the service: it reads the settings, builds the adapters, hands them to one another and runs
// them. See the README for what it answers, and `journey-api --help` for its subcommands.
package main

import (
	"io"
	"os"
	"strings"
)

// version is stamped in when the binary is built: -ldflags "-X main.version=1.2.3".
var version = "0.0.0-unstamped"

// The exit codes of every subcommand.
const (
	exitOK       = 0
	exitCouldNot = 1
	exitUsage    = 2
)

// process is what the operating system gives a program.
type process struct {
	arguments      []string
	environment    map[string]string
	stdout, stderr io.Writer
}

func main() {
	environment := map[string]string{}
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		environment[name] = value
	}
	os.Exit(execute(process{
		arguments: os.Args[1:], environment: environment, stdout: os.Stdout, stderr: os.Stderr,
	}))
}
