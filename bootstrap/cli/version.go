package cli

import "fmt"

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(p Process) error {
	_, err := fmt.Fprintln(p.Stdout, p.Version)
	return written(err)
}
