// Command journey-api is the service. See the README for its routes, and `journey-api --help` for its subcommands.
package main

import (
	"os"
	"strings"

	"github.com/journey-os/journey-api/bootstrap/cli"
)

// version is stamped in when the binary is built: -ldflags "-X main.version=1.2.3".
var version = "0.0.0-unstamped"

func main() {
	environment := map[string]string{}
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		environment[name] = value
	}
	os.Exit(cli.Execute(cli.Process{
		Arguments: os.Args[1:], Environment: environment, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Version: version,
	}))
}
