package cli

import (
	"fmt"

	"github.com/journey-os/journey-api/bootstrap/app"
)

type configCommand struct{}

// Run prints the settings in force with their consequences, or their faults.
func (configCommand) Run(p Process, line *commandLine) error {
	loaded, err := load(p, line)
	if err != nil {
		return err
	}
	for _, warning := range loaded.Warnings {
		_, _ = fmt.Fprintln(p.Stderr, "warning: "+warning.String())
	}
	_, err = fmt.Fprintf(p.Stdout, "%s\nMemory that callers can make it hold: %d MiB\n", loaded.Table(), app.MostMemory(loaded.Settings)>>20)
	return written(err)
}
