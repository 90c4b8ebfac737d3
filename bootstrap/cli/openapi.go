package cli

import (
	"fmt"

	"github.com/journey-os/journey-api/bootstrap/app"
)

type openapiCommand struct{}

// Run prints the document of the service that serve runs.
func (openapiCommand) Run(p Process) error {
	document, err := app.OpenAPI(p.Version)
	if err != nil {
		return failf("%v", err)
	}
	_, err = fmt.Fprintln(p.Stdout, string(document))
	return written(err)
}
