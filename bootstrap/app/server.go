package app

import (
	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/adapters/httpapi"
)

func newServer(version string, settings config.Settings, dependencies httpapi.Dependencies, engines []Engine) (*httpapi.Server, error) {
	var routes []httpapi.Routes
	for _, engine := range engines {
		if engine.Routes != nil {
			routes = append(routes, engine.Routes)
		}
	}
	return httpapi.New(serverConfig(version, settings), dependencies, routes...)
}

func serverConfig(version string, settings config.Settings) httpapi.Config {
	http := settings.HTTP
	return httpapi.Config{
		Version:           version,
		CORSOrigins:       http.CORSOrigins,
		CORSHeaders:       http.CORSHeaders,
		TrustedProxies:    http.TrustedProxies,
		DocsEnabled:       http.DocsEnabled,
		Development:       settings.Environment == config.Development,
		MaxBodyBytes:      http.MaxBodyBytes,
		MaxHeaderBytes:    http.MaxHeaderBytes,
		MaxInFlight:       http.MaxInFlight,
		RateLimit:         http.RateLimit,
		FailedSignInLimit: http.FailedSignInLimit,
		RequestTimeout:    http.RequestTimeout,
		ReadTimeout:       http.ReadTimeout,
		WriteTimeout:      http.WriteTimeout,
		IdleTimeout:       http.IdleTimeout,
	}
}

// MostMemory is how much memory callers can make the service hold by these settings, in bytes; see httpapi.Config.
func MostMemory(settings config.Settings) int { return serverConfig("", settings).MostMemory() }

// OpenAPI is the document of every route, as JSON. It needs no settings and nothing outside.
func OpenAPI(version string) ([]byte, error) {
	settings := config.Settings{HTTP: config.HTTP{DocsEnabled: true}}
	server, err := newServer(version, settings, httpapi.Dependencies{}, Engines(Resources{}))
	if err != nil {
		return nil, err
	}
	return server.OpenAPI()
}
