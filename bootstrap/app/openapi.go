package app

import (
	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/adapters/httpapi"
)

// OpenAPI is the document of every route, as JSON. It needs no settings and nothing outside.
func OpenAPI(version string) ([]byte, error) {
	settings := config.Settings{HTTP: config.HTTP{DocsEnabled: true}}
	server, err := newServer(version, settings, httpapi.Dependencies{}, Engines(Dependencies{}))
	if err != nil {
		return nil, err
	}
	return server.OpenAPI()
}
