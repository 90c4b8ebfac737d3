package cli

import "fmt"

type configCommand struct{}

// Run prints the settings in force, or what is wrong with them.
func (configCommand) Run(p Process, line *commandLine) error {
	loaded, err := load(p, line)
	if err != nil {
		return err
	}
	for _, warning := range loaded.Warnings {
		_, _ = fmt.Fprintln(p.Stderr, "warning: "+warning.String())
	}
	_, err = fmt.Fprint(p.Stdout, loaded.Table())
	return written(err)
}
